"""Matters as vector tiles: those the actor may see, clustered where they would lie on top of each other."""

from __future__ import annotations

import math
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, ColumnElement, Subquery, Text, case, cast, func, literal_column, select

from core.actor import Actor
from core.db.session import WorkSession
from core.matters.conditions import is_open, is_visible
from core.matters.listing import in_state
from core.matters.models import Matter
from gis.lattice import SRID

EXTENT: Final = 4096
BUFFER: Final = 256
CELL: Final = 768
"""Side of a cluster's cell in tile units: 48 pixels of a 256-pixel tile."""
SINGLE_FROM: Final = 13
MOST: Final = 20_000
"""Clusters in one tile; from ``SINGLE_FROM`` on a tile of a whole city's matters would have one for each place."""
LAYER: Final = "matter"


def matter_tile(
    session: WorkSession, z: int, x: int, y: int, kind: str | None = None, state: str | None = None
) -> bytes:
    """One tile of layer ``matter`` with id, number, title, kind, state and n (matters it stands for).

    Without ``state`` the open ones are shown. Empty bytes where nothing lies.

    :raises Invalid: for an unknown state.
    """
    clusters = _clusters(_points(session.actor, z, x, y, kind, state), z)
    row: ColumnElement[object] = literal_column("clusters")
    tile = session.scalar(select(func.ST_AsMVT(row, LAYER, EXTENT, "geom")).select_from(clusters))
    return bytes(tile or b"")


def _points(actor: Actor, z: int, x: int, y: int, kind: str | None, state: str | None) -> Subquery:
    """The matters of the tile and its buffer, placed in its units."""
    west, south, east, north = _bounds(z, x, y)
    box = func.ST_MakeEnvelope(west, south, east, north, SRID)
    flat = func.ST_Transform(func.ST_SetSRID(Matter.place, 4326), 3857)
    drawn = func.ST_AsMVTGeom(flat, func.ST_TileEnvelope(z, x, y), EXTENT, BUFFER, True, type_=Geometry)
    rows = select(
        Matter.id, Matter.number, Matter.title, Matter.kind, Matter.state, Matter.reported_at, drawn.label("geom")
    ).where(Matter.place.op("&&")(box), is_visible(actor), in_state(state) if state else is_open())
    return (rows.where(Matter.kind == kind) if kind else rows).subquery("points")


def _clusters(points: Subquery, z: int) -> Subquery:
    """One row for all that would lie on top of each other; what describes a matter only where it is alone."""
    one = func.count() == 1
    cell_x, cell_y = _cell(points.c.geom, "ST_X", z), _cell(points.c.geom, "ST_Y", z)

    def alone(column: ColumnElement[object]) -> ColumnElement[str | None]:
        return case((one, func.min(cast(column, Text))))

    return (
        select(
            alone(points.c.id).label("id"),
            alone(points.c.number).label("number"),
            alone(points.c.title).label("title"),
            alone(points.c.kind).label("kind"),
            alone(points.c.state).label("state"),
            func.count().label("n"),
            func.ST_Centroid(func.ST_Collect(points.c.geom)).label("geom"),
        )
        .where(points.c.geom.is_not(None))
        .group_by(cell_x, cell_y)
        .order_by(func.max(points.c.reported_at).desc())
        .limit(MOST)
        .subquery("clusters")
    )


def _cell(geom: ColumnElement[object], axis: str, z: int) -> ColumnElement[int]:
    """Which cluster a point belongs to: a cell, or from ``SINGLE_FROM`` on the point itself."""
    value = getattr(func, axis)(geom)
    return cast(func.floor(value / CELL) if z < SINGLE_FROM else value, BigInteger)


def _bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile and its buffer, in degrees."""
    side = 1 / 2**z
    margin = side * BUFFER / EXTENT
    west, east = (max(-180.0, min(180.0, value * 360 - 180)) for value in (x * side - margin, (x + 1) * side + margin))
    north, south = (_latitude(value) for value in (y * side - margin, (y + 1) * side + margin))
    return west, south, east, north


def _latitude(y: float) -> float:
    """Degrees of a height on the square Mercator map, 0 at its top and 1 at its bottom."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))
