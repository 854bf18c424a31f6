"""Reads of the coverage on a planted city."""

from __future__ import annotations

import datetime as dt

import pytest

from core.db.session import reading
from core.grids import queries
from core.grids.search import search_grids
from tests.integration.grids.planting import FIRST_DAY, TESTER, node, plant, rename

SECOND_DAY = FIRST_DAY + dt.timedelta(days=10)


@pytest.fixture(autouse=True)
def _city(database: str) -> None:
    plant()


def test_grid_by_code_tells_the_whole_path() -> None:
    with reading(TESTER) as session:
        grid = queries.grid_by_code(session, "139901001002")
    assert grid is not None
    assert grid.path_codes == ("139900", "139901", "139901001", "139901001002")
    assert grid.path_names == ("试验市", "西县", "东街街道", "三里社区")
    assert (grid.level, grid.kind, grid.leaf, grid.version) == ("community", "base", True, 1)
    assert (grid.lon, grid.lat) == pytest.approx((116.05, 39.15), abs=0.01)
    assert grid.valid_from == FIRST_DAY
    assert grid.path.split(".")[-1] == str(grid.id)


def test_grid_by_code_knows_no_stranger_and_survives_a_null_byte() -> None:
    with reading(TESTER) as session:
        assert queries.grid_by_code(session, "999") is None
        assert queries.grid_by_code(session, "13990\x001") == queries.grid_by_code(session, "139901")


def test_as_of_gives_the_name_of_that_day() -> None:
    rename("139902", "滨海县", 2, SECOND_DAY, all_tiles=False)
    with reading(TESTER) as session:
        now = queries.grid_by_code(session, "139902")
        then = queries.grid_by_code(session, "139902", SECOND_DAY - dt.timedelta(seconds=1))
        before = queries.grid_by_code(session, "139902", FIRST_DAY - dt.timedelta(seconds=1))
        by_date = queries.grid_by_code(session, "139902", dt.date(2026, 1, 14))
        end_of_day = queries.grid_by_code(session, "139902", dt.date(2026, 1, 15))
    assert now is not None
    assert (now.name, now.version) == ("滨海县", 2)
    assert then is not None
    assert (then.name, then.version) == ("东县", 1)
    assert before is None
    assert by_date is not None
    assert by_date.name == "东县"
    assert end_of_day is not None, "a date means its end"
    assert end_of_day.name == "滨海县"
    assert now.id == then.id


def test_children_come_by_code() -> None:
    with reading(TESTER) as session:
        assert [g.code for g in queries.children(session, None)] == ["139900"]
        assert [g.code for g in queries.children(session, "139900")] == ["139901", "139902"]
        assert queries.children(session, "139902") == []


def test_tree_has_parents_before_children_and_counts_leaves() -> None:
    with reading(TESTER) as session:
        rows = queries.tree(session)
        part = queries.tree(session, "139901002")
    seen: set[str | None] = {None}
    for row in rows:
        assert row.parent in seen
        seen.add(row.code)
    leaves = {row.code: row.leaves for row in rows}
    assert len(rows) == 13
    assert (leaves["139900"], leaves["139901"], leaves["139901001"], leaves["139902"]) == (9, 8, 4, 1)
    assert [row.code for row in part] == ["139901002", *(f"13990100200{n}" for n in (1, 2, 3, 4))]
    assert part[0].parent == "139901"


def test_branches_are_one_step_of_the_tree() -> None:
    with reading(TESTER) as session:
        assert [(r.code, r.leaves, r.leaf) for r in queries.branches(session, None)] == [("139900", 9, False)]
        below = queries.branches(session, "139900")
    assert [(r.code, r.leaves, r.leaf, r.parent) for r in below] == [
        ("139901", 8, False, "139900"),
        ("139902", 1, True, "139900"),
    ]


def test_coverage_state_counts_levels_and_leaves() -> None:
    with reading(TESTER) as session:
        state = queries.coverage_state(session)
    assert state.root is not None
    assert state.root.code == "139900"
    assert state.version == 1
    assert state.levels == {"city": 1, "county": 2, "street": 2, "community": 8}
    assert state.leaves == 9
    assert state.extent == pytest.approx((116.0, 39.0, 116.4, 39.4))


def test_before_the_first_change_there_is_nothing() -> None:
    with reading(TESTER) as session:
        assert queries.children(session, None, FIRST_DAY - dt.timedelta(days=1)) == []
        assert queries.tree(session, None, FIRST_DAY - dt.timedelta(days=1)) == []


def test_outline_is_the_exact_ring() -> None:
    with reading(TESTER) as session:
        shape = queries.outline(session, "139901001001")
        assert queries.outline(session, "none") is None
    assert shape is not None
    assert shape["type"] == "Polygon"
    assert sorted(map(tuple, shape["coordinates"][0][1:])) == sorted(node(x, y) for x in (0, 1) for y in (0, 1))


def test_history_lists_every_period_newest_first() -> None:
    rename("139902", "滨海县", 2, SECOND_DAY, all_tiles=False)
    with reading(TESTER) as session:
        grid = queries.grid_by_code(session, "139902")
        assert grid is not None
        periods = queries.history(session, grid.id)
    assert [(p.name, p.version, p.valid_from, p.valid_to) for p in periods] == [
        ("滨海县", 2, SECOND_DAY, None),
        ("东县", 1, FIRST_DAY, SECOND_DAY),
    ]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("139902", "139902"),
        ("1399 02", "139902"),
        ("东县", "139902"),
        ("dongxian", "139902"),
        ("hpsq", "139901001001"),
        ("HPSQ 139901002", "139901002001"),
        ("hpq", "139901001001"),
    ],
)
def test_search_by_code_name_pinyin_initials(typed: str, first: str) -> None:
    with reading(TESTER) as session:
        assert search_grids(session, typed, 5)[0].code == first


def test_a_usual_reading_goes_before_a_rare_one() -> None:
    with reading(TESTER) as session:
        found = [grid.name for grid in search_grids(session, "bgsq", 5)]
    assert found == ["北关社区", "北关社区", "和平社区", "和平社区"]


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "没有的", "%", "_", "\\", "\x00", "zzz9", "zzzz", "hello", "hpsqh", "'; drop table core.grid; --"],
)
def test_search_finds_nothing_for_what_is_not_there(typed: str) -> None:
    with reading(TESTER) as session:
        assert search_grids(session, typed, 5) == []


def test_search_keeps_its_limit() -> None:
    with reading(TESTER) as session:
        assert len(search_grids(session, "社区", 3)) == 3
