"""How well a layer fits the polygon it shall tile, in the system stated and in those it is confused with."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from gis.crs import CGCS2000, SHIFTED, Crs, suggest_crs, to_cgcs2000
from gis.errors import CrsError
from gis.lattice import SCALE, Geometries
from gis.zones import neighbours

LOWERED_BY = 0.3
NEAREST = 2
"""How many of the systems that the coordinates themselves suggest are tried."""


def better_crs(geometries: Geometries, stated: Crs, root_lattice: shapely.Geometry) -> Crs | None:
    """Name a system that fits a layer to its root clearly better than the stated one, or None.

    `geometries` object[n] in coordinates of `stated`; `root_lattice` a lattice polygon. Rule: of gcj02, bd09,
    plain degrees, the neighbouring zones and those that the coordinates suggest near the root, the one that lowers
    1 − IoU with the root most, if by 30 % or more.
    """
    area = _united(geometries)
    if shapely.is_empty(area):
        return None
    root = _degrees(root_lattice)
    before = _misfit(area, stated, root)
    scored = [(_misfit(area, rival, root), rival) for rival in _rivals(area, stated, root)]
    best = min(scored, key=lambda pair: pair[0], default=(1.0, stated))
    return best[1] if best[0] <= before * (1.0 - LOWERED_BY) and before > 0.0 else None


def shares(degrees: Geometries, root_lattice: shapely.Geometry) -> tuple[float, float]:
    """How much of a layer (object[n] in degrees) lies on a lattice polygon, and how much of that it covers: 0 to 1."""
    area, root = _united(degrees), _degrees(root_lattice)
    common = shapely.area(shapely.intersection(area, root))
    own, whole = shapely.area(area), shapely.area(root)
    return (float(common / own) if own > 0 else 0.0, float(common / whole) if whole > 0 else 0.0)


def _united(geometries: Geometries) -> shapely.Geometry:
    valid = shapely.make_valid(np.asarray(geometries, dtype=object))
    return shapely.union_all(valid[~shapely.is_missing(valid)])


def _degrees(lattice: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(lattice, lambda xy: xy / SCALE)


def _rivals(area: shapely.Geometry, stated: Crs, root: shapely.Geometry) -> list[Crs]:
    """The systems that `stated` is confused with in practice."""
    if stated.value in SHIFTED or pyproj.CRS(stated.value).is_geographic:
        return [Crs(v) for v in (CGCS2000, *SHIFTED) if v != stated.value]
    west, south, east, north = (float(value) for value in shapely.bounds(area))
    likely = suggest_crs((west, south, east, north), float(shapely.centroid(root).x))[:NEAREST]
    near = [Crs(value) for value in neighbours(stated.value)]
    return [*near, *(crs for crs in likely if crs != stated and crs not in near)]


def _misfit(area: shapely.Geometry, crs: Crs, root: shapely.Geometry) -> float:
    """1 − IoU of `area` (coordinates of `crs`) with `root` (degrees); 1 when `crs` cannot hold it."""
    try:
        moved = shapely.make_valid(shapely.transform(area, lambda xy: to_cgcs2000(xy, crs)))
    except CrsError:
        return 1.0
    union = shapely.area(shapely.union(moved, root))
    return float(1.0 - shapely.area(shapely.intersection(moved, root)) / union) if union > 0 else 1.0
