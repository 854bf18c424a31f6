"""How often lines cross, asked before they are noded: the work of that grows with the crossings, not the lines."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.beside import BATCH, NEIGHBOURS, lines_of, refuse_beside, refuse_pairs
from gis.chain import boundary, segments
from gis.errors import EditError
from gis.lattice import SCALE, Floats, as_array
from gis.portions import by_place

MOST_CROSSINGS: Final = 25_000
"""More than the finest net has; of two lines drawn each crosses the other."""
TOUCHES: Final = 4
"""Segments that one may touch in mid-edge, or run along: those of a border that has other vertices."""


def refuse_crossings(drawn: object, standing: object, *, most: int = MOST_CROSSINGS, in_all: int | None = None) -> None:
    """Refuse lattice geometries that cross each other, or those standing, more often than can be worked on.

    ``most`` bounds how often they cross each other, ``in_all`` (without it the same) how often each other and those
    standing. Segments that both have are no crossings. Raises EditError (`many_crossings`; `many_beside` where too
    much lies beside each other to look for crossings), with a place where too many are.
    """
    total = most if in_all is None else in_all
    refuse_beside(drawn, standing)
    every, others = _segments(drawn), _segments(standing)
    own = _without(every, others)
    both = _without(every, own)
    ends = np.concatenate([own, both, _without(others, every)])
    lines = _lines(ends)
    tree = shapely.STRtree(lines)
    refuse_pairs(lines[: len(own)], tree)
    met = 0
    bounds = np.array([most, total])
    crossed, touched = np.zeros((2, 2), int)
    for first in range(0, len(own), BATCH):
        i, j = tree.query(lines[: len(own)][first : first + BATCH], predicate="intersects")
        i += first
        met += len(i)
        crosses, along = _ways(ends[i], ends[j])
        joined = (_joined(ends[i], ends[j]) & ~along) | (i == j)
        sides = np.stack([j < len(every), np.ones(len(j), bool)])
        crossed += (crosses & sides).sum(axis=1)
        touched += (~crosses & ~joined & sides).sum(axis=1)
        over = (crossed > bounds) | (touched > bounds + TOUCHES * len(own))
        if over.any() or met > 4 * total + NEIGHBOURS * len(own):
            bound = most if over[0] else total
            raise EditError(
                f"Lines or outlines meet each other more than {bound} times: draw fewer lines, or clean the layer "
                "first",
                code="many_crossings", most=bound, **_at(lines[first]),
            )  # fmt: skip


def _at(line: Any) -> dict[str, float]:
    place = shapely.centroid(line)
    return {"lon": place.x / SCALE, "lat": place.y / SCALE}


def refuse_tangles(polygons: object) -> None:
    """Refuse lattice polygons whose edges without a partner cross more than once each, beyond what any may.

    Raises EditError, as `refuse_crossings`.
    """
    array = as_array(polygons)
    for portion in by_place(array):
        refuse_beside(array[portion])
    left = boundary(array)
    refuse_crossings(segments(left), [], most=MOST_CROSSINGS + len(left))


def _segments(geometries: object) -> Floats:
    """The distinct segments of lines and outlines, float64[n, 4], the lesser end first."""
    xy, line = shapely.get_coordinates(lines_of(geometries), return_index=True)
    together = line[:-1] == line[1:]
    ends = np.stack([xy[:-1][together], xy[1:][together]], axis=1)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[turned] = ends[turned][:, ::-1]
    found: Floats = np.unique(ends.reshape(-1, 4), axis=0)
    return found


def _ways(some: Floats, others: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Position by position: whether two segments that meet cross, and whether they lie on one line."""
    a, b, c, d = some[:, :2], some[:, 2:], others[:, :2], others[:, 2:]
    sides = np.sign([_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)])
    along: NDArray[np.bool_] = (sides == 0).all(axis=0)
    return (sides[0] * sides[1] < 0) & (sides[2] * sides[3] < 0), along


def _turn(a: Floats, b: Floats, c: Floats) -> Floats:
    """Twice the area of the triangle, above nothing where it turns to the left."""
    found: Floats = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return found


def _joined(some: Floats, others: Floats) -> NDArray[np.bool_]:
    """Which segments have an end in common, position by position."""
    pairs = ((some[:, a : a + 2] == others[:, b : b + 2]).all(axis=1) for a in (0, 2) for b in (0, 2))
    found: NDArray[np.bool_] = np.any(list(pairs), axis=0)
    return found


def _without(segments: Floats, others: Floats) -> Floats:
    every = np.concatenate([segments, others, others])
    _rows, first, count = np.unique(every, axis=0, return_index=True, return_counts=True)
    kept: Floats = segments[np.sort(first[(count == 1) & (first < len(segments))])]
    return kept


def _lines(segments: Floats) -> Any:
    return as_array(shapely.linestrings(segments.reshape(-1, 2, 2)))
