"""Areas, lengths and widths on the ground, of lattice geometries."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import Geod

from gis.lattice import SCALE, Floats, Geometries, Integers, as_array, rings_of
from gis.portions import in_order

EQUATOR = 6_378_137.0
"""Semi-major axis of GRS80, the ellipsoid of CGCS2000, in metres."""

FLATTENING = 1 / 298.257222101

LEAST_DEPTH_M = 0.005
"""What is narrower is narrower than the lattice."""


@cache
def _ellipsoid() -> Geod:
    return Geod(ellps="GRS80")


def area_m2(polygons: object) -> Floats:
    """Area of each lattice polygon in square metres, float64[n], on GRS80.

    Every edge is taken as a geodesic (Karney 2013, `pyproj.Geod`), so a vertex put into a straight edge moves
    the figure by some 1e-7 of it; the areas of a coverage still add up to that of its outline.
    """
    array = as_array(polygons)
    return np.concatenate([_area_m2(array[run]) for run in in_order(array)])


def _area_m2(array: Geometries) -> Floats:
    rings = rings_of(array)
    lon, lat = (rings.xy / SCALE).T
    geod = _ellipsoid()
    ring = np.empty(len(rings.start) - 1)
    for r in range(len(ring)):
        one = slice(rings.start[r], rings.start[r + 1] - 1)
        ring[r] = abs(geod.polygon_area_perimeter(lon[one], lat[one])[0])
    signed = np.where(rings.shell, ring, -ring)
    return np.bincount(rings.owner, weights=signed, minlength=len(array)).astype(np.float64)


def length_m(geometries: object) -> Floats:
    """Geodesic length of each lattice line, or perimeter of each lattice polygon, in metres, float64[n]."""
    array = as_array(geometries)
    degrees = shapely.transform(array, lambda xy: xy / SCALE)
    geod = _ellipsoid()
    return np.array([0.0 if g is None else geod.geometry_length(g) for g in degrees])


def edges_m(a: Integers, b: Integers) -> Floats:
    """Length in metres of straight edges a–b, int64[n, 2] each, by the scale at their middle, float64[n]."""
    east, north = metres_per_unit((a[:, 1] + b[:, 1]) / 2 / SCALE)
    return np.asarray(np.hypot((b - a)[:, 0] * east, (b - a)[:, 1] * north), np.float64)


def width_m(polygon: Any) -> float:
    """Diameter in metres of the largest circle inside a lattice polygon (in its widest part); 0 if empty.

    Good to a metre, or to a tenth of the usual width (at best 1 cm) of what is narrower than 10 m.
    """
    if polygon is None or polygon.is_empty:
        return 0.0
    parts = shapely.get_parts(to_metres(polygon))
    area = shapely.area(parts)
    widest = 0.0
    for i in np.argsort(-area):
        if area[i] <= np.pi * widest**2 / 4:
            break  # no part from here on has room for a larger circle
        tolerance = float(np.clip(area[i] / parts[i].length / 10, 0.005, 0.5))
        widest = max(widest, 2 * shapely.maximum_inscribed_circle(parts[i], tolerance=tolerance).length)
    return float(widest)


def depth_m(polygons: Geometries) -> float:
    """How many metres from its border a place of one of the lattice polygons lies at most; good to a hundredth of it.

    Polygons are narrowed all at once until none is left: a circle in each would cost a hundred times as much.
    """
    flat = as_array([to_metres(polygon) for polygon in polygons if not polygon.is_empty])
    most = np.sqrt(shapely.area(flat) / np.pi)
    high = float(most.max(initial=0.0))
    low, left = high, flat[:0]
    while low > LEAST_DEPTH_M and not len(left):
        high, low = low, low / 2
        left = _deeper(flat[most >= low], low)
    while len(left) and high - low > low / 100:
        middle = (low + high) / 2
        deeper = _deeper(left, middle)
        low, high, left = (middle, high, deeper) if len(deeper) else (low, middle, left)
    return low


def _deeper(flat: Geometries, by_m: float) -> Geometries:
    """Those of which something is left that far from their borders."""
    return as_array(flat[~shapely.is_empty(shapely.buffer(flat, -by_m))])


def metres_per_unit(latitude: Any) -> tuple[Any, Any]:
    """Metres in one lattice unit eastward and northward, at latitudes in degrees (number or array), on GRS80."""
    e2 = FLATTENING * (2 - FLATTENING)
    phi = np.radians(latitude)
    w2 = 1 - e2 * np.sin(phi) ** 2
    unit = np.pi / 180 / SCALE
    return EQUATOR * np.cos(phi) / np.sqrt(w2) * unit, EQUATOR * (1 - e2) / w2**1.5 * unit


def to_metres(geometry: Any) -> Any:
    """A lattice geometry in metres east and north of its own middle: good to look at widths, not to keep."""
    west, south, east, north = shapely.bounds(geometry)
    dx, dy = metres_per_unit((south + north) / 2 / SCALE)
    origin = np.array([(west + east) / 2, (south + north) / 2])
    return shapely.transform(geometry, lambda xy: (xy - origin) * [dx, dy])
