"""The life of a plan: back and forth, two persons, two plans over one grid, its moment, a failure at any statement."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from core import clock
from core.access.commands import GrantRole
from core.access.granted import grants_of_people
from core.access.granting import grant_role, revoke_grant
from core.access.service import disable_user
from core.db.base import new_id
from core.db.session import WorkSession, engines, reading, work
from core.errors import Conflict, Forbidden, Refused
from core.grids.plans import drafts, service
from core.grids.plans.due import apply_due
from core.grids.plans.previewing import preview_plan
from core.grids.plans.queries import plan_by_id
from core.grids.plans.verdict import check_plan
from core.grids.plans.views import PlanView
from tests.beginning import begins_with
from tests.integration.access.making import actor, person
from tests.integration.grids.bringing import TESTER, proven, written
from tests.integration.grids.plans import (
    SPLIT,
    applied,
    approved,
    codes,
    draft,
    report,
    run,
    submitted,
    two_counties,
)
from tests.integration.waiting import somebody_waits

template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def test_a_draft_goes_back_and_forth() -> None:
    rename = {"op": "rename", "grid": "139902", "name": "大县"}
    plan = draft("139900", SPLIT, rename)
    with work(TESTER) as session:
        plan = drafts.undo(session, plan.id, plan.version)
        assert [operation["op"] for operation in plan.operations] == ["split"]
        plan = drafts.undo(session, plan.id, plan.version)
        plan = drafts.redo(session, plan.id, plan.version)
        plan = drafts.redo(session, plan.id, plan.version)
    assert [operation["op"] for operation in plan.operations] == ["split", "rename"]
    with pytest.raises(Refused), work(TESTER) as session:
        drafts.redo(session, plan.id, plan.version)


@pytest.mark.parametrize("reverting", [False, True])
def test_an_id_that_is_sent_twice_at_once_is_one_plan(reverting: bool) -> None:
    change = run("139901", {"op": "rename", "grid": "139901", "name": "大西县"}).plan.change_id
    assert change is not None
    command = drafts.NewPlan(new_id(), "139901", "同一方案")

    def begin(session: WorkSession) -> PlanView:
        return drafts.revert_change(session, command, change)[0] if reverting else drafts.create_plan(session, command)

    def again() -> PlanView:
        with work(TESTER) as session:
            return begin(session)

    with ThreadPoolExecutor(1) as pool:
        with work(TESTER) as session:
            first = begin(session)
            second = pool.submit(again)
            deadline = time.monotonic() + 60
            while not second.done() and not somebody_waits() and time.monotonic() < deadline:
                time.sleep(0.05)
        assert second.result(30) == first


def test_two_tabs_of_one_draft_cannot_overwrite_each_other() -> None:
    plan = draft("139900", SPLIT)
    with work(TESTER) as session:
        drafts.undo(session, plan.id, plan.version)
    with pytest.raises(Conflict), work(TESTER) as session:
        drafts.add_operations(session, plan.id, plan.version, [{"op": "rename", "grid": "139902", "name": "x"}])


def test_who_drew_a_plan_cannot_decide_on_it_and_a_second_person_can() -> None:
    drawer, decider = actor(person("drawer", "gis_admin")), actor(person("decider", "gis_admin"))
    plan = submitted("139900", SPLIT, actor=drawer)
    for act in (service.approve, lambda s, i, v: service.return_plan(s, i, v, "边界不对")):
        with pytest.raises(Forbidden), work(drawer) as session:
            act(session, plan.id, plan.version)
    with work(decider) as session:
        returned = service.return_plan(session, plan.id, plan.version, "边界不对")
    assert (returned.state, returned.comment) == ("returned", "边界不对")
    with work(drawer) as session:
        again = service.submit(session, plan.id, returned.version)
    with work(decider) as session:
        decided = service.approve(session, plan.id, again.version)
    assert decided.state == "approved"
    done = applied(plan.id, decided.version, decider)
    assert done.plan.state == "applied"
    assert done.exact


def test_an_empty_plan_is_not_submitted() -> None:
    plan = draft("139900")
    with pytest.raises(Refused, match="changes nothing"), work(TESTER) as session:
        service.submit(session, plan.id, plan.version)


def test_of_two_plans_over_one_grid_the_second_is_told_and_can_be_rebased() -> None:
    first = approved("139900", SPLIT)
    second = approved(
        "139900",
        {"op": "rename", "grid": "139901", "name": "老西县"},
        {"op": "split", "grid": "139901", "line": [[116.15, 38.9], [116.15, 39.3]]},
    )
    applied(first.id, first.version)
    with pytest.raises(Conflict) as conflict:
        applied(second.id, second.version)
    assert [grid["code"] for grid in conflict.value.theirs["grids"]] == ["139901"]
    with work(TESTER) as session:
        rebased, unfit = drafts.rebase(session, second.id, second.version)
    assert rebased.state == "draft"
    assert [operation["op"] for operation in rebased.operations] == ["rename"]
    assert [(misfit.operation.as_json()["op"], "does not cut" in str(misfit.refusal)) for misfit in unfit] == [
        ("split", True)
    ]


def test_what_was_left_out_is_kept_until_the_plan_is_handed_in() -> None:
    plan = draft(
        "139900",
        {"op": "rename", "grid": "139901", "name": "老西县"},
        {"op": "split", "grid": "139901", "line": [[116.15, 38.9], [116.15, 39.3]]},
        {"op": "rename", "grid": "139902", "name": "老东县"},
    )
    run("139900", SPLIT)
    with work(TESTER) as session:
        plan, _unfit = drafts.rebase(session, plan.id, plan.version)
    run("139900", {"op": "merge", "grids": ["139911", "139902"], "code": "139911"})
    with work(TESTER) as session:
        plan, unfit = drafts.rebase(session, plan.id, plan.version)
    assert [misfit.operation.as_json()["op"] for misfit in unfit] == ["rename"]
    with work(TESTER) as session:
        [split, rename] = plan_by_id(session, plan.id).left_out
        assert (split.operation["op"], split.operation["grid"]) == ("split", "139901")
        assert "does not cut" in str(split.reason)
        assert (rename.operation["name"], rename.names) == ("老东县", {"139902": "东县"})
        assert "139902" in str(rename.reason)
        drawn = drafts.add_operations(
            session, plan.id, plan.version, [{"op": "rename", "grid": "139911", "name": "中县"}]
        )
        assert len(drawn.left_out) == 2, "a further step forgets nothing"
        assert service.submit(session, plan.id, drawn.version).left_out == ()


def test_a_plan_is_not_stale_for_vertices_that_a_neighbour_put_in() -> None:
    plan = approved("139900", SPLIT)
    run("139900", {"op": "subdivide", "grid": "139902", "lines": [[[116.15, 39.13], [116.45, 39.13]]], "level": "grid"})
    assert applied(plan.id, plan.version).exact


def test_a_plan_stays_inside_its_grid() -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 6000})
    with pytest.raises(Refused, match="lies outside 139901"):
        run("139901", {"op": "rename", "grid": "139902", "name": "x"})


def test_a_plan_is_applied_at_its_moment_and_returned_where_it_no_longer_fits() -> None:
    plans = [submitted("139900", SPLIT), submitted("139900", {"op": "rename", "grid": "139901", "name": "晚县"})]
    moment = clock.now() + dt.timedelta(days=1)
    with work(TESTER) as session:
        plans = [service.approve(session, plan.id, plan.version, apply_at=moment) for plan in plans]
        waiting = session.scalars(
            text("select scheduled_at from procrastinate.procrastinate_jobs where task_name = :name"),
            {"name": service.APPLY_JOB},
        ).all()
    assert waiting == [moment, moment]
    for plan in plans:
        apply_due(plan.id, plan.version)
    with reading(TESTER) as session:
        found = [plan_by_id(session, plan.id) for plan in plans]
    assert [plan.state for plan in found] == ["applied", "returned"]
    assert "139901" in str(found[1].refusal)
    assert "139911" in codes()


def test_a_plan_that_goes_back_by_itself_tells_whoever_drew_it_to_draw_it_anew() -> None:
    """Whoever approved it had no hand in it, and would be told to give it back."""
    plan = submitted("139900", {"op": "rename", "grid": "139901", "name": "晚县"})
    with work(actor(person("decider", "gis_admin"))) as session:
        plan = service.approve(session, plan.id, plan.version, apply_at=clock.now() + dt.timedelta(days=1))
    run("139900", SPLIT)
    apply_due(plan.id, plan.version)
    with reading(TESTER) as session:
        left = plan_by_id(session, plan.id)
    assert "139901; rebase the plan" in str(left.refusal)


def test_whoever_approved_a_plan_applies_it_at_its_moment_if_they_still_may() -> None:
    decider = person("decider", "gis_admin")
    moment = clock.now() + dt.timedelta(days=1)
    plans = [submitted("139900", SPLIT), submitted("139900", {"op": "rename", "grid": "139902", "name": "大县"})]
    with work(actor(decider)) as session:
        plans = [service.approve(session, plan.id, plan.version, apply_at=moment) for plan in plans]
    apply_due(plans[0].id, plans[0].version)
    with reading(TESTER) as session:
        acted = session.scalar(text("select actor from core.grid_change order by version desc limit 1"))
    assert acted == str(decider)
    with work(TESTER) as session:
        disable_user(session, decider)
    apply_due(plans[1].id, plans[1].version)
    with reading(TESTER) as session:
        left = plan_by_id(session, plans[1].id)
    assert left.state == "returned"
    assert "can no longer sign in" in str(left.refusal)


def test_a_plan_whose_approver_was_moved_elsewhere_is_returned_in_words_that_say_so() -> None:
    decider = person("decider", "gis_admin", grid="139900")
    plan = submitted("139900", SPLIT)
    with work(actor(decider)) as session:
        plan = service.approve(session, plan.id, plan.version, apply_at=clock.now() + dt.timedelta(days=1))
    with work(TESTER) as session:
        (granted,) = grants_of_people(session, [decider])[decider]
        revoke_grant(session, granted.id)
        grant_role(session, GrantRole(decider, "gis_admin", "139902"))
    apply_due(plan.id, plan.version)
    with reading(TESTER) as session:
        left = plan_by_id(session, plan.id)
    assert (left.state, codes()) == ("returned", ["139900", "139901", "139902"])
    assert "may no longer decide" in str(left.refusal)


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(-dt.timedelta(hours=12))),
        dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    ],
)
def test_the_moment_of_a_plan_lies_in_the_years_to_come(moment: dt.datetime) -> None:
    plan = submitted("139900", SPLIT)
    with pytest.raises(Refused, match="give a"), work(TESTER) as session:
        service.approve(session, plan.id, plan.version, apply_at=moment)


@pytest.mark.parametrize("day", [dt.date.min, dt.date(1899, 12, 31), dt.date(2099, 1, 1), dt.date.max])
def test_the_legal_date_of_a_plan_is_one_that_a_decision_can_name(day: dt.date) -> None:
    plan = submitted("139900", SPLIT)
    with pytest.raises(Refused, match="legal date"), work(TESTER) as session:
        service.approve(session, plan.id, plan.version, effective_on=day)


def test_plans_that_touch_nothing_in_common_are_applied_at_the_same_time() -> None:
    plans = [
        approved("139900", {"op": "rename", "grid": code, "name": name})
        for code, name in (("139901", "甲"), ("139902", "乙"), ("139900", "丙"))
    ]
    with ThreadPoolExecutor(len(plans)) as pool:
        done = list(pool.map(lambda plan: applied(plan.id, plan.version), plans))
    assert sorted(each.version for each in done) == [3, 4, 5]


def test_of_a_plan_in_force_nothing_is_foretold() -> None:
    """A preview counts what lies in grids; who may know of every applied plan may not know that of every grid."""
    plan = run("139900", SPLIT).plan
    for ask in (check_plan, preview_plan):
        with pytest.raises(Refused), work(TESTER) as session:
            ask(session, plan.id)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that were sent since."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engines().write, "before_cursor_execute", note)
    yield sent
    event.remove(engines().write, "before_cursor_execute", note)


def told() -> int:
    """How many notices there are, of all."""
    with reading(TESTER) as session:
        return int(session.scalar(text("select count(*) from core.notice")) or 0)


class Killed(Exception):
    pass


@contextmanager
def falling_at(number: int) -> Iterator[None]:
    """Fall before a statement of that number is sent."""
    left = iter(range(number - 1, -1, -1))

    def fall(*_what: Any) -> None:
        if next(left, None) == 0:
            raise Killed

    event.listen(engines().write, "before_cursor_execute", fall)
    try:
        yield
    finally:
        event.remove(engines().write, "before_cursor_execute", fall)


def test_a_failure_at_any_statement_leaves_nothing(statements: list[str]) -> None:
    report(116.15, 39.1)
    person("walker", "worker", grid="139901")
    plan = approved("139900", SPLIT)
    before = written(), codes(), told()
    statements.clear()
    with pytest.raises(Killed), work(TESTER) as session:
        service.apply_plan(session, plan.id, plan.version)
        raise Killed
    count = len(statements)
    assert count > 10
    for fatal in range(1, count + 1):
        with falling_at(fatal), pytest.raises(Killed), work(TESTER) as session:
            service.apply_plan(session, plan.id, plan.version)
        assert (written(), codes(), told()) == before, f"after statement {fatal}"
    assert applied(plan.id, plan.version).exact
    assert proven().exact
    assert told() == before[2] + 1
