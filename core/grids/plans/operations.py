"""What a plan does, as data: the same in the API, on the command line and in the editor.

Coordinates are lon, lat in degrees of CGCS2000. Grids are named by the codes that they bear when the operation's turn
comes, so that a later operation can name what an earlier one bore. For the same reason a draft keeps the codes that
the scheme proposed (``proposed``), and only a rebase may put others in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.errors import Invalid
from core.faults import faults_of
from core.grids.plans.geojson import GeoPolygon
from core.grids.plans.operating import Bearing, Code, Kind, Line, Name, Operation, Place
from core.text import noop as _

MOST_LINES = 1_000
MOST_POLYGONS = 5_000


class Subdivide(Bearing):
    """A leaf gets children of the next level: by lines, or by a net fitted to its outline."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"op": "subdivide", "grid": "131003", "net_m": 3000}]})
    op: Literal["subdivide"]
    grid: Code
    lines: list[Line] | None = Field(
        None, min_length=1, max_length=MOST_LINES, description="Lines that cut it; or `net_m`, one of the two."
    )
    net_m: float | None = Field(
        None, ge=1, le=1_000_000, allow_inf_nan=False, description="Width of a net fitted to its outline, in metres."
    )
    level: str | None = Field(None, description="Of the children; unset: the next below.")
    codes: list[Code] | None = Field(None, description="Of the children as they are numbered; unset: the next free.")
    names: list[Name] | None = Field(None, description="The same for names; unset: proposed.")

    @model_validator(mode="after")
    def _one_way(self) -> Subdivide:
        if (self.lines is None) == (self.net_m is None):
            raise ValueError(_("Give either lines or net_m"))
        return self


class Split(Bearing):
    """A leaf becomes two; the part on the left of the line bears the first code.

    :param names: one that is ``None`` is that of the grid, or proposed for the part that bears another code.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"op": "split", "grid": "131003", "line": [[116.6, 39.4], [116.7, 39.7]], "names": [None, "新区"]}
            ]
        }
    )
    op: Literal["split"]
    grid: Code
    line: Line = Field(description="From outside to outside, or from border to border; it cuts once.")
    codes: tuple[Code, Code] | None = Field(
        None, description="Of the part left of the line and of the other; unset: the grid's own and the next free."
    )
    names: tuple[Name | None, Name | None] | None = Field(
        None, description="The same for names; null: the grid's, or proposed for the part with another code."
    )


class Merge(Operation):
    """Leaves become one, which bears one of their codes or a new one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"op": "merge", "grids": ["91228", "91182"], "code": "91228", "name": "Évry-Courcouronnes"}]
        }
    )
    op: Literal["merge"]
    grids: list[Code] = Field(min_length=2, max_length=1000, description="Neighbours, all leaves of one level.")
    code: Code | None = Field(None, description="One of theirs, which lives on, or a new one; unset: the first.")
    name: Name | None = Field(None, description="Unset: that of the grid that lives on.")
    multipart: bool = Field(False, description="Whether grids that do not touch may become one of several parts.")


class Reshape(Operation):
    """What lies between a line and the border that it crosses twice changes hands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"op": "reshape", "grid": "131003", "line": [[116.6, 39.5], [116.62, 39.52], [116.6, 39.54]]}]
        }
    )
    op: Literal["reshape"]
    grid: Code = Field(description="The grid that gives or gets the strip.")
    line: Line = Field(description="It crosses the grid's border exactly twice.")


class MoveVertex(Operation):
    """A vertex goes elsewhere, in all grids that have it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"op": "move_vertex", "from": [116.6, 39.5], "to": [116.601, 39.5]}]}
    )
    op: Literal["move_vertex"]
    start: Place = Field(alias="from", description="Where the vertex is.")
    end: Place = Field(alias="to", description="Where it goes.")


class InsertVertex(Operation):
    """A border gets a vertex."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"op": "insert_vertex", "at": [116.6, 39.5]}]})
    op: Literal["insert_vertex"]
    at: Place = Field(description="On the border.")


class DeleteVertex(Operation):
    """A border loses a vertex."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"op": "delete_vertex", "at": [116.6, 39.5]}]})
    op: Literal["delete_vertex"]
    at: Place = Field(description="Where the vertex is; where three borders meet none is deleted.")


class Carve(Bearing):
    """An area is taken out of leaves and becomes a grid of its own, such as a campus."""

    borne: ClassVar[str] = "code"
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "op": "carve",
                    "from": ["131003001"],
                    "polygon": {
                        "type": "Polygon",
                        "coordinates": [[[116.6, 39.5], [116.61, 39.5], [116.61, 39.51], [116.6, 39.5]]],
                    },
                    "name": "大学城",
                }
            ]
        }
    )
    op: Literal["carve"]
    sources: list[Code] = Field(
        alias="from", min_length=1, max_length=1000, description="All leaves that the area takes from."
    )
    polygon: GeoPolygon = Field(description="The area as a GeoJSON Polygon or MultiPolygon.")
    kind: Kind = Field("dedicated", description="Kind of the new grid.")
    name: Name = Field(description="Name of the new grid.")
    code: Code | None = Field(None, description="Of the new grid; unset: the next free.")


class Rename(Operation):
    """A grid gets another name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"op": "rename", "grid": "131003", "name": "广阳区"}]})
    op: Literal["rename"]
    grid: Code
    name: Name = Field(description="The new name.")


class Recode(Operation):
    """A grid gets another code; the old one goes on leading to it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"op": "recode", "grid": "46113", "code": "46102"}]})
    op: Literal["recode"]
    grid: Code
    code: Code = Field(description="The new code.")


class Move(Operation):
    """A grid goes under another parent, with all below it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"op": "move", "grid": "17-1", "parent": "20"}]})
    op: Literal["move"]
    grid: Code
    parent: Code = Field(description="A grid of a higher level with grids below it.")


class Retire(Operation):
    """A leaf ends; its area goes to another."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"op": "retire", "grid": "131003002", "into": "131003001"}]}
    )
    op: Literal["retire"]
    grid: Code
    into: Code = Field(description="The neighbour that gets its area.")


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
    polygon: GeoPolygon


class Load(Operation):
    """All leaves below a grid are replaced by those of a layer; a leaf gets them as its children.

    A grid between, named by a row, becomes a leaf again: all below it end.

    :param reverts: a change that the layer takes back: codes of grids that it retired may be borne once more.
    :param drawn_on: state of each leaf that stood there, by the id of its grid: the layer replaces these and no others.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "op": "load",
                    "parent": "131003",
                    "polygons": [
                        {
                            "code": "131003001",
                            "polygon": {
                                "type": "Polygon",
                                "coordinates": [[[116.6, 39.5], [116.61, 39.5], [116.61, 39.51], [116.6, 39.5]]],
                            },
                        }
                    ],
                }
            ]
        }
    )
    op: Literal["load"]
    parent: Code = Field(description="The grid whose leaves are replaced.")
    reverts: UUID | None = Field(None, description="The change that it takes back.")
    drawn_on: dict[str, int] | None = Field(None, description="States of the leaves it replaces, by grid id.")
    polygons: list[Loaded] = Field(min_length=1, max_length=MOST_POLYGONS, description="The leaves that come.")

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
KINDS: Final[tuple[type[Operation], ...]] = (*get_args(Drawn), *get_args(Written))
adapter: Final[TypeAdapter[Any]] = TypeAdapter(AnyOperation)


def parse_operation(value: Mapping[str, Any], pointer: str = "") -> Operation:
    """The operation that JSON describes.

    :param pointer: JSON pointer of the value, for the faults.
    :raises Invalid: with one objection for each fault.
    """
    try:
        operation: Operation = adapter.validate_python(value)
    except ValidationError as error:
        faults = [
            replace(fault, pointer=pointer + fault.pointer.removeprefix(f"/{value.get('op')}"))
            for fault in faults_of(error)
        ]
        raise Invalid(_("The operation cannot be read"), objections=faults) from error
    return operation
