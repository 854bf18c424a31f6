"""One point through `/api/v1/grids/at`: located by our index, against the same route asking PostGIS.

Both run in this process through the whole application, the requests of both ways in turn; only the wire is left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from sqlalchemy import text

import web.api.grids
from bench.cities import ACTOR, city, connected, instance, settle
from bench.common import points
from core.access.commands import CreateUser, GrantRole, IssueToken
from core.access.granting import grant_role
from core.access.service import create_user
from core.access.sessions import issue_token
from core.db.session import WorkSession, work
from core.grids import locating
from core.grids.queries import read_views
from core.grids.reading import LEAF
from core.grids.views import GridView
from core.settings import get_settings
from gis.lattice import SCALE, quantise
from web.app import create_app

ASK_POSTGIS = """
select s.id from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id
where upper_inf(s.valid) and st_covers(sh.geom, st_setsrid(st_makepoint(:lon, :lat), 4490))
  and not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and upper_inf(c.valid))
limit 1
"""


def by_postgis(session: WorkSession, x: int, y: int, _as_of: Any = None) -> GridView | None:
    """The leaf that covers a point, as the database says."""
    state = session.scalar(text(ASK_POSTGIS), {"lon": x / SCALE, "lat": y / SCALE})
    found = read_views(session, f"s.id = :id and {LEAF.format(holds='upper_inf(c.valid)')}", {"id": state})
    return found[0] if found else None


def client() -> FlaskClient:
    """The application, asked by somebody who may."""
    application = create_app()
    with work(ACTOR) as session:
        user = create_user(session, CreateUser("bench", "bench"))
        grant_role(session, GrantRole(user.id, "leader"))
        token = issue_token(session, IssueToken(user.id, "bench"))
    asking = application.test_client()
    asking.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return asking


def measure(asking: FlaskClient, places: Any) -> dict[str, list[float]]:
    """Milliseconds of each request, by way."""
    ways: dict[str, Callable[..., GridView | None]] = {"index": locating.locate, "PostGIS": by_postgis}
    took: dict[str, list[float]] = {name: [] for name in ways}
    differ = 0
    for lon, lat in places:
        answers = []
        for name, locate in ways.items():
            setattr(web.api.grids, "locate", locate)  # noqa: B010 - the route's own name for it
            started = time.perf_counter()
            answer = asking.get(f"/api/v1/grids/at?lon={lon}&lat={lat}")
            took[name].append((time.perf_counter() - started) * 1e3)
            answers.append(answer.get_json()["code"] if answer.status_code == 200 else None)
        differ += answers[0] != answers[1]
    assert differ <= len(took["index"]) / 1000, differ
    return took


def main() -> None:
    """Time both ways and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, default=50_000)
    options.add_argument("--requests", type=int, default=3_000)
    chosen = options.parse_args()
    made = city(chosen.leaves)
    with instance() as (folder, cluster, url):
        os.environ |= {"WANGGE_HOME": str(folder / "home"), "WANGGE_DATABASE_URL": url}
        get_settings.cache_clear()
        with connected(url):
            settle(made.births())
            with cluster.superuser("bench") as cursor:
                cursor.execute("vacuum analyze")
            with work(ACTOR) as session:
                locating.current_index(session)
            asking = client()
            places = quantise(points(chosen.requests)) / SCALE
            measure(asking, places[:50].tolist())
            took = measure(asking, places.tolist())
    print(f"\n{chosen.requests:,} requests each, {chosen.leaves:,} leaves\n\n| way | p50 ms | p99 ms | p50 ÷ ours |")
    print("|---|---|---|---|")
    base = statistics.median(took["index"])
    for name, values in took.items():
        p50, p99 = np.percentile(values, [50, 99]).tolist()
        print(f"| {name} | {p50:.2f} | {p99:.2f} | {p50 / base:.2f} |")


if __name__ == "__main__":
    main()
