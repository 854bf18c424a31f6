"""Vertices that a border got in mid-edge, put into every other polygon that has the edge."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from gis.chain import Edges, edges, pack
from gis.errors import CoverageError
from gis.lattice import SCALE, Geometries, as_array

Point = tuple[int, int]
Insertions = Mapping[tuple[Point, Point], tuple[Point, ...]]
"""For a directed edge a→b the vertices between a and b, in its direction."""

NEAR = 1.0
"""Lattice units that a vertex may lie off the edge it is put into; of several put in one after another, each may lie
that far off the edge as it was then."""


def insertions(old: Any, new: Any) -> Insertions:
    """What was inserted into the lattice polygon `old` to make `new`, both ways round.

    Raises CoverageError (`not_noded`) where `new` differs by more than vertices in mid-edge.
    """
    before, after = edges(old), edges(new)
    keys_before, keys_after = _keys(before), _keys(after)
    gone = before[~np.isin(keys_before, keys_after)]
    come = after[~np.isin(keys_after, keys_before)]
    onward: dict[Point, list[Point]] = {}
    for a, b in zip(_points(come.a), _points(come.b), strict=True):
        onward.setdefault(a, []).append(b)
    found: dict[tuple[Point, Point], tuple[Point, ...]] = {}
    used = 0
    for a, b in zip(_points(gone.a), _points(gone.b), strict=True):
        between = _between(a, b, onward)
        if between is None:
            raise _not_noded(a)
        used += len(between) + 1
        found[a, b] = between
        found[b, a] = between[::-1]
    if used != len(come):
        raise _not_noded(_points(come.a)[0])
    return found


def is_noded(old: Any, new: Any) -> bool:
    """Whether a lattice polygon is another but for vertices in mid-edge."""
    try:
        insertions(old, new)
    except CoverageError:
        return False
    return True


def insert(polygons: object, inserted: Insertions) -> tuple[Geometries, list[int]]:
    """The lattice polygons with the vertices put in, and the positions of those that changed.

    Raises CoverageError (`not_noded`) where a polygon does not stay valid.
    """
    array = as_array(polygons).copy()
    starts = {a for a, _b in inserted}
    changed = []
    for i, polygon in enumerate(array):
        if polygon is None or polygon.is_empty:
            continue
        parts = [_with(part, inserted, starts) for part in shapely.get_parts(polygon)]
        if all(part is None for part in parts):
            continue
        whole = [new if new is not None else old for new, old in zip(parts, shapely.get_parts(polygon), strict=True)]
        array[i] = whole[0] if len(whole) == 1 else shapely.multipolygons(whole)
        if not shapely.is_valid(array[i]):
            x, y = shapely.get_coordinates(polygon)[0].tolist()
            raise _not_noded((int(x), int(y)))
        changed.append(i)
    return array, changed


def _with(part: Any, inserted: Insertions, starts: set[Point]) -> Any:
    """The part with the vertices put in; None where it has none of the edges."""
    rings = [_ring(ring, inserted, starts) for ring in (part.exterior, *part.interiors)]
    if all(ring is None for ring in rings):
        return None
    whole = [
        new if new is not None else shapely.get_coordinates(old)
        for new, old in zip(rings, (part.exterior, *part.interiors), strict=True)
    ]
    return shapely.Polygon(whole[0], whole[1:])


def _ring(ring: Any, inserted: Insertions, starts: set[Point]) -> list[Point] | None:
    points = _points(shapely.get_coordinates(ring).astype(np.int64))
    result: list[Point] = []
    for a, b in pairwise(points):
        result.append(a)
        if a in starts:
            result.extend(inserted.get((a, b), ()))
    result.append(points[-1])
    return result if len(result) > len(points) else None


def _between(a: Point, b: Point, onward: Mapping[Point, list[Point]]) -> tuple[Point, ...] | None:
    """The vertices on the way from a to b along edges that go ahead and keep near the straight line."""
    path: list[Point] = []
    here = a
    while True:
        near = [p for p in onward.get(here, ()) if p == b or _ahead(a, b, here, p)]
        if not near:
            return None
        here = b if b in near else min(near, key=lambda p: (_off(a, b, p), _along(a, b, p)))
        if here == b:
            return tuple(path) if all(_off(a, b, p) <= NEAR * len(path) for p in path) else None
        path.append(here)


def _along(a: Point, b: Point, p: Point) -> int:
    return (p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])


def _ahead(a: Point, b: Point, here: Point, p: Point) -> bool:
    return _along(a, b, p) > _along(a, b, here)


def _off(a: Point, b: Point, p: Point) -> float:
    """Lattice units from p to the line through a and b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    return abs(dx * (p[1] - a[1]) - dy * (p[0] - a[0])) / float(np.hypot(dx, dy))


def _keys(chain: Edges) -> Any:
    """Directed edges as values that compare: both ends, packed."""
    words = np.empty(len(chain), dtype=[("a", np.uint64), ("b", np.uint64)])
    words["a"], words["b"] = pack(chain.a), pack(chain.b)
    return words


def _points(xy: Any) -> list[Point]:
    return [(int(x), int(y)) for x, y in xy.tolist()]


def _not_noded(at: Point) -> CoverageError:
    lon, lat = at[0] / SCALE, at[1] / SCALE
    return CoverageError(
        f"the outline near {lon:.7f}, {lat:.7f} would change by more than vertices in mid-edge: "
        "correct the layer there, or change the boundary by a plan",
        code="not_noded", lon=lon, lat=lat,
    )  # fmt: skip
