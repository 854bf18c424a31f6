"""Codes that a grid bore before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from core.db.session import WorkSession, reading
from core.errors import NotFound
from core.grids.formers import bearer, find_grids, known_bearer
from core.grids.queries import grid_by_code
from core.grids.search import search_grids
from tests.integration.grids.planting import TESTER, plant, recode, rename

FIRST, SECOND, THIRD = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (2, 3, 4))


@pytest.fixture
def session(database: str) -> Iterator[WorkSession]:
    """The county 139901 became 139911, then 139921, and was named anew."""
    plant()
    recode("139901", "139911", 2, FIRST)
    recode("139911", "139921", 3, SECOND)
    rename("139921", "新县", 4, THIRD, all_tiles=True)
    with reading(TESTER) as reader:
        yield reader


@pytest.mark.parametrize("code", ["139901", "139911", "139921"])
def test_every_code_that_a_grid_ever_bore_leads_to_it(session: WorkSession, code: str) -> None:
    assert known_bearer(session, code).code == "139921"
    assert known_bearer(session, code, dt.date(2026, 2, 10)).code == "139911"
    assert (grid_by_code(session, code) is None) == (code != "139921")


def test_a_code_that_no_grid_bore_and_a_day_before_its_life_lead_nowhere(session: WorkSession) -> None:
    assert bearer(session, "139931") is None
    assert bearer(session, "139901", dt.date(2020, 1, 1)) is None
    with pytest.raises(NotFound, match="139931"):
        known_bearer(session, "139931")


def test_the_search_finds_by_a_former_code_and_says_which(session: WorkSession) -> None:
    for typed in ("139901", "1399 01"):
        first, *others = find_grids(session, typed)
        assert (first.grid.name, first.grid.code, first.former) == ("新县", "139921", "139901")
        assert {hit.former for hit in others} == {None}
    assert [hit.former for hit in find_grids(session, "139921")] == [None]
    assert [(hit.grid.name, hit.former) for hit in find_grids(session, "13991")] == [("新县", "139911")]
    assert [hit.grid for hit in find_grids(session, "社区")] == search_grids(session, "社区")
    assert find_grids(session, " ") == []
    assert len(find_grids(session, "139901", 3)) == 3


def test_the_search_finds_by_a_former_name_and_says_which(session: WorkSession) -> None:
    [hit] = [hit for hit in find_grids(session, "西县") if hit.former_name]
    assert (hit.grid.name, hit.former_name, hit.former) == ("新县", "西县", None)
    assert [hit.former_name for hit in find_grids(session, "新县")] == [None]
    assert not any(hit.former_name for hit in find_grids(session, "西"))
    assert [hit.former_name for hit in find_grids(session, "西县", as_of=dt.date(2026, 2, 10))] == [None]


def test_then_only_the_codes_before_are_former(session: WorkSession) -> None:
    then = dt.date(2026, 2, 10)
    assert [(hit.grid.code, hit.former) for hit in find_grids(session, "139901", 1, then)] == [("139911", "139901")]
    assert find_grids(session, "139921", as_of=then) == []
