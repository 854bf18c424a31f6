"""A file's layer opened to be drawn: its fields chosen, its coordinate system told or refused, its rows made ready."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from core.intake.framing import frame
from core.intake.options import ReadOptions
from core.intake.refusals import Refusal, Remedy, refusal_of
from core.intake.systems import system_text
from core.intake.turns import turn_to_read
from core.layers.kinds import ABOUT, zoom_of_class
from core.layers.mending import MEMORY_MB, SECONDS, Mender
from core.layers.shapes import Box, Counts, drawn, from_file, placed_near, zoom_of_size
from core.layers.views import MOST_ZOOM, LayerOptions
from core.text import noop as _
from core.text import storable
from gis.crs import Crs, suggest_crs
from gis.drawn import About, Part, Wanted, drawn_in_subprocess
from gis.errors import GisError
from gis.formats import Layer
from gis.lattice import SCALE, SRID, Geometries

NAME, CLASS = "name", "class"
LONGEST: Final = {NAME: 80, CLASS: 40}
TRIED: Final = 500
"""Shapes by which other coordinate systems are tried where none lies near the city."""

Row = tuple[int, int, str | None, str | None, str | None, str]


@dataclass(frozen=True)
class Opened:
    """A layer of a file, opened: what is known of it, and its rows in parts, to be taken once."""

    about: About
    parts: Iterator[Part]
    mender: Mender = field(default_factory=Mender)


@contextmanager
def opened(path: Path, options: LayerOptions, *, within_s: int | None = None, patient: bool = True) -> Iterator[Opened]:
    """Read a foreign file in a limited process; its rows can be taken inside the block.

    :param within_s: computing time, where less than the settings allow; mending may take as much once more.
    :param patient: wait for other files as long as it takes.
    :raises Refusal: when it cannot be read, with what mends it.
    :raises Busy: when another file is being read and the wait for it is over.
    """
    with ExitStack() as stack:
        with turn_to_read(within_s=within_s, patient=patient) as limits:
            reading = drawn_in_subprocess(
                path, options.layer, options.encoding, _wanted(options),
                memory_mb=limits.memory_mb, seconds=limits.seconds,
            )  # fmt: skip
            try:
                about, parts = stack.enter_context(reading)
            except GisError as error:
                raise refusal_of(error) from error
        yield Opened(about, parts, Mender(min(limits.seconds, SECONDS), min(limits.memory_mb, MEMORY_MB)))


def rows(found: Opened, options: LayerOptions, near: Box | None, layer_id: int, counts: Counts) -> Iterator[list[Row]]:
    """Rows of ``layer_feature`` without their ids, some thousands at a time, counting what is left out.

    :param near: the city's box in degrees; without a city everything is kept.
    :raises Refusal: when the coordinate system is missing or cannot be the true one.
    """
    first: tuple[Geometries, Crs] | None = None
    for part in found.parts:
        shapes = from_file(part.wkb, counts)
        first = first or (shapes, _system(found.about, options, shapes, near))
        try:
            placed = placed_near(shapes, first[1], near, counts)
            made = list(_rows(part, placed, options, layer_id, counts, found.mender))
        except GisError as error:
            raise refusal_of(error) from error
        yield made
    if first is not None and near is not None and not counts.kept:
        _doubt(*first, near)


def _wanted(options: LayerOptions) -> Wanted:
    about = ABOUT[options.kind]
    roles = {
        NAME: [options.name_field] if options.name_field else list(about.names),
        CLASS: [options.class_field] if options.class_field else list(about.classes),
    }
    must = [role for role, field in ((NAME, options.name_field), (CLASS, options.class_field)) if field]
    return Wanted({role: names for role, names in roles.items() if names}, list(options.attributes), must)


def _system(about: About, options: LayerOptions, shapes: Geometries, near: Box | None) -> Crs:
    """The coordinate system by the rules of boundary files."""
    box = None
    if near is not None:
        west, south, east, north = (value * SCALE for value in near)
        box = shapely.box(west, south, east, north)
    layer = Layer(about.name, shapes, {}, about.crs, about.encoding, about.notes, about.layers, about.crs_by)
    return frame(layer, ReadOptions(crs=options.crs), box).crs


def _doubt(shapes: Geometries, crs: Crs, near: Box) -> None:
    """Nothing of the layer lies near the city: refuse where some of it does by another system, naming that one."""
    if _any_near(shapes, crs, near):
        return
    left, low, right, high = (float(value) for value in shapely.total_bounds(shapes))
    likely = suggest_crs((left, low, right, high), (near[0] + near[2]) / 2)
    better = next((each for each in likely if _any_near(shapes, each, near)), None)
    if better is not None:
        raise Refusal(
            _("As %(stated)s the layer lies far from the city; it fits as %(better)s"),
            remedies=[Remedy("crs", {"crs": str(better)})],
            suggested={"crs": str(better)},
            stated=system_text(str(crs)),
            better=system_text(str(better)),
        )


def _any_near(shapes: Geometries, crs: Crs, near: Box) -> bool:
    there = shapes[~shapely.is_missing(shapes)]
    some = there[:: max(1, len(there) // TRIED)]
    try:
        tried = placed_near(some.copy(), crs, near, Counts())
    except GisError:
        return False
    return not bool(shapely.is_missing(tried).all())


def _rows(
    part: Part, placed: Geometries, options: LayerOptions, layer_id: int, counts: Counts, mender: Mender
) -> Iterator[Row]:
    kind = ABOUT[options.kind]
    numbered = options.kind == "housenumbers"
    names = _texts(part, NAME)
    if numbered:
        unnamed = ~shapely.is_missing(placed) & np.array([name is None for name in names], dtype=bool)
        counts.left_out["unnamed"] += int(unnamed.sum())
        placed[unnamed] = None
    shapes = drawn(placed, kind.families, as_points=numbered, counts=counts, mender=mender)
    left = np.flatnonzero(~shapely.is_missing(shapes))
    counts.kept += len(left)
    if not len(left):
        return
    counts.widen(shapes[left])
    classes = _texts(part, CLASS)
    zooms = zoom_of_size(shapes) if kind.by_size else np.zeros(len(shapes), dtype=np.int64)
    hexes = shapely.to_wkb(shapely.set_srid(shapes[left], SRID), hex=True, include_srid=True)
    for at, wkb in zip(left.tolist(), hexes, strict=True):
        zoom = min(max(int(zooms[at]), zoom_of_class(options.kind, classes[at])), MOST_ZOOM)
        yield layer_id, zoom, names[at], classes[at], _attributes(part, options.attributes, at), str(wkb)


def _texts(part: Part, role: str) -> list[str | None]:
    """The values of a role as texts in one line; ``None`` where there is none."""
    values = part.columns.get(role)
    if values is None:
        return [None] * len(part.wkb)
    return [_text(value, LONGEST[role]) for value in values]


def _text(value: Any, longest: int) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(storable(str(value)).split())[:longest] or None


def _attributes(part: Part, fields: Sequence[str], at: int) -> str | None:
    if not fields:
        return None
    values = {name: part.columns[name][at] for name in fields}
    kept = {name: storable(value) if isinstance(value, str) else value for name, value in values.items()}
    return json.dumps(kept, ensure_ascii=False)
