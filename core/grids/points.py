"""Points of the lattice as columns keep them: whole units in, degrees in the column, the shortest decimals out."""

from __future__ import annotations

from geoalchemy2 import WKBElement
from geoalchemy2.shape import from_shape, to_shape
from shapely import Point

from gis.lattice import SCALE, SRID, point


def stored_point(x: int, y: int) -> WKBElement:
    """A point in lattice units for a column ``geometry(Point,4490)``."""
    return from_shape(Point(x / SCALE, y / SCALE), SRID)


def told_point(place: WKBElement) -> tuple[float, float]:
    """Longitude and latitude of a stored point."""
    x, y = point(*to_shape(place).coords[0])
    return x / SCALE, y / SCALE
