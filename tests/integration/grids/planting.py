"""A small city of crooked boxes, written row by row: 1 city, 2 counties, in the west 2 streets of 4 communities each.

The eastern county has no street, so the tree is uneven as real ones are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import text

from core.actor import command_line
from core.db.base import new_id
from core.db.session import WorkSession, work
from core.grids.acts import Act, Renewal
from core.grids.queries import known_grid
from core.grids.writing import apply_change
from gis.chain import fingerprints
from gis.measure import area_m2

WEST, SOUTH = 116.0, 39.0
FIRST_DAY = dt.datetime(2026, 1, 5, 4, tzinfo=dt.UTC)
TESTER = command_line("tester")
RARE = "beiping bgsq"
"""A rare reading of one community's name: the usual one of another, which comes after it."""


@dataclass
class Box:
    """A grid to plant: its box in degrees from the corner of the city."""

    code: str
    name: str
    level: str
    box: tuple[float, float, float, float]
    search: str
    children: list[Box] = field(default_factory=list)


def community(code: str, name: str, initials: str, west: float, south: float) -> Box:
    return Box(code, name, "community", (west, south, west + 0.1, south + 0.1), f"{code} {name} {initials}")


def street(code: str, name: str, initials: str, west: float) -> Box:
    below = [
        community(f"{code}001", "和平社区", f"heping hpsq {RARE}", west, 0.0),
        community(f"{code}002", "三里社区", "sanli slsq", west, 0.1),
        community(f"{code}003", "新村社区", "xincun xcsq", west, 0.2),
        community(f"{code}004", "北关社区", "beiguan bgsq", west, 0.3),
    ]
    return Box(code, name, "street", (west, 0.0, west + 0.1, 0.4), f"{code} {name} {initials}", below)


def city() -> Box:
    west = Box("139901", "西县", "county", (0.0, 0.0, 0.2, 0.4), "139901 西县 xixian xx", [
        street("139901001", "东街街道", "dongjie djjd", 0.0),
        street("139901002", "南街街道", "nanjie njjd", 0.1),
    ])  # fmt: skip
    east = Box("139902", "东县", "county", (0.2, 0.0, 0.4, 0.4), "139902 东县 dongxian dx")
    return Box("139900", "试验市", "city", (0.0, 0.0, 0.4, 0.4), "139900 试验市 shiyanshi sys", [west, east])


def micro_city() -> Box:
    """Two grids right below the city; the western one is cut into two micro-grids."""
    west = Box("139900-01", "一网格", "grid", (0.0, 0.0, 0.2, 0.4), "139900-01 一网格", [
        Box("139900-01-01", "柳树巷微网格", "micro", (0.0, 0.0, 0.1, 0.4), "139900-01-01 柳树巷微网格"),
        Box("139900-01-02", "水塔院微网格", "micro", (0.1, 0.0, 0.2, 0.4), "139900-01-02 水塔院微网格"),
    ])  # fmt: skip
    east = Box("139900-02", "二网格", "grid", (0.2, 0.0, 0.4, 0.4), "139900-02 二网格")
    return Box("139900", "试验市", "city", (0.0, 0.0, 0.4, 0.4), "139900 试验市 shiyanshi sys", [west, east])


def plant(root: Box | None = None) -> Box:
    """Write the city as the next change, on a new instance 1, valid from ``FIRST_DAY``."""
    grown = root or city()
    with work(TESTER) as session:
        version = session.execute(text("select version + 1 from core.coverage")).scalar_one()
        change = record_change(session, version, FIRST_DAY, all_tiles=True)
        root_id = _plant(session, grown, None, "", change, FIRST_DAY)
        counted = "update core.coverage set version = :version, root_id = :id"
        session.execute(text(counted), {"version": version, "id": root_id})
    return grown


def planted(_folder: Path) -> None:
    """The city, as that with which the tests of a module or folder begin."""
    plant()


def record_change(session: WorkSession, version: int, at: dt.datetime, *, all_tiles: bool) -> str:
    """One row of ``grid_change``; gives its id."""
    change = str(new_id())
    session.execute(
        text("""insert into core.grid_change
            (id, version, kind, at, recorded_at, actor, actor_name, reason, operations, counts, all_tiles)
            values (:id, :version, 'load', :at, :at, 'tester', 'tester', 'planted', '[]', '{}', :all_tiles)"""),
        {"id": change, "version": version, "at": at, "all_tiles": all_tiles},
    )
    return change


def rename(code: str, name: str, version: int, at: dt.datetime, *, all_tiles: bool) -> None:
    """Close the grid's state and open one with another name."""
    with work(TESTER) as session:
        change = record_change(session, version, at, all_tiles=all_tiles)
        values = {"code": code, "name": name, "change": change, "at": at}
        session.execute(
            text("""update core.grid_state set valid = tstzrange(lower(valid), :at), closed_by = :change
                where code = :code and upper_inf(valid)"""),
            values,
        )
        session.execute(
            text("""insert into core.grid_state
                (grid_id, code, name, kind, parent_id, path, shape_id, search, valid, change_id)
                select grid_id, code, :name, kind, parent_id, path, shape_id, :code || ' ' || :name,
                  tstzrange(:at, null), :change from core.grid_state where code = :code and closed_by = :change"""),
            values,
        )
        session.execute(text("update core.coverage set version = :version"), {"version": version})


def recode(code: str, new: str, version: int, at: dt.datetime) -> None:
    """Give the grid another code from that moment, as the next change."""
    with work(TESTER) as session:
        renewal = Renewal(known_grid(session, code).id, code=new)
        apply_change(session, Act("recode", version - 1, (), "planted", renewals=(renewal,), valid_from=at))


def outline(planted: Box) -> shapely.Polygon:
    """The box in degrees, with a vertex at every tenth, so that boxes of all sizes are noded."""
    west, south, east, north = (round(side * 10) for side in planted.box)
    ring = [
        *((x, south) for x in range(west, east)),
        *((east, y) for y in range(south, north)),
        *((x, north) for x in range(east, west, -1)),
        *((west, y) for y in range(north, south, -1)),
    ]
    return shapely.Polygon([node(x, y) for x, y in ring])


def node(x: int, y: int) -> tuple[float, float]:
    """A corner of the net in degrees; those inside the city are moved by up to a hundredth."""
    inside = 0 < x < 4 and 0 < y < 4
    shift = (x * 7 + y * 13) % 19 - 9 if inside else 0
    lattice = (round(WEST * 1e7) + x * 1_000_000 + shift * 11_111, round(SOUTH * 1e7) + y * 1_000_000 - shift * 7_777)
    return lattice[0] / 1e7, lattice[1] / 1e7


def _plant(session: WorkSession, box: Box, parent: int | None, above: str, change: str, at: dt.datetime) -> int:
    polygon = outline(box)
    lattice = shapely.transform(polygon, lambda xy: np.rint(xy * 1e7))
    numbers = _numbers([lattice])
    grid_id: int = session.execute(
        text("insert into core.grid (level, born_by) values (:level, :change) returning id"),
        {"level": box.level, "change": change},
    ).scalar_one()
    shape_id = session.execute(
        text("""insert into core.grid_shape (geom, fingerprint, mixer, area_m2, label)
            values (st_geomfromtext(:wkt, 4490), :f, 1, :area, st_geomfromtext(:label, 4490)) returning id"""),
        {"wkt": shapely.to_wkt(polygon, 7), "label": polygon.centroid.wkt, **numbers},
    ).scalar_one()
    path = f"{above}.{grid_id}" if above else str(grid_id)
    session.execute(
        text("""insert into core.grid_state
            (grid_id, code, name, kind, parent_id, path, shape_id, search, valid, change_id)
            values (:id, :code, :name, 'base', :parent, :path, :shape, :search, tstzrange(:at, null), :change)"""),
        {"id": grid_id, "code": box.code, "name": box.name, "parent": parent, "path": path, "shape": shape_id,
         "search": box.search, "at": at, "change": change},
    )  # fmt: skip
    for child in box.children:
        _plant(session, child, grid_id, path, change, at)
    return grid_id


def _numbers(lattice: Sequence[shapely.Polygon]) -> dict[str, float | int]:
    polygons = np.array(lattice, dtype=object)
    return {"f": int(fingerprints(polygons)[0]), "area": float(area_m2(polygons)[0])}
