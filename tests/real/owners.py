"""Who owns a place, told by shapely alone: the judge of what the product says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from gis.lattice import Integers

EAST, NORTH = 2.0**-20, 2.0**-45
"""A step east and a far smaller one north: a place on a border goes where it leads.

Seen from the place itself both are exact numbers, and no border that misses the place is as near as that.
"""


def owners(places: Integers, outlines: Mapping[str, Any]) -> list[str | None]:
    """Of each lattice point the code of the lattice polygon that owns it; ``None`` outside all."""
    codes, polygons = list(outlines), np.array(list(outlines.values()), dtype=object)
    points = shapely.points(places.astype(np.float64))
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    inside = shapely.contains_properly(polygons[polygon], points[point])
    for pair in np.flatnonzero(~inside).tolist():
        x, y = places[point[pair]].tolist()
        near = shapely.transform(polygons[polygon[pair]], lambda xy, x=x, y=y: xy - (x, y))
        inside[pair] = shapely.contains_properly(near, shapely.Point(EAST, NORTH))
    found: list[str | None] = [None] * len(places)
    for at, owner in zip(point[inside].tolist(), polygon[inside].tolist(), strict=True):
        assert found[at] is None, f"two outlines own {places[at].tolist()}"
        found[at] = codes[owner]
    return found
