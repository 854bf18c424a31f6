"""Where a grid's name stands: a lattice point that the grid itself owns."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.lattice import Geometries, Integers
from gis.locate import contains


def label_points(polygons: Geometries) -> Integers:
    """One lattice point int64[n, 2] inside each lattice polygon (a vertex where none lies inside)."""
    largest = _largest_parts(polygons)
    points = np.floor(shapely.get_coordinates(shapely.point_on_surface(largest)) + 0.5).astype(np.int64)
    inside = shapely.contains_properly(polygons, shapely.points(points.astype(np.float64)))
    for i in np.flatnonzero(~inside).tolist():  # on a border only the owner rule decides
        x, y = points[i].tolist()
        if not contains(polygons[i], x, y):
            points[i] = _other_point(polygons[i], largest[i])
    return points


def _largest_parts(polygons: Geometries) -> Geometries:
    result = polygons.copy()
    for i in np.flatnonzero(shapely.get_num_geometries(polygons) > 1):
        parts = shapely.get_parts(polygons[i])
        result[i] = parts[shapely.area(parts).argmax()]
    return result


def _other_point(polygon: Any, part: Any) -> NDArray[np.int64]:
    """The middle of the widest place; in a sliver that holds no such point, the vertex whose owner it is."""
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(part))[0]
    candidates = [np.floor(middle + 0.5), *shapely.get_coordinates(part)]
    for candidate in candidates:
        x, y = candidate.astype(np.int64).tolist()
        if contains(polygon, x, y):
            return np.array([x, y], np.int64)
    return np.asarray(candidates[0], np.int64)
