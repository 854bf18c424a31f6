"""Single vertices of a coverage's borders: moved, put in, taken out, in all polygons that have them at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gis.coverage import is_replacement, is_valid
from gis.edit import Edited
from gis.errors import EditError
from gis.lattice import SCALE, Floats, Geometries, as_array
from gis.noding import Insertions, Point, insert

REACH = 2.0
"""Lattice units within which a place on a border is taken to lie on it."""


def move_vertex(polygons: object, start: Point, end: Point) -> Edited:
    """Move the vertex at `start` to `end` in all lattice polygons given, which are all that have it.

    Raises EditError: `no_vertex`, `on_outline` (the vertex bounds something that was not given: the outline of the
    city stays), `crosses` (a polygon would not stay valid).
    """
    array = as_array(polygons)
    moved = np.asarray(shapely.transform(array, lambda xy: np.where((xy == start).all(axis=1)[:, None], end, xy)))
    return _taken(array, moved, start, end)


def delete_vertex(polygons: object, at: Point) -> Edited:
    """Take the vertex at `at` out of the two lattice polygons whose common border has it.

    Raises EditError: `no_vertex`, `corner` (more than two polygons meet there, or a ring has no other three),
    `on_outline`, `crosses`.
    """
    array = as_array(polygons)
    if len(array) > 2:
        raise _error(at, "corner", "More than two grids meet in this vertex: move it, or merge grids first")
    rings = [_rings(polygon) for polygon in array]
    if any(_stands(ring, at) and shapely.get_num_coordinates(ring) <= 4 for own in rings for ring in own):
        raise _error(at, "corner", "A triangle cannot lose a vertex: move it instead")
    return _taken(array, as_array([without(polygon, at) for polygon in array]), at, at)


def insert_vertex(polygons: object, at: Point) -> Edited:
    """Put a vertex into the edge nearest to `at`, in all lattice polygons given that have the edge.

    It stands on the edge, rounded to the lattice: no border moves by more than a lattice unit. Raises EditError:
    `no_edge` where none runs within two units, `vertex_there` where one stands there already.
    """
    array = as_array(polygons)
    edge = _nearest(array, at)
    if edge is None:
        raise _error(at, "no_edge", "No border runs here: click on one")
    foot = _foot(*edge, at)
    if _stands(array, at) or _stands(array, foot):
        raise _error(at, "vertex_there", "There is a vertex already")
    found: Insertions = {edge: (foot,), edge[::-1]: (foot,)}
    noded, _changed = insert(array, found)
    return Edited(noded, inserted=found)


def _nearest(polygons: Geometries, at: Point) -> tuple[Point, Point] | None:
    best: tuple[float, tuple[Point, Point]] | None = None
    place = shapely.Point(at)
    for polygon in polygons:
        for ring in _rings(polygon):
            xy = shapely.get_coordinates(ring)
            pairs = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1))
            distance: Floats = np.asarray(shapely.distance(pairs, place))
            i = int(np.argmin(distance))
            if distance[i] <= REACH and (best is None or distance[i] < best[0]):
                (ax, ay), (bx, by) = xy[i].tolist(), xy[i + 1].tolist()
                best = float(distance[i]), ((int(ax), int(ay)), (int(bx), int(by)))
    return best[1] if best else None


def _foot(a: Point, b: Point, at: Point) -> Point:
    """The lattice point next to where the edge from a to b comes nearest to `at`."""
    edge = shapely.LineString([a, b])
    foot = edge.interpolate(edge.project(shapely.Point(at)))
    return round(foot.x), round(foot.y)


def _rings(polygon: Any) -> Geometries:
    return as_array(shapely.get_rings(shapely.get_parts(polygon)))


def _stands(geometries: object, at: Point) -> bool:
    """Whether a vertex stands there."""
    return bool((shapely.get_coordinates(as_array(geometries)) == at).all(axis=1).any())


def without(polygon: Any, at: Point) -> Any:
    """The lattice polygon without the vertex, in whichever of its rings."""
    parts = []
    for part in shapely.get_parts(polygon):
        shell, *holes = [_ringwithout(ring, at) for ring in (part.exterior, *part.interiors)]
        parts.append(shapely.Polygon(shell, holes))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _ringwithout(ring: Any, at: Point) -> Any:
    xy = shapely.get_coordinates(ring)[:-1]
    kept = xy[~(xy == at).all(axis=1)]
    return np.concatenate([kept, kept[:1]])


def _taken(before: Geometries, after: Geometries, start: Point, end: Point) -> Edited:
    if not _stands(before, start):
        raise _error(start, "no_vertex", "No border has a vertex here: insert one first")
    if not is_valid(after).all():
        raise _error(
            end, "crosses", "A border would cross another one, or touch it: keep the vertex between its neighbours"
        )
    if not is_replacement(before, after):
        raise _error(
            start, "on_outline", "The vertex lies on the outline of the whole area, which a plan does not move"
        )
    return Edited(shapely.orient_polygons(after))


def _error(at: Point, code: str, message: str) -> EditError:
    return EditError(message, code=code, lon=at[0] / SCALE, lat=at[1] / SCALE)
