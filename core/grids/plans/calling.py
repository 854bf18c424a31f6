"""What the steps of a plan call the grids that they name: each as it was called just before that step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from core.access.policy import require
from core.db.session import WorkSession
from core.grids.plans.queries import grid_names

_ONE: Final = ("grid", "parent", "into")
_SEVERAL: Final = ("grids", "from")
NAMING: Final = frozenset({*_ONE, *_SEVERAL})
"""Fields of an operation that name grids which live already: by one code, or by several."""


def names_by_step(
    session: WorkSession, operations: Sequence[Mapping[str, Any]], change_id: UUID | None = None
) -> list[dict[str, str]]:
    """Of each step the names of the grids that it names, by code, those included that an earlier step bore or renamed.

    :param operations: in JSON, as a plan holds them.
    :param change_id: the change that came of them; unset: the city as it stands is where they begin.
    """
    require(session.actor, "grid.see")
    names = grid_names(session, {code for operation in operations for code in _codes(operation)}, change_id)
    found = []
    for operation in operations:
        found.append({code: names[code] for code in _codes(operation) if code in names})
        names |= _given(operation, names)
    return found


def _codes(operation: Mapping[str, Any]) -> set[str]:
    """Codes of grids that an operation names."""
    one = {operation[field] for field in _ONE if isinstance(operation.get(field), str)}
    return one | {code for field in _SEVERAL for code in operation.get(field) or () if isinstance(code, str)}


def _given(operation: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Code → name of what an operation bears, or what bears another name or code after it."""
    match operation["op"]:
        case "rename":
            return {operation["grid"]: operation["name"]}
        case "recode":
            return _complete([(operation["code"], names.get(operation["grid"]))])
        case "merge":
            heir = operation["grids"][0]
            code = operation.get("code") or heir
            return _complete([(code, operation.get("name") or names.get(code) or names.get(heir))])
        case "carve":
            return _complete([(operation.get("code"), operation["name"])])
        case "load":
            return _complete((row.get("code"), row.get("name")) for row in operation["polygons"])
    return _complete(zip(operation.get("codes") or (), operation.get("names") or (), strict=False))


def _complete(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """Code → name of those that have both."""
    return {code: name for code, name in pairs if code and name}
