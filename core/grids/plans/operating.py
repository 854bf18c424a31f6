"""What every operation of a plan shares: its words, what may stand in its fields, the codes that it names or bears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from core.grids.codes import LONGEST
from core.grids.imports.rows import LONGEST_NAME
from core.text import Text, is_blank, is_one_line
from core.text import noop as _

WORDS: Final[Mapping[str, str]] = {
    "Subdivide": _("subdivide"), "Split": _("split"), "Merge": _("merge"), "Reshape": _("reshape"),
    "MoveVertex": _("move a vertex"), "InsertVertex": _("insert a vertex"), "DeleteVertex": _("delete a vertex"),
    "Carve": _("carve out"), "Rename": _("rename"), "Recode": _("recode"), "Move": _("move"), "Retire": _("retire"),
    "Load": _("load a layer"),
}  # fmt: skip
"""What people call each kind of operation."""
_NAMING: Final = frozenset({"grid", "grids", "sources", "into", "parent", "code", "codes"})
"""Fields that hold codes."""
MOST_POINTS = 20_000

Code = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


def _shown(name: str) -> str:
    if is_blank(name) or not is_one_line(name):
        raise ValueError(_("A name is one line, and shows something"))
    return name


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME), AfterValidator(_shown)
]
Degrees = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Place = tuple[Degrees, Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]]
Line = Annotated[list[Place], Field(min_length=2, max_length=MOST_POINTS)]


class Operation(BaseModel):
    """One act of a plan."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @property
    def word(self) -> Text:
        """What people call it."""
        return Text(WORDS[self.__class__.__name__])

    def as_json(self) -> dict[str, Any]:
        """As it was given: what was left out stays out."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def renamed(self, codes: Mapping[str, str]) -> Operation:
        """With other codes for the grids that it names."""
        if not codes:
            return self
        changes: dict[str, Any] = {}
        for field in _NAMING & self.model_fields_set:
            named = getattr(self, field)
            if isinstance(named, str):
                changes[field] = codes.get(named, named)
            elif named is not None:
                changes[field] = type(named)(codes.get(code, code) for code in named)
        return self.model_copy(update=changes)

    @property
    def proposed_codes(self) -> tuple[str, ...]:
        """The codes that the scheme proposed for what it bears."""
        return ()

    def unproposed(self) -> Operation:
        """Without the codes and names that were proposed, so that they are proposed anew."""
        return self


class Bearing(Operation):
    """One that bears grids.

    :param proposed: whether the scheme proposed the codes in the field ``borne``; ``named`` whether its names were
        proposed with them.
    """

    borne: ClassVar[str] = "codes"
    proposed: bool = Field(False, description="Kept by the server: the codes were proposed.")
    named: bool = Field(False, description="Kept by the server: the names were proposed.")

    @property
    def proposed_codes(self) -> tuple[str, ...]:
        """Those in the field ``borne``, where they were proposed."""
        codes = getattr(self, self.borne) if self.proposed else None
        return (codes,) if isinstance(codes, str) else tuple(codes or ())

    def unproposed(self) -> Operation:
        """Without what was proposed, names with their codes."""
        news: dict[str, Any] = {"names": None, "named": False} if self.named else {}
        if self.proposed:
            news |= {self.borne: None, "proposed": False}
        return self.model_copy(update=news)

    def settled(self, codes: Sequence[str], names: Sequence[str]) -> Operation:
        """With the codes and names that it got where it brought none."""
        news: dict[str, Any] = {"names": names, "named": True} if getattr(self, "names", None) is None else {}
        if getattr(self, "codes", None) is None:
            news |= {"codes": codes, "proposed": True}
        return self.model_copy(update=news)
