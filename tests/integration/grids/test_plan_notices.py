"""Who is told of a plan of boundaries: who may decide, who drew, and whoever holds something in grids it changes."""

from __future__ import annotations

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from core import clock
from core.access.commands import GrantRole
from core.access.granting import grant_role
from core.access.service import disable_user
from core.actor import Actor
from core.db.session import reading, work
from core.errors import Conflict, Forbidden
from core.grids.plans import drafts, service
from core.grids.plans.allowed import acts_allowed
from core.grids.plans.due import apply_due
from core.grids.plans.previewing import preview_plan
from core.grids.plans.queries import plan_by_id
from core.grids.plans.views import PlanView
from core.grids.queries import tree
from core.notices.queries import notices_of
from core.org.service import CreatePost, FillPost, create_post, fill_post
from tests.beginning import begins_with
from tests.integration.access.making import actor, do, person
from tests.integration.grids.bringing import TESTER
from tests.integration.grids.plans import SPLIT, WEST_LINE, applied, approved, draft, run, submitted, two_counties

RENAME = {"op": "rename", "grid": "139901", "name": "大西县"}
HALVES = {"op": "split", "grid": "139901", "line": WEST_LINE, "codes": ["139911", "139912"], "names": ["甲县", "乙县"]}
"""Retires the western county, with neither part keeping its code."""


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def drawer() -> Actor:
    return actor(person("drawer", "gis_admin"))


@pytest.fixture
def decider() -> Actor:
    return actor(person("decider", "leader"))


def seat(grid: str, holder: UUID, *, deputy: bool = False) -> None:
    with work(TESTER) as session:
        fill_post(session, FillPost(create_post(session, CreatePost("worker", "", grid)), holder, deputy=deputy))


def told(who: Actor | UUID) -> list[str]:
    """What somebody was told, the latest first."""
    with reading(who if isinstance(who, Actor) else actor(who)) as session:
        return [str(notice.text) for notice in notices_of(session)]


def open_asks(who: Actor) -> set[UUID]:
    """The plans of which somebody was told what they have not read yet."""
    with reading(who) as session:
        return {UUID(notice.about.id) for notice in notices_of(session, only_unread=True)}


def subjects(who: UUID) -> set[tuple[str, str]]:
    with reading(actor(who)) as session:
        return {notice.about for notice in notices_of(session)}


def number() -> int:
    """How many notices there are, of all."""
    with reading(TESTER) as session:
        return int(session.scalar(text("select count(*) from core.notice")) or 0)


def approve(plan: PlanView, who: Actor, at: dt.datetime | None = None) -> PlanView:
    with work(who) as session:
        return service.approve(session, plan.id, plan.version, apply_at=at)


def test_who_may_decide_at_the_higher_level_is_told_of_a_plan_but_who_drew_it(drawer: Actor, decider: Actor) -> None:
    above, below = person("above", "leader", grid="139900"), person("below", "leader", grid="139901")
    worker, left = person("worker", "worker", grid="139900"), person("left", "leader")
    with work(TESTER) as session:
        disable_user(session, left)
    plan = draft("139901", RENAME, actor=drawer)
    assert number() == 0
    with work(drawer) as session:
        service.submit(session, plan.id, plan.version)
    said = [f"{drawer.name} handed the plan “试验方案” in for you to decide on"]
    assert (told(decider), told(above)) == (said, said)
    assert subjects(above) == {("plan", str(plan.id))}
    assert (told(drawer), told(below), told(worker), number()) == ([], [], [], 2)


@pytest.mark.parametrize("act", ["approve", "return", "recall", "withdraw", "rebase"])
def test_who_was_asked_to_decide_is_asked_no_longer_once_there_is_nothing_to_decide(
    act: str, drawer: Actor, decider: Actor
) -> None:
    other = person("other", "leader")
    waits = submitted("139902", {**RENAME, "grid": "139902"}, actor=drawer)
    plan = submitted("139901", RENAME, actor=drawer)
    assert (open_asks(decider), open_asks(actor(other))) == ({waits.id, plan.id}, {waits.id, plan.id})
    match act:
        case "approve":
            approve(plan, decider)
        case "return":
            do(decider, service.return_plan, plan.id, plan.version, "边界不对")
        case "recall":
            do(drawer, service.recall, plan.id, plan.version)
        case "withdraw":
            do(drawer, service.withdraw, plan.id, plan.version)
        case "rebase":
            do(drawer, drafts.rebase, plan.id, plan.version)
    assert (open_asks(decider), open_asks(actor(other))) == ({waits.id}, {waits.id})


def test_a_plan_that_is_taken_back_and_handed_in_again_and_again_asks_once(drawer: Actor, decider: Actor) -> None:
    plan = submitted("139901", RENAME, actor=drawer)
    for _time in range(3):
        plan = do(drawer, service.recall, plan.id, plan.version)
        assert open_asks(decider) == set()
        plan = do(drawer, service.submit, plan.id, plan.version)
    assert open_asks(decider) == {plan.id}
    assert len(told(decider)) == 1


def test_a_plan_that_is_handed_in_is_taken_away_by_who_drew_alone_and_who_approved_is_told(
    drawer: Actor, decider: Actor
) -> None:
    helper, other = actor(person("helper", "grid_head")), actor(person("other", "grid_head"))
    plan = draft("139900", SPLIT, actor=drawer)
    with work(helper) as session:
        plan = drafts.add_operations(session, plan.id, plan.version, [RENAME])
    for act in (drafts.rebase, service.withdraw):
        with work(drawer) as session:
            plan = service.submit(session, plan.id, plan.version)
        for approving in (False, True):
            plan = approve(plan, decider) if approving else plan
            with pytest.raises(Forbidden), work(other) as session:
                act(session, plan.id, plan.version)
            with reading(other) as session:
                assert not acts_allowed(session, plan.id) & {"recall", "rebase", "withdraw"}
        with work(helper) as session:
            act(session, plan.id, plan.version)
        with reading(drawer) as session:
            plan = plan_by_id(session, plan.id)
    again = f"{helper.name} drew the plan “试验方案” anew: it is a draft again"
    up = f"{helper.name} gave the plan “试验方案” up for good"
    assert [said for said in told(drawer) if helper.name in said] == [up, again]
    assert [said for said in told(decider) if "handed" not in said] == [up, again]
    assert told(other) == []


def test_who_drew_is_told_of_the_decision(drawer: Actor, decider: Actor) -> None:
    helper = actor(person("helper", "grid_head"))
    plan = draft("139900", SPLIT, actor=drawer)
    with work(helper) as session:
        plan = drafts.add_operations(session, plan.id, plan.version, [{"op": "rename", "grid": "139902", "name": "x"}])
    with work(drawer) as session:
        plan = service.submit(session, plan.id, plan.version)
    with work(decider) as session:
        plan = service.return_plan(session, plan.id, plan.version, "边界不对")
    back = f"{decider.name} gave the plan “试验方案” back: 边界不对"
    assert (told(drawer), told(helper)) == ([back], [back])
    with work(drawer) as session:
        plan = service.submit(session, plan.id, plan.version)
    plan = approve(plan, decider)
    applied(plan.id, plan.version, decider)
    assert told(drawer) == [
        "The plan “试验方案” is in force now", f"{decider.name} approved the plan “试验方案”", back,
    ]  # fmt: skip
    assert told(helper) == told(drawer)
    assert len(told(decider)) == 2


def test_who_drew_and_who_set_the_moment_are_told_that_it_passed_in_vain(drawer: Actor, decider: Actor) -> None:
    holder = person("holder", "worker", grid="139901")
    late = approve(submitted("139900", SPLIT, actor=drawer), decider, clock.now() + dt.timedelta(days=1))
    run("139900", RENAME)
    before = told(holder)
    apply_due(late.id, late.version)
    [failed, told_before] = told(drawer)
    moment = late.apply_at and f"{late.apply_at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    assert told_before == f"{decider.name} approved the plan “试验方案”; it takes effect at {moment}"
    assert told(decider)[0] == failed
    assert "could not be applied at its moment" in failed
    assert "139901" in failed
    assert told(holder) == before
    assert "in force" not in " ".join(told(drawer))


def test_whoever_holds_something_in_the_grids_is_told_once_what_they_have_now() -> None:
    worker, deputy, role, both = (person(name) for name in ("worker", "deputy", "role", "both"))
    other, city = person("other", "worker", grid="139902"), person("city", "worker", grid="139900")
    with work(TESTER) as session:
        grant_role(session, GrantRole(role, "worker", "139901"))
        grant_role(session, GrantRole(both, "grid_head", "139901"))
    seat("139901", worker)
    seat("139901", deputy, deputy=True)
    seat("139901", both)
    plan = run("139900", HALVES).plan
    said = ["The plan “试验方案” changed 西县; you are now responsible for 乙县, 甲县"]
    assert [told(who) for who in (worker, deputy, role, both)] == [said] * 4
    assert subjects(worker) == {("plan", str(plan.id))}
    assert (told(other), told(city), number()) == ([], [], 4)
    run("139900", {"op": "merge", "grids": ["139911", "139912"], "code": "139920", "name": "合县"})
    assert told(worker)[0] == "The plan “试验方案” changed 乙县, 甲县; you are now responsible for 合县"
    assert len(told(other)) == 0


def test_a_border_that_moves_tells_both_sides_and_a_division_its_own_but_a_vertex_in_mid_edge_nobody() -> None:
    west, east = person("west", "worker", grid="139901"), person("east", "worker", grid="139902")
    lines = [[[116.15, 39.13], [116.45, 39.13]]]
    run("139900", {"op": "subdivide", "grid": "139902", "lines": lines, "level": "grid"})
    changed = "The plan “试验方案” changed 东县; you are now responsible for 东县"
    assert (told(west), told(east)) == ([], [changed])
    run("139900", {"op": "reshape", "grid": "139901", "line": [[116.25, 39.02], [116.15, 39.05], [116.25, 39.1]]})
    assert told(west) == ["The plan “试验方案” changed 西县; you are now responsible for 西县"]
    assert told(east) == [changed, changed]


def test_of_grids_that_nobody_holds_the_next_above_is_told_and_nobody_further_up() -> None:
    lines = [[[116.15, 39.13], [116.45, 39.13]]]
    born = run("139900", {"op": "subdivide", "grid": "139902", "lines": lines, "level": "grid"}).born
    with reading(TESTER) as session:
        names = {row.code: row.name for row in tree(session)}
    city, county = person("city", "leader", grid="139900"), person("county", "leader", grid="139902")
    worker = person("wang")
    across = {"op": "split", "grid": born[0], "line": [[116.3, 38.95], [116.3, 39.25]], "names": ["甲", "乙"]}
    run("139900", {"op": "rename", "grid": born[0], "name": "一网格"})
    run("139900", across, {"op": "rename", "grid": born[1], "name": "二网格"})
    assert told(county) == [
        f"The plan “试验方案” changed 一网格, {names[born[1]]} in 东县, for which you are responsible",
        f"The plan “试验方案” changed {names[born[0]]} in 东县, for which you are responsible",
    ]
    assert told(city) == []
    seat(born[0], worker)
    run("139900", {"op": "rename", "grid": born[0], "name": "丙"})
    assert told(worker) == ["The plan “试验方案” changed 甲; you are now responsible for 丙"]
    assert len(told(county)) == 2


def test_of_many_grids_a_few_are_named() -> None:
    holder = person("holder", "worker", grid="139901")
    lines = [[[x, 38.95], [x, 39.25]] for x in (116.04, 116.08, 116.12, 116.16)]
    codes = ["139901", "139911", "139912", "139913", "139914"]
    operations = []
    for step, line in enumerate(lines):
        west, east = codes[step : step + 2]
        operations.append(
            {"op": "split", "grid": west, "line": line, "codes": [west, east], "names": [f"县{step}", f"县{step + 1}"]}
        )
    run("139900", *operations)
    assert told(holder) == ["The plan “试验方案” changed 西县; you are now responsible for 县0, 县1, 县2 and 2 more"]


def test_a_preview_tells_nobody_and_neither_does_a_plan_that_is_refused(drawer: Actor) -> None:
    person("holder", "worker", grid="139901")
    plan, other = approved("139900", HALVES), approved("139900", RENAME)
    before = number()
    with work(TESTER) as session:
        assert preview_plan(session, plan.id).copied["core.grant"] == 2
    assert number() == before
    applied(other.id, other.version)
    after = number()
    assert after == before + 1
    with pytest.raises(Conflict):
        applied(plan.id, plan.version)
    assert number() == after


def test_the_command_line_that_does_it_all_asks_nobody_to_decide(decider: Actor) -> None:
    run("139900", RENAME)
    assert told(decider) == []
