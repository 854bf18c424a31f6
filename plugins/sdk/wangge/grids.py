"""Grids: find them, and find the grid of a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping

from core.db.session import WorkSession
from core.errors import Invalid
from core.grids.locating import locate_many_for_write
from core.grids.points import stored_point
from core.grids.queries import children, grid_by_code, grid_by_id
from core.text import noop as _
from gis.lattice import quantise

__all__ = ["children", "grid_by_code", "grid_by_id", "locate", "point"]


def locate(session: WorkSession, places: Sequence[tuple[float, float]]) -> list[tuple[WKBElement, int | None]]:
    """Point on the lattice and id of the leaf for each place; the id is ``None`` outside the city.

    For rows that the same transaction writes: no boundary change commits in between.

    :param session: one that may write.
    :param places: longitude and latitude in CGCS2000 degrees.
    :raises Invalid: when a coordinate is no number or lies outside the globe.
    """
    if not places:
        return []
    degrees = np.array(places, dtype=np.float64)
    if not (np.isfinite(degrees).all() and (np.abs(degrees) <= (180.0, 90.0)).all()):
        raise Invalid(_("A longitude lies between -180 and 180 degrees, a latitude between -90 and 90"))
    lattice = quantise(degrees)
    owners = locate_many_for_write(session, lattice)
    return [
        (stored_point(x, y), int(owner) if owner >= 0 else None)
        for (x, y), owner in zip(lattice.tolist(), owners, strict=True)
    ]


def point(place: WKBElement) -> dict[str, Any]:
    """GeoJSON geometry of a stored place."""
    return dict(mapping(to_shape(place)))
