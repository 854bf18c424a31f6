"""A change is taken back by another: what it did is undone where the city still stands as it left it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
import shapely
from sqlalchemy import event, text

from core.db.session import reading
from core.errors import Refused
from core.grids.plans.reverting import inverse_of
from core.grids.queries import outline, tree
from gis.lattice import from_degrees
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER, proven
from tests.integration.grids.plans import SPLIT, WEST_LINE, back, report, run, two_counties

MERGE = {"op": "merge", "grids": ["139901", "139902"], "code": "139902", "name": "合县"}
RING = [[116.15, 39.05], [116.25, 39.05], [116.25, 39.12], [116.15, 39.12], [116.15, 39.05]]
CARVE = {
    "op": "carve", "from": ["139901", "139902"], "polygon": {"type": "Polygon", "coordinates": [RING]},
    "name": "大学城", "code": "139950",
}  # fmt: skip
STREETS = {"op": "subdivide", "grid": "139901", "lines": [WEST_LINE], "level": "street"}


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def facts() -> dict[str, tuple[str, str | None, float]]:
    """Name, parent and area of each grid."""
    with reading(TESTER) as session:
        rows = tree(session)
        return {row.code: (row.name, row.parent, round(area(session, row.code), 9)) for row in rows}


def area(session: Any, code: str) -> float:
    return float(from_degrees([shapely.from_geojson(json.dumps(outline(session, code)))])[0].area) / 1e14


@pytest.mark.parametrize(
    "operations",
    [
        [SPLIT],
        [{**SPLIT, "codes": ["139911", "139912"]}],
        [MERGE],
        [CARVE],
        [STREETS],
        [{"op": "rename", "grid": "139901", "name": "老西县"}, {"op": "recode", "grid": "139902", "code": "139922"}],
        [STREETS, {"op": "rename", "grid": "139901001", "name": "西街"}],
        [SPLIT, {"op": "recode", "grid": "139901", "code": "139931"}],
    ],
)
def test_what_a_change_did_is_undone(operations: list[Any]) -> None:
    before = facts()
    matters = [report(lon, 39.1) for lon in (116.05, 116.15, 116.25)]
    done = run("139900", *operations)
    assert facts() != before
    undone, unfit = back(done.change_id)
    assert unfit == []
    assert undone.exact
    assert proven().exact
    assert facts() == before
    with reading(TESTER) as session:
        lost = session.scalar(text("select count(*) from core.matter where grid_id is null"))
        living = (
            "select count(*) from core.matter where grid_id in ("
            "select grid_id from core.grid_state where upper_inf(valid))"
        )
        homes = session.scalar(text(living))
    assert (lost, homes) == (0, len(matters))


def test_a_grid_that_moved_goes_home() -> None:
    run("139900", STREETS, {**STREETS, "grid": "139902", "lines": [[[116.3, 38.9], [116.3, 39.3]]]})
    before = facts()
    done = run("139900", {"op": "move", "grid": "139901002", "parent": "139902"})
    assert back(done.change_id)[1] == []
    assert facts() == before


def test_the_same_grids_go_on_and_those_that_ended_are_others_with_their_codes() -> None:
    sql = "select code, grid_id from core.grid_state where upper_inf(valid)"
    with reading(TESTER) as session:
        before = dict(tuple(row) for row in session.execute(text(sql)))
    back(run("139900", MERGE).change_id)
    with reading(TESTER) as session:
        after = dict(tuple(row) for row in session.execute(text(sql)))
    assert after["139902"] == before["139902"]
    assert after["139901"] != before["139901"]


def test_the_code_of_a_retired_grid_is_free_for_the_change_that_takes_it_back_alone() -> None:
    run("139900", MERGE)
    east = [[116.3, 38.9], [116.3, 39.3]]
    with pytest.raises(Refused, match="139901"):
        run("139900", {**SPLIT, "grid": "139902", "line": east, "codes": ["139902", "139901"]})


def test_what_no_longer_fits_is_said_and_the_rest_is_drawn() -> None:
    done = run("139900", SPLIT, {"op": "rename", "grid": "139902", "name": "老东县"})
    run("139900", {"op": "split", "grid": "139911", "line": [[116.15, 38.9], [116.15, 39.3]]})
    undone, unfit = back(done.change_id)
    assert unfit == ["Grids were drawn anew since: 139911"]
    assert [operation["op"] for operation in undone.plan.operations] == ["rename"]


def test_a_reversal_can_be_reversed() -> None:
    done = run("139900", SPLIT)
    after = facts()
    undone, _unfit = back(done.change_id)
    back(undone.change_id)
    assert facts() == after


def test_what_had_nothing_before_it_is_refused() -> None:
    with reading(TESTER) as session:
        first = session.scalar(text("select id from core.grid_change where version = 1"))
    with pytest.raises(Refused, match="there was nothing"):
        back(first)


def test_a_merge_is_taken_back_and_forth_as_often_as_one_likes() -> None:
    change = run("139900", {"op": "merge", "grids": ["139901", "139902"], "code": "139901"}).change_id
    for expected in (["139900", "139901", "139902"], ["139900", "139901"]) * 2:
        change = back(change)[0].change_id
        assert sorted(facts()) == expected


def test_a_reversal_asks_as_often_for_many_grids_as_for_two() -> None:
    born = run("139900", {"op": "subdivide", "grid": "139901", "net_m": 4000}).born
    assert len(born) > 10
    few, many = born[:2], born[2:]
    asked = []
    for codes in (few, many):
        done = run("139900", {"op": "merge", "grids": list(codes), "multipart": True})
        with reading(TESTER) as session:
            count = itertools.count()
            event.listen(session.connection(), "before_cursor_execute", lambda *_args, tick=count: next(tick))
            inverse = inverse_of(session, done.change_id)
            asked.append(next(count))
        assert inverse.unfit == ()
        assert {*codes} <= {row["code"] for row in inverse.operations[0]["polygons"]}
    assert asked[0] == asked[1]


def test_a_grid_that_was_left_without_grids_below_gets_them_back() -> None:
    run("139900", STREETS)
    before = facts()
    with reading(TESTER) as session:
        rows = [{"code": code, "polygon": outline(session, code)} for code in ("139901", "139902")]
    closing = run("139900", {"op": "load", "parent": "139900", "polygons": rows})
    assert facts().keys() == {"139900", "139901", "139902"}
    _applied, unfit = back(closing.change_id)
    assert (facts(), unfit) == (before, [])
    assert proven().exact


PARTS = {"op": "subdivide", "grid": "139901001", "lines": [[[115.9, 39.1], [116.5, 39.1]]], "level": "community"}


@pytest.mark.parametrize("deep", [False, True])
def test_the_grids_above_that_a_merge_ended_come_back_with_what_lay_in_them(deep: bool) -> None:
    run("139900", STREETS, *([PARTS] if deep else []))
    run("139900", {**STREETS, "grid": "139902", "lines": [[[116.3, 38.9], [116.3, 39.3]]]})
    if deep:
        run("139900", {**PARTS, "grid": "139901002"}, {**PARTS, "grid": "139902001"}, {**PARTS, "grid": "139902002"})
    before = facts()
    matters = [report(lon, lat) for lon in (116.05, 116.15, 116.25) for lat in (39.05, 39.15)]
    leaves = sorted(code for code in before if len(code) == (12 if deep else 9))
    done = run("139900", {"op": "merge", "grids": leaves, "code": leaves[-1]})
    assert "139901" not in facts()
    undone, unfit = back(done.change_id)
    assert (facts(), unfit) == (before, [])
    assert undone.exact
    assert proven().exact
    with reading(TESTER) as session:
        homes = session.scalar(text(
            "select count(*) from core.matter m join core.grid_state s on s.grid_id = m.grid_id and upper_inf(s.valid)"
            " where s.code = any(:leaves)"
        ), {"leaves": leaves})  # fmt: skip
    assert homes == len(matters)


def test_a_grid_above_that_ended_as_one_moved_out_of_it_is_left_and_the_rest_is_drawn() -> None:
    run("139900", STREETS, {**STREETS, "grid": "139902", "lines": [[[116.3, 38.9], [116.3, 39.3]]]})
    done = run(
        "139900",
        {"op": "rename", "grid": "139902", "name": "大县"},
        {"op": "move", "grid": "139901001", "parent": "139902"},
        {"op": "retire", "grid": "139901002", "into": "139901001"},
    )
    assert "139901" not in facts()
    undone, unfit = back(done.change_id)
    assert "The grid above, in which 139901001 lay, is no more" in unfit
    assert [operation["op"] for operation in undone.plan.operations] == ["rename"]
    assert proven().exact
