"""The list of a layer's defects with what was decided of each, and the choices made on it, as files beside the upload:
they may be long. Whoever reads or keeps them must be allowed to see the upload.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from core.db.session import WorkSession
from core.grids.imports.uploads import folder_of
from gis.formats.draft import drafted

LIST: Final = "repair.json"
CHOICES: Final = "choices.json"
Row = dict[str, Any]
"""A defect as the list has it."""


def keep_list(folder: Path, found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Keep a list in an upload's folder, or forget the former one where there is none; its token, how long it is."""
    path = folder / LIST
    if found is None:
        path.unlink(missing_ok=True)
        return None
    _write(path, found)
    return {"list": found["list"], "count": len(found["defects"])}


def kept_list(session: WorkSession, key: UUID) -> dict[str, Any] | None:
    """The list of the last check, its texts as ``Text.to_json`` gave them; ``None`` where none was asked for.

    :raises NotFound: where there is no such upload; so do the functions below.
    """
    path = folder_of(session, key) / LIST
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def keep_choices(session: WorkSession, key: UUID, found: Mapping[str, Any], choices: Mapping[int, str]) -> None:
    """Keep choices with the defects that they were made on, so that another list of the same layer can take them over.

    :param choices: by number of a defect of ``found``.
    """
    rows = [
        {**_place(each), "choice": choices[each["number"]]} for each in found["defects"] if each["number"] in choices
    ]
    _write(folder_of(session, key) / CHOICES, rows)


def has_choices(session: WorkSession, key: UUID) -> bool:
    """Whether choices are kept."""
    return bool(_kept(folder_of(session, key)))


def choices_again(session: WorkSession, key: UUID, found: Mapping[str, Any]) -> tuple[dict[int, str], list[Row]]:
    """The kept choices as they fit another list, and those that fit none of its defects.

    A defect is the same where kind and grids are; of several the nearest, and each only once.
    """
    kept = _kept(folder_of(session, key))
    pairs = sorted(
        (_degrees(row, each), n, each["number"])
        for n, row in enumerate(kept)
        for each in found["defects"]
        if _same(row, each) and any(way["choice"] == row["choice"] for way in each["proposals"])
    )
    taken: dict[int, int] = {}
    for _far, n, number in pairs:
        if n not in taken and number not in taken.values():
            taken[n] = number
    gone = [row for n, row in enumerate(kept) if n not in taken]
    return {number: kept[n]["choice"] for n, number in taken.items()}, gone


def _write(path: Path, values: Any) -> None:
    """Wholly or not at all, also where two write at once: the later one stays."""
    with drafted(path) as draft:
        draft.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def _kept(folder: Path) -> list[Row]:
    path = folder / CHOICES
    kept: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return kept


def _place(defect: Mapping[str, Any]) -> Row:
    return {name: defect[name] for name in ("kind", "codes", "names", "lon", "lat")}


def _same(row: Row, other: Mapping[str, Any]) -> bool:
    return bool(row["kind"] == other["kind"] and set(row["codes"]) == set(other["codes"]))


def _degrees(row: Row, other: Mapping[str, Any]) -> float:
    """How far two places lie apart; of what has no place nothing is known."""
    if None in (row["lon"], row["lat"], other["lon"], other["lat"]):
        return 0.0
    return math.hypot(row["lon"] - other["lon"], row["lat"] - other["lat"])
