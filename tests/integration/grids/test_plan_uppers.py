"""Plans that change grids above the leaves: both sides for the map, what follows, and the same figures once applied."""

from __future__ import annotations

import pytest

from core.db.session import reading, work
from core.grids.plans import queries
from core.grids.plans.previewing import preview_plan
from core.grids.plans.sides import Side, plan_sides
from core.grids.plans.views import PlanView
from core.grids.queries import outline
from gis.measure import area_m2
from tests.integration.grids import planting
from tests.integration.grids.bringing import TESTER
from tests.integration.grids.plans import applied, approved, draft, report

WEST, SOUTH, NORTH_COMMUNITY = "139901001", "139901002", "139901001004"
RENAME = {"op": "rename", "grid": WEST, "name": "东大街街道"}
MOVE = {"op": "move", "grid": NORTH_COMMUNITY, "parent": SOUTH}
WHOLE_STREET = {"op": "move", "grid": WEST, "parent": "139902"}
EASTERN = (("139902001", "滨河街道", "binhe bhjd", 0.2), ("139902002", "站前街道", "zhanqian zqjd", 0.3))


@pytest.fixture(autouse=True)
def city(database: str) -> None:
    whole = planting.city()
    whole.children[1].children = [planting.street(*row) for row in EASTERN]
    planting.plant(whole)


def own(side: Side) -> dict[str, str]:
    """Name by code of what a side shows as changing."""
    return {grid.code: grid.name for grid in side if grid.fate != "kept"}


def sides(plan: PlanView) -> tuple[Side, Side]:
    with reading(TESTER) as session:
        return plan_sides(session, plan.id)


def test_a_street_that_gets_another_name_is_shown_with_both_and_its_neighbour() -> None:
    plan = draft("139901", RENAME)
    before, after = sides(plan)
    assert (own(before), own(after)) == ({WEST: "东街街道"}, {WEST: "东大街街道"})
    assert {grid.code for grid in before if grid.fate == "kept"} == {SOUTH}


@pytest.mark.parametrize("in_force", [False, True])
def test_each_grid_of_a_side_tells_the_names_above_it_on_that_side(in_force: bool) -> None:
    renamed = {"op": "rename", "grid": "139902001", "name": "河滨街道"}
    plan = approved("139900", MOVE, {**RENAME, "grid": SOUTH, "name": "南大街街道"}, renamed)
    if in_force:
        applied(plan.id, plan.version)
    before, after = ({grid.code: grid.above for grid in side} for side in sides(plan))
    assert before[NORTH_COMMUNITY] == ("东街街道", "西县", "试验市")
    assert after[NORTH_COMMUNITY] == ("南大街街道", "西县", "试验市")
    assert before["139902002"] == after["139902002"] == ("东县", "试验市"), "one beside those that change"


def test_a_neighbour_below_another_grid_tells_the_names_above_it() -> None:
    before, after = sides(draft("139901", {"op": "rename", "grid": f"{WEST}001", "name": "柳荫社区"}))
    assert {grid.above[0] for grid in before} == {grid.above[0] for grid in after} == {"东街街道", "南街街道"}


@pytest.mark.parametrize("in_force", [False, True])
def test_a_community_that_moves_is_shown_with_both_its_streets(in_force: bool) -> None:
    plan = approved("139901", MOVE)
    if in_force:
        applied(plan.id, plan.version)
    before, after = sides(plan)
    assert own(before).keys() == own(after).keys() == {WEST, SOUTH, NORTH_COMMUNITY}
    sizes = [{grid.code: float(area_m2([grid.polygon])[0]) for grid in side} for side in (before, after)]
    moved = sizes[0][NORTH_COMMUNITY]
    assert moved > 1e7
    assert sizes[0][WEST] - sizes[1][WEST] == pytest.approx(moved, rel=1e-6)
    assert sizes[1][SOUTH] - sizes[0][SOUTH] == pytest.approx(moved, rel=1e-6)


def test_an_applied_renaming_is_shown_as_it_was_and_as_it_became() -> None:
    plan = approved("139901", RENAME)
    applied(plan.id, plan.version)
    before, after = sides(plan)
    assert (own(before), own(after)) == ({WEST: "东街街道"}, {WEST: "东大街街道"})


def test_a_preview_says_what_follows_and_tells_as_many_grids_as_the_applied_plan() -> None:
    report(116.05, 39.05)
    report(116.05, 39.35)
    report(116.15, 39.05)
    plan = approved("139900", WHOLE_STREET)
    with work(TESTER) as session:
        seen = preview_plan(session, plan.id)
    assert {effect.code for effect in seen.grids} == {WEST, "139901", "139902"}
    assert seen.following.grids == 4
    assert seen.following.rows["core.matter"] == 2
    told = {effect.code: (effect.before["core.matter"], effect.after["core.matter"]) for effect in seen.grids}
    assert told == {WEST: (2, 2), "139901": (3, 1), "139902": (0, 2)}
    done = applied(plan.id, plan.version)
    with reading(TESTER) as session:
        change = queries.applied_change(session, done.change_id)
    assert [grid.code for grid in change.grids] == [effect.code for effect in seen.grids]
    assert change.following == 4
    assert change.followed["core.matter"] == 2


def test_an_applied_change_tells_the_names_and_codes_from_before_it() -> None:
    plan = approved("139901", RENAME, {"op": "recode", "grid": SOUTH, "code": "139901009"})
    done = applied(plan.id, plan.version)
    with reading(TESTER) as session:
        change = queries.applied_change(session, done.change_id)
        names = queries.grid_names(session, [WEST], done.change_id)
        assert outline(session, "139901009")
    told = {grid.code: (grid.old_code, grid.old_name, grid.name) for grid in change.grids}
    assert told == {WEST: (WEST, "东街街道", "东大街街道"), "139901009": (SOUTH, "南街街道", "南街街道")}
    assert names == {WEST: "东街街道"}
