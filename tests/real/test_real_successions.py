"""Counties of the United States that were given other codes: links by the old one lead on, either way round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core import clock
from core.db.session import reading
from core.grids.formers import find_grids, known_bearer
from core.grids.queries import grid_by_code, history, known_grid
from tests.e2e.clients import admin_client, found
from tests.integration.grids.bringing import TESTER, bring, proven
from tests.integration.grids.plans import run
from tests.real.picking import pick

pytestmark = pytest.mark.real

US = "coverage/us_counties_10m.topojson"
DAKOTA_AND_ALASKA = "id like '46%' or id like '02%'"


class Succession(NamedTuple):
    """A county under its code and name of old and of today; the file has today's."""

    old: str
    new: str
    old_name: str
    new_name: str


SUCCESSIONS = (
    Succession("46113", "46102", "Shannon", "Oglala Lakota"),
    Succession("02270", "02158", "Wade Hampton", "Kusilvak"),
)
BACKWARDS = tuple(Succession(new, old, new_name, old_name) for old, new, old_name, new_name in SUCCESSIONS)


@pytest.fixture(params=["some", pytest.param("all", marks=pytest.mark.long)])
def counties(
    request: pytest.FixtureRequest, database: str, real_data: Callable[[str], Path], tmp_path: Path
) -> Callable[[tuple[Succession, ...]], None]:
    """Bring the counties in, under the codes from which the successions start."""
    where = DAKOTA_AND_ALASKA if request.param == "some" else "id is not null"

    def start(successions: tuple[Succession, ...]) -> None:
        ids = {s.new: s.old for s in successions if s in SUCCESSIONS}
        names = {s.new_name: s.old_name for s in successions if s in SUCCESSIONS}
        file = pick(real_data(US), tmp_path / "counties.gpkg", where, "counties", id=ids, name=names)
        assert not bring(file, "county", root="US:United States", clean=True).refused

    return start


@pytest.mark.parametrize("successions", [SUCCESSIONS, BACKWARDS], ids=["forwards", "backwards"])
def test_a_county_keeps_its_life_under_another_code(
    counties: Callable[[tuple[Succession, ...]], None], successions: tuple[Succession, ...]
) -> None:
    counties(successions)
    with reading(TESTER) as session:
        ids = {s.new: known_grid(session, s.old).id for s in successions}
        assert all(grid_by_code(session, s.new) is None for s in successions)
    moment = clock.now()
    for s in successions:
        recode = {"op": "recode", "grid": s.old, "code": s.new}
        done = run("US", recode, {"op": "rename", "grid": s.new, "name": s.new_name})
        assert (done.exact, done.born, done.retired, done.touched) == (True, (), (), (s.new,))
    assert proven().exact
    with reading(TESTER) as session:
        for s in successions:
            then, now = known_grid(session, s.old, moment), known_bearer(session, s.old)
            assert (then.id, now.id, now.code) == (ids[s.new], ids[s.new], s.new)
            assert now.name.startswith(s.new_name)
            assert grid_by_code(session, s.old) is None
            assert known_bearer(session, s.new, moment).code == s.old
            assert [state.code for state in history(session, now.id)] == [s.new, s.old]
            [hit] = find_grids(session, s.old)
            assert (hit.grid.id, hit.former) == (now.id, s.old)
    follow_links(successions)


def follow_links(successions: tuple[Succession, ...]) -> None:
    """Pages redirect, the API answers under the code of now."""
    client: Any = admin_client()
    for s in successions:
        answer = client.get(f"/grids/{s.old}?tab=history")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/grids/{s.new}?tab=history"
        assert found(client, f"/api/v1/grids/{s.old}")["code"] == s.new
        assert found(client, f"/api/v1/grids/{s.new}")["path"] == ["US", s.new]
