"""Departments are called to a matter: each has a task of it, with its own state, clock and people."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core import clock
from core.actor import Actor
from core.db.session import reading, work
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from core.matters.ahead import blocked_way, steps_now
from core.matters.clock_queries import clocks_shown
from core.matters.filters import MatterFilter
from core.matters.kinds import MatterKind, Stage, register_kind, unregister
from core.matters.listing import list_matters
from core.matters.queries import events_of
from core.matters.task_queries import tasks_shown
from core.matters.views import TaskView
from tests.integration.matters.people import (
    EAST_STREET,
    IN_EAST,
    SOUTH_STREET,
    TESTER,
    matter,
    officer,
    person,
    photo,
    read,
    step,
)

pytestmark = pytest.mark.usefixtures("offices")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> Any:
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    return clock.turned(lambda: moment)


def tasks(matter_id: UUID, actor: Actor = TESTER) -> list[TaskView]:
    with reading(actor) as session:
        return tasks_shown(session, matter_id)


def told(matter_id: UUID) -> list[tuple[str, str, str]]:
    """Each task as department, role and state."""
    return [(task.code, task.role, task.state) for task in tasks(matter_id)]


def possible(actor: Actor, found: UUID) -> set[str]:
    with reading(actor) as session:
        return {transition.step for transition in steps_now(session, found)}


def mine(actor: Actor) -> list[UUID]:
    with reading(actor) as session:
        return [view.id for view in list_matters(session, MatterFilter(tab="mine")).items]


def clocks(matter_id: UUID, when: str) -> dict[str, tuple[str, str]]:
    """The clocks that began last of each name: when each is due, and its state."""
    with at(when), reading(TESTER) as session:
        return {
            each.name: (f"{each.due_at.astimezone(SHANGHAI):%m-%d %H:%M}", each.state)
            for each in clocks_shown(session, matter_id)
        }


def whistled(lead: str = "CG", assist: tuple[str, ...] = (), **fields: Any) -> UUID:
    found = matter(TESTER, **fields)
    step(TESTER, found, "accept")
    step(TESTER, found, "whistle", lead=lead, assist=assist)
    return found


def test_one_department_leads_others_assist_and_somebody_else_checks_the_result(offices: dict[str, UUID]) -> None:
    head, lead, second = person("grid_head", EAST_STREET), officer(offices["CG"], "城管小李"), officer(offices["SZ"])
    found = matter(TESTER)
    step(head, found, "accept")
    step(head, found, "whistle", lead="CG", assist=("SZ", "HB"), note="三家到场")
    assert read(head, found).state == "whistled"
    assert sorted(told(found)) == [
        ("CG", "lead", "offered"), ("HB", "assist", "offered"), ("SZ", "assist", "offered")
    ]  # fmt: skip
    step(second, found, "claim")
    assert read(head, found).state == "whistled", "nobody leads yet"
    step(lead, found, "claim")
    after = read(head, found)
    assert (after.state, after.handler_name) == ("handling", "城管小李")
    with pytest.raises(Refused) as early:
        step(lead, found, "feed_back", note="补好了")
    assert [objection.code for objection in early.value.objections] == ["assists-open"]
    step(second, found, "feed_back", note="水停了")
    assert read(head, found).state == "handling"
    step(lead, found, "waive", note="环保局不需要")
    step(lead, found, "feed_back", note="补好了")
    assert read(head, found).state == "fed_back"
    assert possible(lead, found) == {"note"}
    step(head, found, "verify", outcome="solved", note="看过了")
    done = read(head, found)
    assert (done.state, done.outcome, done.closed_at is not None) == ("closed", "solved", True)
    assert sorted(told(found)) == [("CG", "lead", "done"), ("HB", "assist", "waived"), ("SZ", "assist", "done")]
    with reading(TESTER) as session:
        events = events_of(session, found)
    assert [(event.seq, event.step) for event in events] == list(
        enumerate(
            ["report", "accept", "whistle", "claim", "claim", "feed_back", "waive", "feed_back", "verify"], start=1
        )
    )
    assert (events[2].data["lead"], events[2].data["assist"]) == (["城管局"], ["市政所", "环保局"])
    assert events[-1].data["outcome"] == "solved"


def test_a_department_sees_the_matters_with_a_task_of_its_own_and_no_others(offices: dict[str, UUID]) -> None:
    lead, other = officer(offices["CG"]), officer(offices["HB"])
    found, foreign = whistled(), matter(TESTER)
    assert read(lead, found).id == found
    for actor, hidden in ((lead, foreign), (other, found)):
        with pytest.raises(NotFound):
            read(actor, hidden)
    assert mine(lead) == [found]
    assert mine(other) == []
    assert possible(lead, found) == {"claim", "decline", "note"}
    with pytest.raises(NotFound):
        step(other, found, "claim", version=3)


def test_a_matter_is_in_the_hands_of_whoever_claimed_it_and_of_nobody_else_of_the_department(
    offices: dict[str, UUID],
) -> None:
    lead, colleague = officer(offices["CG"]), officer(offices["CG"])
    found = whistled()
    assert mine(lead) == mine(colleague) == [found]
    step(lead, found, "claim")
    assert (mine(lead), mine(colleague)) == ([found], [])
    step(colleague, found, "feed_back", note="他请假，我来反馈")
    assert mine(lead) == []
    with pytest.raises(Refused) as own:
        step(TESTER, found, "claim")
    assert [objection.code for objection in own.value.objections] == ["state"]


def test_who_did_the_work_does_not_check_it_though_they_could_check_others(offices: dict[str, UUID]) -> None:
    head = person("grid_head", EAST_STREET)
    found = matter(TESTER)
    step(TESTER, found, "accept")
    step(head, found, "settle")
    step(head, found, "feed_back", note="已清理")
    assert read(head, found).state == "fed_back"
    assert "verify" not in possible(head, found)
    assert found not in mine(head)
    for name, given in (("verify", {"outcome": "solved"}), ("send_back", {"note": "不行"})):
        with pytest.raises(Refused) as caught:
            step(head, found, name, **given)
        assert [objection.code for objection in caught.value.objections] == ["handler-verifies"]
    worker = person("worker", EAST_STREET)
    assert found in mine(worker)
    step(worker, found, "verify", outcome="partly")
    assert read(worker, found).outcome == "partly"


def test_after_two_declines_an_arbiter_decides_and_the_word_binds(offices: dict[str, UUID]) -> None:
    head, desk = person("grid_head", EAST_STREET), person("desk", EAST_STREET)
    found = whistled()
    assert "assign" in possible(head, found)
    step(officer(offices["CG"]), found, "decline", note="不归我管", department="SZ")
    assert told(found) == [("CG", "lead", "declined")]
    assert tasks(found)[0].proposed == "市政所"
    assert found in mine(head)
    step(head, found, "assign", department="SZ")
    step(officer(offices["SZ"]), found, "decline", note="也不归我管", department="CG")
    assert "assign" not in possible(head, found)
    with pytest.raises(Refused) as caught:
        step(head, found, "assign", department="CG")
    assert [objection.code for objection in caught.value.objections] == ["arbiter"]
    step(desk, found, "assign", department="CG", note="定了")
    last = tasks(found)[-1]
    assert (last.code, last.role, last.state, last.binding) == ("CG", "lead", "offered", True)
    lead = officer(offices["CG"])
    assert possible(lead, found) == {"claim", "note"}
    with pytest.raises(Refused) as bound:
        step(lead, found, "decline", note="还是不归我", department="SZ")
    assert [objection.code for objection in bound.value.objections] == ["binding"]
    step(lead, found, "claim")
    assert read(head, found).state == "handling"


def test_a_task_is_given_to_another_department_and_the_matter_waits_for_a_lead_again(offices: dict[str, UUID]) -> None:
    desk, lead = person("desk", EAST_STREET), officer(offices["CG"])
    found = whistled()
    step(lead, found, "claim")
    step(desk, found, "assign", task=tasks(found)[0].id, department="HB", limit="2wd")
    assert told(found) == [("CG", "lead", "waived"), ("HB", "lead", "offered")]
    assert (read(desk, found).state, read(desk, found).handler) == ("whistled", None)
    assert found not in mine(lead)
    step(officer(offices["HB"]), found, "claim")
    assert read(desk, found).state == "handling"


def test_who_leads_calls_others_to_assist_yet_gives_nothing_away(offices: dict[str, UUID]) -> None:
    lead = officer(offices["CG"])
    found = whistled()
    with pytest.raises(Forbidden):
        step(lead, found, "assign", department="SZ")
    step(lead, found, "claim")
    step(lead, found, "assign", department="SZ", note="请协助")
    assert told(found) == [("CG", "lead", "claimed"), ("SZ", "assist", "offered")]
    with pytest.raises(Invalid) as caught:
        step(lead, found, "assign", task=tasks(found)[1].id, department="HB")
    assert [objection.code for objection in caught.value.objections] == ["lead-adds"]
    with pytest.raises(Invalid) as twice:
        step(lead, found, "assign", department="SZ")
    assert [objection.pointer for objection in twice.value.objections] == ["/department"]


def test_what_was_not_done_is_sent_back_with_half_of_the_time_and_done_again(offices: dict[str, UUID]) -> None:
    head, lead = person("grid_head", EAST_STREET), officer(offices["CG"])
    with at("2026-11-23 09:00"):
        found = whistled()
    with at("2026-11-23 10:00"):
        step(lead, found, "claim")
    assert clocks(found, "2026-11-23 10:00") == {
        "handle": ("11-30 09:00", "running"), "claim": ("11-23 11:00", "ended"), "task": ("11-30 10:00", "running")
    }  # fmt: skip
    with at("2026-11-25 09:00"):
        step(lead, found, "feed_back", note="好了")
    assert clocks(found, "2026-11-25 09:00")["task"][1] == "ended"
    assert clocks(found, "2026-11-25 09:00")["verify"] == ("11-26 09:00", "running")
    assert f"{read(TESTER, found).due_at:%m-%d %H:%M}" == "11-26 01:00"
    with at("2026-11-26 15:00"):
        step(head, found, "send_back", note="没补平")
    again = read(head, found)
    assert (again.state, again.round, again.handler) == ("handling", 2, lead.id)
    assert [(task.round, task.state) for task in tasks(found)] == [(1, "done"), (2, "claimed")]
    assert clocks(found, "2026-11-26 15:00") == {
        "handle": ("12-01 15:00", "running"), "claim": ("11-23 11:00", "ended"), "task": ("12-01 15:00", "running"),
        "verify": ("11-26 09:00", "ended"),
    }  # fmt: skip
    step(lead, found, "feed_back", note="补平了")
    step(head, found, "verify", outcome="solved")
    assert {state for _due, state in clocks(found, "2026-12-05 00:00").values()} == {"ended"}


def test_what_the_grid_settled_and_reported_back_is_sent_back_to_the_grid(offices: dict[str, UUID]) -> None:
    worker, head = person("worker", EAST_STREET), person("grid_head", EAST_STREET)
    found = matter(TESTER)
    step(head, found, "accept")
    step(worker, found, "settle")
    step(worker, found, "feed_back", note="好了")
    step(head, found, "send_back", note="还有")
    assert (read(head, found).state, read(head, found).handler) == ("settling", worker.id)
    assert told(found) == [("", "self", "done"), ("", "self", "claimed")]
    step(worker, found, "close")
    assert read(head, found).state == "closed"


def test_the_grid_hands_what_it_cannot_settle_to_departments(offices: dict[str, UUID]) -> None:
    head, worker = person("grid_head", EAST_STREET), person("worker", EAST_STREET)
    found = matter(TESTER)
    step(head, found, "accept")
    step(worker, found, "settle")
    step(head, found, "whistle", lead="SZ")
    assert told(found) == [("", "self", "waived"), ("SZ", "lead", "offered")]
    assert (read(head, found).handler, mine(worker)) == (None, [])


def test_an_urgent_matter_is_to_be_claimed_within_half_an_hour_by_the_department_s_own_limit_afterwards(
    offices: dict[str, UUID],
) -> None:
    register_kind(MatterKind("test.fire", "Fire", priority=1, limit="3wd"), "test")
    try:
        with at("2026-11-23 09:00"):
            found = whistled(kind="test.fire")
            step(TESTER, found, "assign", department="SZ", limit="4wh")
        assert clocks(found, "2026-11-23 09:00")["claim"] == ("11-23 09:30", "running")
        assert f"{read(TESTER, found).due_at:%m-%d %H:%M}" == "11-23 01:30"
        with at("2026-11-23 09:10"):
            step(officer(offices["CG"]), found, "claim")
            step(officer(offices["SZ"]), found, "claim")
        with at("2026-11-23 09:10"), reading(TESTER) as session:
            due = {each.task: each.due_at.astimezone(SHANGHAI) for each in clocks_shown(session, found) if each.task}
        by_office = {task.code: f"{due[task.id]:%m-%d %H:%M}" for task in tasks(found)}
        assert by_office == {"CG": "11-26 09:10", "SZ": "11-23 14:40"}
    finally:
        unregister("test")


def test_the_lead_shows_the_evidence_and_ticks_off_the_parts(offices: dict[str, UUID]) -> None:
    register_kind(
        MatterKind("test.pipe", "Pipe", evidence={"close": 1}, stages=(Stage("dig", "Dig", "2wd"),), limit="5wd"),
        "test",
    )
    try:
        lead, second = officer(offices["CG"]), officer(offices["SZ"])
        found = whistled(assist=("SZ",), kind="test.pipe")
        step(second, found, "claim")
        step(second, found, "feed_back", note="阀门关了")
        assert read(TESTER, found).state == "whistled", "an assisting department may be done before anybody leads"
        step(lead, found, "claim")
        with pytest.raises(Invalid) as caught:
            step(lead, found, "feed_back", note="修好了", stages=("dig",))
        assert [objection.pointer for objection in caught.value.objections] == ["/files"]
        with pytest.raises(Invalid) as parts:
            step(lead, found, "feed_back", note="修好了", files=(photo(lead),))
        assert [objection.code for objection in parts.value.objections] == ["stage-open"]
        step(lead, found, "feed_back", note="修好了", stages=("dig",), files=(photo(lead),))
        assert read(TESTER, found).state == "fed_back"
    finally:
        unregister("test")


@pytest.mark.parametrize(
    ("name", "given", "pointer"),
    [
        ("whistle", {}, "/lead"),
        ("whistle", {"lead": "XX"}, "/lead"),
        ("whistle", {"lead": "CG", "assist": ("SZ", "XX")}, "/assist/1"),
        ("whistle", {"lead": "CG", "assist": ("CG",)}, "/assist/0"),
        ("whistle", {"lead": "CG", "limit": "soon"}, "/limit"),
        ("whistle", {"lead": "CG", "stages": ("a",)}, "/stages"),
        ("whistle", {"lead": "CG", "assist": tuple(f"A{n}" for n in range(21))}, "/assist"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_at_its_field(name: str, given: dict[str, Any], pointer: str) -> None:
    found = matter(TESTER)
    step(TESTER, found, "accept")
    with pytest.raises(Invalid) as caught:
        step(TESTER, found, name, **given)
    assert [objection.pointer for objection in caught.value.objections] == [pointer]
    assert (read(TESTER, found).version, told(found)) == (2, [])


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"department": "SZ"}, "/note"),
        ({"note": "不归我"}, "/department"),
        ({"note": "不归我", "department": "CG"}, "/department"),
        ({"note": "不归我", "department": "ZZ"}, "/department"),
    ],
)
def test_who_declines_says_why_and_whose_it_is(offices: dict[str, UUID], given: dict[str, Any], pointer: str) -> None:
    found = whistled()
    with pytest.raises(Invalid) as caught:
        step(officer(offices["CG"]), found, "decline", **given)
    assert [objection.pointer for objection in caught.value.objections] == [pointer]
    assert told(found) == [("CG", "lead", "offered")]


def test_rights_are_of_the_department_and_of_the_role(offices: dict[str, UUID]) -> None:
    found = whistled()
    inside = person("officer", EAST_STREET)
    with pytest.raises(Forbidden):
        step(inside, found, "claim")
    clerk = officer(offices["CG"])
    reader = Actor("user", clerk.id, "leader", person("leader", SOUTH_STREET).grants, department_id=offices["CG"])
    with pytest.raises(Forbidden):
        step(reader, found, "claim")
    worker = person("worker", EAST_STREET)
    assert {"whistle", "assign", "claim"}.isdisjoint(possible(worker, found))
    with reading(inside) as session:
        way = blocked_way(session, found)
    assert way is not None
    assert (way.step, way.offices) == ("claim", ("城管局",))


def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_the_state(offices: dict[str, UUID]) -> None:
    found = whistled()
    people = [officer(offices["CG"], f"李{n}") for n in range(8)]

    def claim(who: Actor) -> str | dict[str, Any]:
        try:
            step(who, found, "claim", version=3)
        except Conflict as conflict:
            return dict(conflict.facts())
        return who.name

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(claim, people))
    [winner] = [answer for answer in answers if isinstance(answer, str)]
    lost = [answer for answer in answers if not isinstance(answer, str)]
    assert len(lost) == 7
    for facts in lost:
        assert (facts["theirs"]["state"], facts["theirs"]["version"]) == ("handling", 4)
        assert (facts["mine"], facts["base"]["state"]) == ({"version": 3, "step": "claim"}, "whistled")
    assert [(task.handler, task.state, task.version) for task in tasks(found)] == [(winner, "claimed", 2)]
    with reading(TESTER) as session:
        assert [event.step for event in events_of(session, found)] == ["report", "accept", "whistle", "claim"]


def test_every_end_of_a_matter_ends_its_tasks_and_their_clocks() -> None:
    found = whistled(assist=("SZ", "HB"))
    step(TESTER, found, "withdraw", note="误报")
    assert {state for _code, _role, state in told(found)} == {"waived"}
    with reading(TESTER) as session:
        assert {each.state for each in clocks_shown(session, found)} == {"ended"}


def test_the_database_keeps_one_lead_and_lets_nobody_take_a_task_away() -> None:
    found = whistled()
    other = (
        "insert into core.matter_task (id, matter_id, department_id, role, state, round, version, binding, offered_at)"
    )
    with pytest.raises(IntegrityError, match="led_once"), work(TESTER) as session:
        session.execute(
            text(f"{other} select gen_random_uuid(), matter_id, department_id, 'lead', 'claimed', 1, 1, false, now()"
                 " from core.matter_task where matter_id = :id"), {"id": found}
        )  # fmt: skip
    for sql in ("delete from core.matter_task", "update core.matter_task set role = 'assist'"):
        with pytest.raises(ProgrammingError, match="permission denied"), work(TESTER) as session:
            session.execute(text(sql))


def test_a_kind_without_departments_is_settled_by_the_grid_alone() -> None:
    with pytest.raises(ValueError, match="neither the grid nor a department"):
        MatterKind("test.none", "None", settle_in_grid=False, steps_off=frozenset({"whistle"}))
    register_kind(MatterKind("test.own", "Own", steps_off=frozenset({"whistle"})), "test")
    try:
        found = matter(TESTER, IN_EAST, kind="test.own")
        step(TESTER, found, "accept")
        assert "whistle" not in possible(TESTER, found)
        with pytest.raises(Refused):
            step(TESTER, found, "whistle", lead="CG")
    finally:
        unregister("test")
