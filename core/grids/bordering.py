"""The leaves that lie close to a point: near a border a report may be meant for either side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.locating import locate
from core.grids.queries import grids_by_ids
from core.grids.reading import LEAF_NOW
from core.grids.views import GridView
from gis.lattice import SCALE, SRID

DEGREE_M: Final = 110_500.0
"""Metres that a degree of latitude, or of longitude on the equator, has at least on GRS80."""
POLE: Final = 0.01
"""The cosine of the latitude counts for no less, so that the box stays one."""
NEAR: Final = f"""
with here as (select st_setsrid(st_makepoint(:lon, :lat), {SRID}) place)
select s.grid_id, st_distance(sh.geom::geography, here.place::geography) metres
from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id, here
where upper_inf(s.valid) and {LEAF_NOW} and sh.geom && st_expand(here.place, :east, :north)
  and st_dwithin(sh.geom::geography, here.place::geography, :metres)
order by metres, s.grid_id
"""


@dataclass(frozen=True)
class NearLeaf:
    """A leaf and how far from the point it lies.

    :param metres: geodesic; 0 inside it and on its border.
    :param owner: the point falls into it.
    """

    grid: GridView
    metres: float
    owner: bool


def leaves_near(session: WorkSession, x: int, y: int, metres: float) -> list[NearLeaf]:
    """The leaves within a distance of a point in lattice units: its owner, then the nearest first."""
    lon, lat = x / SCALE, y / SCALE
    north = metres / DEGREE_M
    east = north / max(math.cos(math.radians(lat)), POLE)
    values = {"lon": lon, "lat": lat, "east": east, "north": north, "metres": metres}
    found = {row.grid_id: row.metres for row in session.execute(text(NEAR), values)}
    owner = locate(session, x, y)
    grids = grids_by_ids(session, found)
    near = [NearLeaf(grids[grid_id], away, bool(owner and owner.id == grid_id)) for grid_id, away in found.items()]
    return sorted(near, key=lambda leaf: not leaf.owner)
