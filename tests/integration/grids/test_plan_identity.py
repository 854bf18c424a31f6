"""A plan names grids by their codes, and follows the grid itself where it bears another code by now."""

from __future__ import annotations

from typing import Any

import pytest

from core.db.session import work
from core.errors import Refused
from core.grids.plans import drafts
from core.grids.plans.verdict import check_plan
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER
from tests.integration.grids.plans import SPLIT, Raw, approved, draft, run, two_counties

RECODE = {"op": "recode", "grid": "139901", "code": "139931"}
RENAME = {"op": "rename", "grid": "139901", "name": "老西县"}
MERGE = {"op": "merge", "grids": ["139902", "139901"]}


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("drawn", "anew"),
    [
        ([RENAME], [{**RENAME, "grid": "139931"}]),
        ([SPLIT, RENAME], [{**SPLIT, "grid": "139931", "codes": ["139931", "139911"]}, {**RENAME, "grid": "139931"}]),
        ([MERGE], [{**MERGE, "grids": ["139902", "139931"]}]),
        ([{**RECODE, "code": "139932"}], [{**RECODE, "grid": "139931", "code": "139932"}]),
    ],
)
def test_drawn_anew_a_plan_follows_a_grid_to_its_present_code(drawn: list[Raw], anew: list[Raw]) -> None:
    plan = approved("139900", *drawn)
    run("139900", RECODE)
    with work(TESTER) as session:
        rebased, unfit = drafts.rebase(session, plan.id, plan.version)
    assert not unfit
    assert [dict(operation) for operation in rebased.operations] == anew


def test_drawn_anew_a_grid_takes_its_former_code_back() -> None:
    run("139900", RECODE)
    back = {"op": "recode", "grid": "139931", "code": "139901"}
    plan = approved("139900", back)
    run("139900", {**RENAME, "grid": "139931"})
    with work(TESTER) as session:
        rebased, unfit = drafts.rebase(session, plan.id, plan.version)
    assert (list(rebased.operations), unfit) == ([back], [])


def refusal(plan_id: Any) -> str:
    with pytest.raises(Refused) as refused, work(TESTER) as session:
        check_plan(session, plan_id)
    return str(refused.value)


def test_where_a_grid_bears_another_code_the_refusal_tells_it() -> None:
    plan = draft("139900", RENAME)
    run("139900", RECODE)
    assert "no living grid 139901 for the plan to change; it is 139931" in refusal(plan.id)


def test_where_a_grid_ended_the_refusal_tells_which_has_its_area() -> None:
    plan = draft("139900", RENAME)
    run("139900", MERGE)
    assert "it ended, and its area went to 139902" in refusal(plan.id)


def test_a_step_on_a_grid_that_an_earlier_one_merged_is_told_into_which() -> None:
    plan = draft("139900", MERGE)
    with pytest.raises(Refused) as refused, work(TESTER) as session:
        drafts.add_operations(session, plan.id, plan.version, [RENAME])
    assert "no living grid 139901 for the plan to change: an earlier step of the plan puts it into 139902" in str(
        refused.value
    )
