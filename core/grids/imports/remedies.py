"""What a person may do about a refused import, as codes: each door words them by its own options and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gis.errors import GisError

Code = Literal[
    "city_first", "clean", "clean_names", "code_field", "crs", "decide", "defects", "encoding", "encoding_as",
    "gap_width", "insist_crs", "layer", "merge", "name_field", "nest", "parent", "root", "true_crs",
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


def remedies_of(error: GisError) -> tuple[Remedy, ...]:
    """What mends an error of the geometry engine, where an option of the import does."""
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
