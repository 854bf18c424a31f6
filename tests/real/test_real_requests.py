"""Requests of Los Angeles follow its councils: after every change each has the grid that a relocation of all gives."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
import shapely
from sqlalchemy import text

from core import clock
from core.db.base import new_id
from core.db.cluster import Cluster
from core.db.session import reading, work
from core.errors import DomainError
from core.grids import rehoming
from core.grids.locating import locate_many_for_write
from core.grids.plans.views import AppliedPlan
from core.grids.reading import load_leaves
from gis.lattice import SCALE, Integers, quantise
from tests.integration.grids.bringing import TESTER, bring, proven
from tests.integration.grids.locating import located
from tests.integration.grids.plans import run
from tests.real.owners import owners

pytestmark = pytest.mark.real

COUNCILS = "events/la_neighborhood_councils_2021.geojson"
REQUESTS = "events/la_311_requests.csv.gz"
TABLE = "public.request"
INSIDE, OUTSIDE = 36_577, 551
FORMED = ("HISTORIC CULTURAL NC", "HISTORIC CULTURAL NORTH NC")
"""The second was formed out of the first between the requests and the polygons."""
Homes = list[str | None]


class Town:
    """The requests with their places, in a table of located rows as a plugin has."""

    def __init__(self, file: Path) -> None:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
            places = [(float(r["longitude"]), float(r["latitude"])) for r in csv.DictReader(rows) if r["longitude"]]
        self.places: Integers = quantise(np.array(places))
        self.ids = [str(new_id()) for _ in places]
        with work(TESTER) as session:
            owner = [n if n >= 0 else None for n in locate_many_for_write(session, self.places).tolist()]
            x, y = (self.places / SCALE).T.tolist()
            session.execute(
                text(
                    f"insert into {TABLE} select v.id, st_setsrid(st_makepoint(v.x, v.y), 4490), v.grid from"
                    " unnest(cast(:ids as uuid[]), cast(:x as float[]), cast(:y as float[]), cast(:grids as bigint[]))"
                    " v(id, x, y, grid)"
                ),
                {"ids": self.ids, "x": x, "y": y, "grids": owner},
            )

    def homes(self) -> Homes:
        """Of each request the code of the grid that its row has."""
        sql = (
            f"select r.id::text, s.code from {TABLE} r"
            " left join core.grid_state s on s.grid_id = r.grid_id and upper_inf(s.valid)"
        )
        with reading(TESTER) as session:
            found = {row[0]: row[1] for row in session.execute(text(sql))}
        return [found[request] for request in self.ids]

    def true_homes(self) -> Homes:
        """The same by shapely, all located anew."""
        return owners(self.places, outlines())


@pytest.fixture
def town(database: str, cluster: Cluster, real_data: Callable[[str], Path]) -> Town:
    """The councils of 2021, cleaned, and the requests of 2017 to 2020 located in them."""
    name = database.partition("@/")[2].partition("?")[0]
    with psycopg2.connect(cluster.url("postgres", name)) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table {TABLE} (id uuid primary key, place geometry(Point,4490), grid_id bigint)")
        cursor.execute(f"grant all on {TABLE} to wangge_app")
    rehoming.register(rehoming.LocatedTable(TABLE))
    path = real_data(COUNCILS)
    assert not bring(path, "community", root="LA:Los Angeles", clean=True, gap_width_m=100.0).refused
    return Town(real_data(REQUESTS))


def outlines() -> dict[str, Any]:
    with reading(TESTER) as session:
        leaves = load_leaves(session)
    return dict(zip(leaves.codes, leaves.polygons, strict=True))


def code_of(name: str) -> str:
    with reading(TESTER) as session:
        code = session.scalar(
            text("select code from core.grid_state where name = :name and upper_inf(valid)"), {"name": name}
        )
    assert code is not None
    return str(code)


def most_asked(homes: Homes, count: int) -> list[str]:
    """The councils with most requests, the first with most."""
    codes, number = np.unique([home for home in homes if home], return_counts=True)
    return [str(code) for code in codes[np.argsort(-number, kind="stable")][:count]]


def cut(code: str) -> AppliedPlan:
    """Split a council in its middle, by the first straight line, as the sun goes, that cuts it once."""
    polygon = outlines()[code]
    middle = np.array(shapely.centroid(polygon).coords[0])
    reach = float(np.ptp(np.array(shapely.bounds(polygon)).reshape(2, 2), axis=0).max())
    for turn in np.arange(0, np.pi, np.pi / 12):
        step = reach * np.array([np.cos(turn), np.sin(turn)])
        line = [((middle + sign * step) / SCALE).tolist() for sign in (-1, 1)]
        try:
            return run("LA", {"op": "split", "grid": code, "line": line, "codes": [code, f"{code}-2"]})
        except DomainError:
            continue
    pytest.fail(f"no straight line cuts {code} once")


def neighbour(code: str) -> str:
    """The council with the longest common border."""
    found = outlines()
    own = shapely.boundary(found.pop(code))
    return max(found, key=lambda other: shapely.length(shapely.intersection(own, shapely.boundary(found[other]))))


def test_each_request_has_the_grid_that_a_relocation_gives(town: Town) -> None:
    homes = town.homes()
    assert homes == town.true_homes()
    assert sum(home is not None for home in homes) == pytest.approx(INSIDE, abs=5)
    outside = homes.count(None)
    assert outside == pytest.approx(OUTSIDE, abs=5)
    first, second, third = most_asked(homes, 3)
    formed = [code_of(name) for name in FORMED]
    acts: list[Callable[[], AppliedPlan]] = [
        lambda: cut(first),
        lambda: run("LA", {"op": "merge", "grids": formed}),
        lambda: cut(formed[0]),
        lambda: cut(second),
        lambda: run("LA", {"op": "merge", "grids": [neighbour(third), third]}),
        lambda: run("LA", {"op": "merge", "grids": [first, f"{first}-2"], "code": f"{first}-2"}),
    ]
    moments: list[tuple[dt.datetime, Homes]] = [(clock.now(), homes)]
    for act in acts:
        done = act()
        assert (done.exact, proven().exact) == (True, True)
        now = town.homes()
        assert now == town.true_homes()
        assert now.count(None) == outside, "unlocated ones stay so, and no other is lost"
        came = [(before, after) for before, after in zip(moments[-1][1], now, strict=True) if before != after]
        assert done.rehomed == {"core.matter": 0, TABLE: len(came)}
        assert came, "requests lie where the councils change"
        named = {*done.born, *done.retired, *done.touched}
        assert {code for pair in came for code in pair} <= named, "who lives elsewhere stays"
        moments.append((clock.now(), now))
    for moment, then in moments:
        assert located(town.places, moment) == then
