"""How many rows a look at the past reads."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from sqlalchemy import text

from core.db.cluster import Cluster
from core.db.session import WorkSession, reading
from core.grids import queries
from tests.integration.grids.planting import FIRST_DAY, TESTER, Box, plant


def wide_city(counties: int) -> Box:
    """So many counties beside one another, each of six streets."""
    below = []
    for n in range(counties):
        code, west = f"1399{n:02}", n * 0.1
        streets = [
            Box(f"{code}{m:03}", f"{m}街", "street", (west, m * 0.1, west + 0.1, m * 0.1 + 0.1), f"{code}{m:03}")
            for m in range(6)
        ]
        below.append(Box(code, f"{n}县", "county", (west, 0.0, west + 0.1, 0.6), code, streets))
    return Box("139900x", "宽市", "city", (0.0, 0.0, counties * 0.1, 0.6), "139900x", below)


def states_read(session: WorkSession, code: str, as_of: dt.date | None) -> int:
    """Rows of states that a card of the grid makes the database read."""
    sql = "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = 'grid_state'"
    before: int = session.execute(text(sql)).scalar_one()
    assert queries.grid_by_code(session, code, as_of)
    queries.numbers_below(session, code, as_of)
    queries.branches(session, code, as_of)
    queries.extent_of(session, code, as_of)
    queries.children(session, code, as_of)
    queries.tree(session, code, as_of)
    after: int = session.execute(text(sql)).scalar_one()
    return after - before


@pytest.mark.parametrize("analysed", [False, True])
def test_the_past_of_a_grid_costs_what_is_shown_and_no_more_of_a_large_city(
    database: str, cluster: Cluster, analysed: bool
) -> None:
    plant(wide_city(90))
    if analysed:
        name = database.partition("@/")[2].partition("?")[0]
        with psycopg.connect(cluster.url("wangge_owner", name)) as owner:
            owner.execute("analyze core.grid_state")
    then = FIRST_DAY.date()
    with reading(TESTER) as session:
        assert [row.leaves for row in queries.branches(session, "139900x", then)] == [6] * 90
        assert queries.numbers_below(session, "139900x", then) == (90, 540)
        session.execute(text("set local enable_seqscan = off"))  # all of a city as small as this is read at once
        assert states_read(session, "139900x", then) < 8 * 631
        assert states_read(session, "139915", then) < 100
