"""A layer drawn in another program, such as QGIS, becomes an operation that holds its outlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import shapely

from core.access.policy import require
from core.db.session import WorkSession
from core.errors import Refused
from core.gistext import explain, explained
from core.grids.called import called
from core.grids.imports.rows import (
    NAME_FIELDS,
    code_field_of,
    field_of,
    plain_text,
    refuse_bad_names,
    refuse_inexact_codes,
    shortened,
)
from core.grids.plans.loading import refuse_many
from core.grids.plans.remedies import remedied
from core.grids.plans.since import newer_than_said
from core.grids.queries import known_grid
from core.grids.reading import load_shapes
from core.grids.views import GridView
from core.intake.framing import doubt, frame
from core.intake.options import ReadOptions
from core.intake.reading import read
from core.text import Text, is_blank
from core.text import noop as _
from gis.coverage import prove
from gis.crossings import refuse_tangles
from gis.formats import Layer
from gis.lattice import from_degrees, to_degrees

PARENT_FIELDS: Final = ("parent", "上级编码", "上级代码")
LEVEL_FIELDS: Final = ("level", "层级", "级别")
SINCE_FIELD: Final = "valid_from"


@dataclass(frozen=True)
class FileOptions(ReadOptions):
    """How a layer is read as the leaves of a grid.

    :param level: of its grids; unset: as its rows say, else that of the leaves that are there.
    """

    level: str | None = None


@dataclass(frozen=True)
class FileOperation:
    """What a file became.

    :param value: the operation, in JSON.
    :param left_out: codes of rows of grids that have others of the file below them: those follow by themselves.
    """

    value: Mapping[str, Any]
    left_out: tuple[str, ...]
    warnings: tuple[Text, ...]


def read_leaves(path: Path, options: FileOptions, *, within_s: int | None = None) -> Layer:
    """The layer of a file, read in a limited process.

    :param within_s: computing time, where somebody waits, who is not to wait long for other files either.
    :raises Refused: where it is none, with what to do.
    """
    with explained():
        return read(path, options, within_s=within_s, patient=within_s is None)


def operation_of(session: WorkSession, parent: str, layer: Layer, options: FileOptions) -> FileOperation:
    """The operation that puts the layer's polygons in the place of the leaves below ``parent``.

    :raises Refused: where its rows cannot be understood, or lie elsewhere.
    """
    place = known_grid(session, parent)
    require(session.actor, "plan.draw", place.path)
    with explained(), remedied():
        outline = load_shapes(session, "s.id = :id", {"id": place.state_id}).polygons[0]
        made = _operation(place, outline, layer, options)
        return replace(made, warnings=(*made.warnings, *_newer(session, layer, options)))


def _operation(parent: GridView, outline: Any, layer: Layer, options: FileOptions) -> FileOperation:
    rows, left_out = _rows(layer, options, parent.code)
    kept = [number for number, row in enumerate(rows) if row["code"] not in left_out]
    _refuse_shapeless(layer, kept)
    refuse_many(layer.geometries[kept])
    framed = frame(layer, options, outline)
    polygons = from_degrees(framed.degrees[kept])
    if not prove(polygons, outline).exact:
        refuse_tangles(polygons)
        doubt(layer, framed, outline, called(parent.code, parent.name))
    degrees = to_degrees(polygons)
    leaves = [
        {name: value for name, value in rows[number].items() if value}
        | {"polygon": shapely.geometry.mapping(degrees[i])}
        for i, number in enumerate(kept)
    ]
    value = {"op": "load", "parent": parent.code, "polygons": leaves}
    return FileOperation(value, tuple(sorted(left_out)), tuple(explain(note) for note in layer.notes))


def _rows(layer: Layer, options: FileOptions, parent: str) -> tuple[list[dict[str, str | None]], set[str]]:
    """What each row says of its grid, and the codes of those that only hold others of the file."""
    code_field = code_field_of(layer, options.code_field)
    refuse_inexact_codes(layer.fields[code_field])
    fields = {
        "code": code_field,
        "name": field_of(layer, options.name_field, NAME_FIELDS, "name_field"),
        "parent": field_of(layer, None, PARENT_FIELDS, "parent"),
        "level": field_of(layer, None, LEVEL_FIELDS, "nest"),
    }
    count = len(layer.geometries)
    columns = {name: _texts(layer.fields[field] if field else [None] * count) for name, field in fields.items()}
    labels = [code or str(number) for number, code in enumerate(columns["code"], 1)]
    refuse_bad_names(labels, columns["name"])
    above = {*columns["parent"], parent} - {""}
    rows = [{name: values[number] or None for name, values in columns.items()} for number in range(count)]
    for row in rows:
        row["level"] = options.level or row["level"]
    return rows, above & set(columns["code"])


def _newer(session: WorkSession, layer: Layer, options: FileOptions) -> list[Text]:
    """A warning where grids were changed after the file was exported: the file would take that back."""
    if SINCE_FIELD not in layer.fields:
        return []
    said = dict(
        zip(_texts(layer.fields[code_field_of(layer, options.code_field)]), layer.fields[SINCE_FIELD], strict=True)
    )
    changed = newer_than_said(session, {code: value for code, value in said.items() if code})
    message = _("These grids were changed after the file was exported, and the file would take that back: %(codes)s")
    return [Text(message, {"codes": shortened(changed)})] if changed else []


def _texts(values: Sequence[Any]) -> list[str]:
    return ["" if is_blank(text) else text for text in map(plain_text, values)]


def _refuse_shapeless(layer: Layer, kept: Sequence[int]) -> None:
    shapeless = [str(number + 1) for number in kept if layer.geometries[number] is None]
    if shapeless:
        raise Refused(_("Rows without a shape: %(rows)s; draw them or take them out"), rows=shortened(shapeless))
