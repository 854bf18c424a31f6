"""What a plan does, as data: the same in the API, on the command line and in the editor.

Coordinates are lon, lat in degrees of CGCS2000. Grids are named by the codes that they bear when the operation's turn
comes, so that a later operation can name what an earlier one bore. For the same reason a draft keeps the codes that
the scheme proposed (``proposed``), and only a rebase may put others in their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.errors import Invalid
from core.faults import faults_of
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
MOST_LINES = 1_000
MOST_POLYGONS = 5_000

Code = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


def _shown(name: str) -> str:
    if is_blank(name) or not is_one_line(name):
        raise ValueError(_("A name is one line, and shows something"))
    return name


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_shown)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Place = tuple[Degrees, Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]]
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


class _Bearing(Operation):
    """One that bears grids.

    :param proposed: whether the scheme proposed the codes in the field ``borne``; ``named`` whether its names were
        proposed with them.
    """

    borne: ClassVar[str] = "codes"
    proposed: bool = False
    named: bool = False

    @property
    def proposed_codes(self) -> tuple[str, ...]:
        codes = getattr(self, self.borne) if self.proposed else None
        return (codes,) if isinstance(codes, str) else tuple(codes or ())

    def unproposed(self) -> Operation:
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


class Subdivide(_Bearing):
    """A leaf gets children of the next level: by lines, or by a net fitted to its outline."""

    op: Literal["subdivide"]
    grid: Code
    lines: list[Line] | None = Field(None, min_length=1, max_length=MOST_LINES)
    net_m: float | None = Field(None, ge=1, le=1_000_000, allow_inf_nan=False)
    level: str | None = None
    codes: list[Code] | None = None
    names: list[Name] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Subdivide:
        if (self.lines is None) == (self.net_m is None):
            raise ValueError(_("Give either lines or net_m"))
        return self


class Split(_Bearing):
    """A leaf becomes two; the part on the left of the line bears the first code.

    :param names: one that is ``None`` is that of the grid, or proposed for the part that bears another code.
    """

    op: Literal["split"]
    grid: Code
    line: Line
    codes: tuple[Code, Code] | None = None
    names: tuple[Name | None, Name | None] | None = None


class Merge(Operation):
    """Leaves become one, which bears one of their codes or a new one."""

    op: Literal["merge"]
    grids: list[Code] = Field(min_length=2, max_length=1000)
    code: Code | None = None
    name: Name | None = None
    multipart: bool = False


class Reshape(Operation):
    """What lies between a line and the border that it crosses twice changes hands."""

    op: Literal["reshape"]
    grid: Code
    line: Line


class MoveVertex(Operation):
    """A vertex goes elsewhere, in all grids that have it."""

    op: Literal["move_vertex"]
    start: Place = Field(alias="from")
    end: Place = Field(alias="to")


class InsertVertex(Operation):
    """A border gets a vertex."""

    op: Literal["insert_vertex"]
    at: Place


class DeleteVertex(Operation):
    """A border loses a vertex."""

    op: Literal["delete_vertex"]
    at: Place


class Carve(_Bearing):
    """An area is taken out of leaves and becomes a grid of its own, such as a campus."""

    borne: ClassVar[str] = "code"
    op: Literal["carve"]
    sources: list[Code] = Field(alias="from", min_length=1, max_length=1000)
    polygon: dict[str, Any]
    kind: Kind = "dedicated"
    name: Name
    code: Code | None = None


class Rename(Operation):
    """A grid gets another name."""

    op: Literal["rename"]
    grid: Code
    name: Name


class Recode(Operation):
    """A grid gets another code; the old one goes on leading to it."""

    op: Literal["recode"]
    grid: Code
    code: Code


class Move(Operation):
    """A grid goes under another parent, with all below it."""

    op: Literal["move"]
    grid: Code
    parent: Code


class Retire(Operation):
    """A leaf ends; its area goes to another."""

    op: Literal["retire"]
    grid: Code
    into: Code


class Loaded(BaseModel):
    """One leaf of a replacement layer.

    :param code: of the grid that goes on with this outline; unset: a grid that is born, with the next free code.
    :param name: unset: the name that the grid has, of one that is born its code.
    :param parent: code of the grid it lies in; unset: as it was, of one that is born the one whose leaves are replaced.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code | None = None
    name: Name | None = None
    parent: Code | None = None
    level: str | None = None
    kind: Kind | None = None
    polygon: dict[str, Any]


class Load(Operation):
    """All leaves below a grid are replaced by those of a layer; a leaf gets them as its children.

    A grid between, named by a row, becomes a leaf again: all below it end.

    :param reverts: a change that the layer takes back: codes of grids that it retired may be borne once more.
    :param drawn_on: state of each leaf that stood there, by the id of its grid: the layer replaces these and no others.
    """

    op: Literal["load"]
    parent: Code
    reverts: UUID | None = None
    drawn_on: dict[str, int] | None = None
    polygons: list[Loaded] = Field(min_length=1, max_length=MOST_POLYGONS)

    def renamed(self, codes: Mapping[str, str]) -> Operation:
        """With other codes for the grids that it and its rows name."""
        rows = [
            row.model_copy(
                update={name: codes.get(code, code) for name in ("code", "parent") if (code := getattr(row, name))}
            )
            for row in self.polygons
        ]
        return super().renamed(codes).model_copy(update={"polygons": rows}) if codes else self


Drawn = Load | Subdivide | Split | Merge | Reshape | MoveVertex | InsertVertex | DeleteVertex | Carve
Written = Rename | Recode | Move | Retire
AnyOperation = Annotated[Drawn | Written, Field(discriminator="op")]
_adapter: TypeAdapter[Any] = TypeAdapter(AnyOperation)


def parse_operation(value: Mapping[str, Any], pointer: str = "") -> Operation:
    """The operation that JSON describes.

    :param pointer: JSON pointer of the value, for the faults.
    :raises Invalid: with one objection for each fault.
    """
    try:
        operation: Operation = _adapter.validate_python(value)
    except ValidationError as error:
        faults = [
            replace(fault, pointer=pointer + fault.pointer.removeprefix(f"/{value.get('op')}"))
            for fault in faults_of(error)
        ]
        raise Invalid(_("The operation cannot be read"), objections=faults) from error
    return operation
