"""How often lines cross, asked before they are noded: the work of that grows with the crossings, not the lines."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from gis.chain import cancel, edges
from gis.errors import EditError
from gis.lattice import SCALE, Floats, as_array

MOST_CROSSINGS: Final = 25_000
"""More than the finest net has; of two lines drawn each meets the other."""
NEIGHBOURS: Final = 8
"""Segments that one may meet without a crossing: those before and after, and those of a border that it runs along."""
BATCH: Final = 64


def refuse_crossings(drawn: object, standing: object) -> None:
    """Refuse lattice geometries that cross each other, or those standing, more often than can be worked on.

    Segments that both have are no crossings. Raises EditError (`many_crossings`), with a place where too many are.
    """
    own, others = _segments(drawn), _segments(standing)
    lines = _lines(_without(own, others))
    tree = shapely.STRtree(np.concatenate([lines, _lines(_without(others, own))]))
    allowed = MOST_CROSSINGS + NEIGHBOURS * len(lines)
    met = 0
    for first in range(0, len(lines), BATCH):
        met += tree.query(lines[first : first + BATCH], predicate="intersects").shape[1]
        if met > allowed:
            place = shapely.centroid(lines[first])
            raise EditError(
                f"Lines or outlines meet each other more than {MOST_CROSSINGS} times: draw fewer lines, or clean the "
                "layer first",
                code="many_crossings", most=MOST_CROSSINGS, lon=place.x / SCALE, lat=place.y / SCALE,
            )  # fmt: skip


def refuse_tangles(polygons: object) -> None:
    """Refuse lattice polygons whose edges without a partner cross more often than can be worked on.

    Raises EditError, as `refuse_crossings`.
    """
    left = cancel(edges(polygons))
    refuse_crossings(shapely.linestrings(np.stack([left.a, left.b], axis=1).astype(np.float64)), [])


def _segments(geometries: object) -> Floats:
    """The distinct segments of lines and outlines, float64[n, 4], the lesser end first."""
    parts = shapely.get_parts(as_array(geometries))
    areal = shapely.get_type_id(parts) == 3
    lines = np.concatenate([parts[~areal], shapely.get_rings(parts[areal])])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    together = line[:-1] == line[1:]
    ends = np.stack([xy[:-1][together], xy[1:][together]], axis=1)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[turned] = ends[turned][:, ::-1]
    found: Floats = np.unique(ends.reshape(-1, 4), axis=0)
    return found


def _without(segments: Floats, others: Floats) -> Floats:
    every = np.concatenate([segments, others, others])
    _rows, first, count = np.unique(every, axis=0, return_index=True, return_counts=True)
    kept: Floats = segments[np.sort(first[(count == 1) & (first < len(segments))])]
    return kept


def _lines(segments: Floats) -> Any:
    return as_array(shapely.linestrings(segments.reshape(-1, 2, 2)))
