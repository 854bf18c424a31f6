"""A foreign file refused, and what a person may do about it, as codes: each door words them by its own fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import DomainError, Refused
from core.gistext import explain
from core.text import Text
from gis.errors import GisError

Code = Literal[
    "city_first", "clean", "clean_names", "code_field", "crs", "decide", "defects", "encoding", "encoding_as",
    "gap_width", "insist_crs", "layer", "merge", "name_field", "nest", "parent", "plan", "root",
    "true_crs",
]  # fmt: skip


@dataclass(frozen=True)
class Remedy:
    """One way to mend a refusal.

    :param params: the values that its wording needs, such as the coordinate system to state.
    """

    code: Code
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As kept in a report."""
        return {"code": self.code, "params": dict(self.params)}


class Refusal(Refused):
    """The file cannot become what it shall, with the text for the person.

    :param remedies: what the person may do about it.
    :param suggested: options that most likely mend it, by their names.
    """

    def __init__(
        self,
        message: str | Text,
        /,
        *,
        remedies: Sequence[Remedy] = (),
        suggested: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(message, **params)
        self.remedies = tuple(remedies)
        self.suggested = suggested or {}


def refusal_of(error: GisError) -> Refusal:
    """An error of the geometry engine as a refusal, with what mends it where an option does."""
    zone, encoding = error.params.get("suggested"), error.params.get("remedy")
    suggested = {"crs": zone} if zone else {"encoding": encoding} if encoding else {}
    return Refusal(explain(error), remedies=_remedies(error), suggested=suggested)


def _remedies(error: GisError) -> tuple[Remedy, ...]:
    if error.code in ("choose_layer", "no_such_layer"):
        return (Remedy("layer"),)
    if error.code == "no_outline":
        return (Remedy("clean"),)
    if error.code == "wrong_encoding":
        likely = error.params.get("remedy")
        return (Remedy("encoding_as", {"encoding": likely}) if likely else Remedy("encoding"),)
    if error.code == "zone_mismatch" and error.params.get("suggested"):
        return (Remedy("crs", {"crs": error.params["suggested"]}),)
    return ()


def report_of(error: DomainError | GisError) -> dict[str, Any]:
    """A refusal as kept with the file: its reason, the single faults and what would mend them, remedies, options."""
    told = refusal_of(error) if isinstance(error, GisError) else error
    parts = (part for objection in told.objections for part in (objection.text, objection.mend) if part)
    remedies, suggested = (told.remedies, told.suggested) if isinstance(told, Refusal) else ((), {})
    return {
        "reason": told.text.to_json(),
        "mend": [part.to_json() for part in parts],
        "remedies": [remedy.as_json() for remedy in remedies],
        "suggested": dict(suggested),
    }
