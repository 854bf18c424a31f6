"""A coverage that an accident redrew: without a change, with the fingerprint of before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core.db.cluster import Cluster
from core.db.session import reading
from tests.integration.grids.bringing import TESTER, tamper

Shape = Any


def shape(code: str) -> Shape:
    """The outline that holds now, in degrees."""
    with reading(TESTER) as session:
        wkb = session.scalar(
            text(
                "select st_asbinary(sh.geom) from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id"
                " where s.code = :code and upper_inf(s.valid)"
            ),
            {"code": code},
        )
    return shapely.from_wkb(bytes(wkb))


def moved(corner: tuple[float, float], east: float, north: float) -> Callable[[Shape], Shape]:
    """A change that moves one corner by degrees."""

    def change(polygon: Shape) -> Shape:
        return shapely.transform(
            polygon,
            lambda xy: np.where(
                np.isclose(xy, corner, atol=1e-9).all(axis=1)[:, None], xy + np.array([east, north]), xy
            ),
        )

    return change


def redraw(cluster: Cluster, database: str, code: str, change: Callable[[Shape], Shape]) -> None:
    """Give a grid another outline behind the back of all guards; the database is connected."""
    wkt = shapely.to_wkt(change(shape(code)), 7)
    tamper(
        cluster, database, f"update core.grid_shape set geom = st_geomfromtext('{wkt}', 4490) where id ="
        f" (select shape_id from core.grid_state where code = '{code}' and upper_inf(valid))",
    )  # fmt: skip


def metres(degrees: Shape) -> float:
    """Area in m² by the small-angle rule on GRS80 at the city's latitude: an oracle good to a thousandth."""
    lat = np.radians(39.1)
    e2 = 0.00669438002290
    w2 = 1 - e2 * np.sin(lat) ** 2
    unit = (np.pi / 180) ** 2 * 6378137.0**2 * (1 - e2) * np.cos(lat) / w2**2
    return float(degrees.area * unit)
