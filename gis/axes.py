"""Coordinates in the order that a system's own definition gives its axes, as OGC interfaces exchange them."""

from __future__ import annotations

from functools import lru_cache

import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import CGCS2000, SAME_AS_CGCS2000, Crs, geometries_in
from gis.errors import CrsError

DENSITY = 21
WORLD = (-180.0, -90.0, 180.0, 90.0)


@lru_cache(maxsize=128)
def north_first(crs: Crs) -> bool:
    """Whether the system counts northings or latitudes first, as EPSG:4490 and the zones of China do."""
    return pyproj.CRS(crs.value).axis_info[0].direction == "north"


def in_axis_order(geometries: NDArray, crs: Crs) -> NDArray:  # type: ignore[type-arg]
    """Geometries object[n] in CGCS2000 degrees to coordinates of `crs`, in its own order of axes.

    Raises CrsError as `gis.crs.geometries_in`.
    """
    moved = geometries_in(geometries, crs)
    return shapely.transform(moved, lambda xy: xy[:, ::-1]) if north_first(crs) else moved


def area_in_degrees(corners: tuple[float, float, float, float], crs: Crs | None) -> shapely.Geometry:
    """The area in CGCS2000 degrees of a box: its lower corner, then its upper one, in the order of axes of `crs`.

    Without `crs` longitude comes first, and a box whose west is east of its east runs over the 180th meridian.
    Raises CrsError (`outside_crs`) where the system has no such place.
    """
    if crs is not None and north_first(crs):
        corners = (corners[1], corners[0], corners[3], corners[2])
    west, south, east, north = corners
    if crs is not None and crs.value not in SAME_AS_CGCS2000:
        transformer = pyproj.Transformer.from_crs(crs.value, CGCS2000, always_xy=True)
        west, south, east, north = transformer.transform_bounds(west, south, east, north, densify_pts=DENSITY)
        if not shapely.is_valid(shapely.box(west, south, east, north)):
            raise CrsError(f"The box lies outside the domain of {crs}.", code="outside_crs", crs=crs.value)
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union(shapely.box(west, south, WORLD[2], north), shapely.box(WORLD[0], south, east, north))
