"""Two people, two plans, one city: nobody's work is undone unseen, and nobody decides on what they drew."""

from __future__ import annotations

from typing import Any

import pytest

from core.db.base import new_id
from core.db.session import reading, work
from core.errors import Conflict, Forbidden, Refused
from core.grids.plans import drafts, service
from core.grids.plans.allowed import acts_allowed
from core.grids.plans.drafts import NewPlan
from core.grids.plans.queries import plan_by_id
from core.grids.plans.showing import plan_sheet
from core.grids.queries import tree
from tests.beginning import begins_with
from tests.integration.access.making import actor, person
from tests.integration.grids.bringing import TESTER, proven
from tests.integration.grids.plans import SPLIT, applied, approved, codes, draft, run, submitted, two_counties

NORTH = [[115.9, 39.1], [116.3, 39.1]]
"""Cuts the western county from west to east: its north is on the left."""
EAST_LINE = [[116.3, 38.95], [116.3, 39.25]]


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def half(west: float, east: float) -> dict[str, Any]:
    """A rectangle of the city, whose western county goes from 116.0 to 116.2 and from 39.0 to 39.2."""
    ring = [[west, 39.0], [east, 39.0], [east, 39.2], [west, 39.2], [west, 39.0]]
    return {"type": "Polygon", "coordinates": [ring]}


def names() -> dict[str, str]:
    with reading(TESTER) as session:
        return {row.code: row.name for row in tree(session)}


def test_a_plan_bears_no_grid_below_one_outside_its_own() -> None:
    for operation in (
        {"op": "subdivide", "grid": "139902", "net_m": 9000},
        {"op": "load", "parent": "139902", "polygons": [{"polygon": half(116.2, 116.4)}]},
        {"op": "insert_vertex", "at": [116.3, 39.2]},
    ):
        with pytest.raises(Refused, match="139902 lies outside 139901"):
            draft("139901", operation)
    assert codes() == ["139900", "139901", "139902"]


def test_whoever_drew_one_step_does_not_decide() -> None:
    drawer, other, third = (actor(person(name, "gis_admin")) for name in ("drawer", "other", "third"))
    plan = draft("139900", SPLIT, actor=drawer)
    with work(other) as session:
        plan = drafts.add_operations(
            session, plan.id, plan.version, [{"op": "rename", "grid": "139902", "name": "东城"}]
        )
        plan = service.submit(session, plan.id, plan.version)
        assert "approve" not in acts_allowed(session, plan.id)
    with pytest.raises(Forbidden), work(other) as session:
        service.approve(session, plan.id, plan.version)
    with work(third) as session:
        assert {"approve", "return"} <= acts_allowed(session, plan.id)
        assert service.approve(session, plan.id, plan.version).state == "approved"


def test_a_layer_replaces_the_leaves_it_was_drawn_on_and_no_others() -> None:
    rows = [
        {"code": "139901", "polygon": half(116.0, 116.2)},
        {"code": "139902", "polygon": half(116.2, 116.3)},
        {"name": "远东", "polygon": half(116.3, 116.4)},
    ]
    plan = submitted("139900", {"op": "load", "parent": "139900", "polygons": rows})
    run("139900", {"op": "split", "grid": "139901", "line": NORTH, "codes": ["139901", "139955"]})
    with pytest.raises(Conflict) as conflict, work(TESTER) as session:
        service.approve(session, plan.id, plan.version)
    assert {grid["code"] for grid in conflict.value.theirs["grids"]} == {"139901"}
    with work(TESTER) as session:
        rebased, unfit = drafts.rebase(session, plan.id, plan.version)
    assert rebased.operations == ()
    assert "139901" in str(unfit[0].refusal)
    assert "139955" in codes()


def test_states_that_are_none_are_refused_as_those_of_other_leaves() -> None:
    rows = [{"code": "139901", "polygon": half(116.0, 116.2)}, {"code": "139902", "polygon": half(116.2, 116.4)}]
    for states in ({"abc": 1}, {"\u0661": 1}, {"9" * 40: 1}):
        with pytest.raises(Refused, match="were changed since the layer was drawn"):
            draft("139900", {"op": "load", "parent": "139900", "drawn_on": states, "polygons": rows})


def test_a_reversal_spares_what_was_drawn_beside_it_since() -> None:
    change = run("139900", SPLIT).change_id
    with work(TESTER) as session:
        plan, unfit = drafts.revert_change(session, NewPlan(new_id(), "139900", "撤回"), change)
        assert unfit == []
        plan = service.submit(session, plan.id, plan.version)
        plan = service.approve(session, plan.id, plan.version)
    run("139900", {"op": "split", "grid": "139902", "line": EAST_LINE, "codes": ["139902", "139933"]})
    with pytest.raises(Conflict):
        applied(plan.id, plan.version)
    assert "139933" in codes()
    with work(TESTER) as session:
        again, unfit = drafts.revert_change(session, NewPlan(new_id(), "139900", "撤回"), change)
    assert unfit == []
    with work(TESTER) as session:
        again = service.submit(session, again.id, again.version)
        again = service.approve(session, again.id, again.version)
    assert applied(again.id, again.version).retired == ("139911",)
    assert codes() == ["139900", "139901", "139902", "139933"]


@pytest.mark.parametrize(("given", "last"), [({}, "试验市第2县"), ({"names": ["西县", "试验市第1县"]}, "试验市第1县")])
def test_a_proposed_name_goes_with_the_code_and_one_that_was_given_stays(given: dict[str, Any], last: str) -> None:
    first = draft("139900", {"op": "split", "grid": "139901", "line": NORTH, **given})
    run("139900", {"op": "split", "grid": "139902", "line": EAST_LINE})
    assert names()["139903"] == "试验市第1县"
    with work(TESTER) as session:
        rebased, unfit = drafts.rebase(session, first.id, first.version)
    [split] = rebased.operations
    assert (split["codes"], split["names"], unfit) == (["139901", "139904"], ["西县", last], [])


def test_a_code_that_was_proposed_is_kept_and_taken_by_nobody_else_unseen() -> None:
    first = approved(
        "139900",
        {"op": "split", "grid": "139901", "line": NORTH},
        {"op": "rename", "grid": "139903", "name": "南县"},
    )
    assert first.operations[0]["codes"] == ["139901", "139903"]
    run("139900", {"op": "split", "grid": "139902", "line": EAST_LINE, "names": ["东县", "远东"]})
    assert "139903" in codes()
    with pytest.raises(Refused, match="139903, which was proposed for it, was taken since"):
        applied(first.id, first.version)
    with work(TESTER) as session:
        rebased, unfit = drafts.rebase(session, first.id, first.version)
        assert unfit == []
        rebased = service.submit(session, rebased.id, rebased.version)
        rebased = service.approve(session, rebased.id, rebased.version)
    done = applied(rebased.id, rebased.version)
    assert done.born == ("139904",)
    assert names() == {"139900": "试验市", "139901": "西县", "139902": "东县", "139903": "远东", "139904": "南县"}
    assert proven()


def test_a_draft_over_grids_that_changed_is_drawn_anew_before_it_goes_on() -> None:
    plan = draft("139900", {"op": "rename", "grid": "139901", "name": "老西县"})
    run("139900", SPLIT)
    more = [{"op": "rename", "grid": "139902", "name": "大县"}]
    for act in (
        lambda s: drafts.add_operations(s, plan.id, plan.version, more),
        lambda s: drafts.undo(s, plan.id, 2),
    ):
        with pytest.raises(Conflict), work(TESTER) as session:
            act(session)
    with reading(TESTER) as session:
        assert plan_sheet(session, plan.id, (116, 39, 116.4, 39.2)).stale == ("139901",)
    with work(TESTER) as session:
        rebased, unfit = drafts.rebase(session, plan.id, plan.version)
        assert drafts.add_operations(session, plan.id, rebased.version, more).state == "draft"
    assert unfit == []


def test_only_a_reversal_frees_retired_codes() -> None:
    change = run("139900", {"op": "merge", "grids": ["139901", "139902"]}).change_id
    layer = {"op": "load", "parent": "139900", "reverts": str(change), "polygons": [{"polygon": half(116.0, 116.4)}]}
    with pytest.raises(Refused, match="reverts it"):
        draft("139900", layer)


def test_the_same_reversal_twice_leaves_what_was_drawn_since() -> None:
    change = run("139900", SPLIT).change_id
    command = NewPlan(new_id(), "139900", "撤回")
    with work(TESTER) as session:
        plan, _unfit = drafts.revert_change(session, command, change)
        plan = drafts.add_operations(
            session, plan.id, plan.version, [{"op": "rename", "grid": "139902", "name": "大县"}]
        )
        again, _unfit = drafts.revert_change(session, command, change)
    assert again.operations == plan.operations
    with reading(TESTER) as session:
        assert plan_by_id(session, plan.id).version == plan.version
