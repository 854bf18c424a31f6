"""Each step from each state, from the design's text; who may, what it asks for, what it leaves behind."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core import clock, once
from core.actor import Actor
from core.db.base import new_id
from core.db.session import reading, work
from core.errors import Conflict, Forbidden, Invalid, KeyReused, NotFound, Refused
from core.matters.ahead import blocked_way, steps_now
from core.matters.commands import TakeStep
from core.matters.inputs import NoteInput
from core.matters.kinds import register_kind, unregister
from core.matters.queries import events_of
from core.matters.service import take_step
from core.matters.views import Blocked
from tests.integration.matters.people import (
    CHECK,
    EAST_STREET,
    IN_EAST,
    IN_EAST_CODE,
    IN_SOUTH,
    IN_SOUTH_CODE,
    OUTSIDE,
    SOUTH_STREET,
    TESTER,
    complete,
    matter,
    person,
    photo,
    read,
    step,
)

ALONE = (
    *("accept", "reject", "settle", "whistle", "claim", "feed_back", "verify", "send_back", "close"),
    *("withdraw", "relocate", "note"),
)
# Steps that one and the same person can take at any time with the same result; the others change whose turn it is.
STEPS = (*ALONE, "decline", "assign", "waive")
# How a matter gets into each state, and what each step makes of it; what is absent is forbidden.
WAYS = {
    "reported": (),
    "accepted": ("accept",),
    "settling": ("accept", "settle"),
    "whistled": ("accept", "whistle"),
    "handling": ("accept", "whistle", "claim"),
    "fed_back": ("accept", "whistle", "claim", "feed_back"),
    "closed": ("accept", "settle", "close"),
    "rejected": ("reject",),
    "withdrawn": ("withdraw",),
}
AFTER = {
    "reported": {
        "accept": "accepted",
        "reject": "rejected",
        "withdraw": "withdrawn",
        "relocate": "reported",
        "note": "reported",
    },
    "accepted": {
        "settle": "settling",
        "whistle": "whistled",
        "withdraw": "withdrawn",
        "relocate": "accepted",
        "note": "accepted",
    },
    "settling": {
        "close": "closed",
        "feed_back": "fed_back",
        "whistle": "whistled",
        "withdraw": "withdrawn",
        "relocate": "settling",
        "note": "settling",
    },
    "whistled": {
        "claim": "handling",
        "decline": "whistled",
        "assign": "whistled",
        "withdraw": "withdrawn",
        "relocate": "whistled",
        "note": "whistled",
    },
    "handling": {
        "feed_back": "fed_back",
        "assign": "handling",
        "close": "closed",
        "withdraw": "withdrawn",
        "relocate": "handling",
        "note": "handling",
    },
    # whoever handled it neither verifies nor sends back
    "fed_back": {"withdraw": "withdrawn", "relocate": "fed_back", "note": "fed_back"},
    "closed": {"note": "closed"},
    "rejected": {"note": "rejected"},
    "withdrawn": {"note": "withdrawn"},
}
WHY = {
    ("whistled", "feed_back"): "no-task",
    ("whistled", "waive"): "no-task",
    ("handling", "claim"): "no-task",
    ("handling", "decline"): "no-task",
    ("handling", "waive"): "no-task",
    ("fed_back", "verify"): "handler-verifies",
    ("fed_back", "send_back"): "handler-verifies",
}


def in_state(state: str) -> UUID:
    found = matter(TESTER)
    for name in WAYS[state]:
        step(TESTER, found, name, **complete(name, TESTER))
    assert read(TESTER, found).state == state
    return found


def possible(actor: Actor, found: UUID) -> set[str]:
    with reading(actor) as session:
        return {transition.step for transition in steps_now(session, found)}


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize("state", WAYS)
def test_each_step_from_each_state(state: str) -> None:
    for name in STEPS:
        found = in_state(state)
        before = read(TESTER, found)
        if name in AFTER[state]:
            step(TESTER, found, name, **complete(name, TESTER))
            after = read(TESTER, found)
            assert (name, after.state, after.version) == (name, AFTER[state][name], before.version + 1)
            assert after.last_step == name
            continue
        with pytest.raises(Refused) as caught:
            step(TESTER, found, name, **complete(name, TESTER))
        assert [objection.code for objection in caught.value.objections] == [WHY.get((state, name), "state")]
        assert read(TESTER, found) == before
    assert possible(TESTER, in_state(state)) == set(AFTER[state])


@pytest.mark.parametrize(
    ("state", "ended"), [("settling", False), ("closed", True), ("rejected", True), ("withdrawn", True)]
)
def test_the_clock_stops_at_every_end(state: str, ended: bool) -> None:
    assert (read(TESTER, in_state(state)).closed_at is not None) == ended


def test_every_step_is_one_event_in_order() -> None:
    found = in_state("closed")
    step(TESTER, found, "note", note="thanks")
    with reading(TESTER) as session:
        events = events_of(session, found)
    assert [(e.seq, e.step, e.from_state, e.to_state) for e in events] == [
        (1, "report", "draft", "reported"),
        (2, "accept", "reported", "accepted"),
        (3, "settle", "accepted", "settling"),
        (4, "close", "settling", "closed"),
        (5, "note", "closed", "closed"),
    ]


@pytest.mark.parametrize("sql", ["update core.matter_event set note = 'x'", "delete from core.matter_event"])
def test_events_cannot_be_changed(sql: str) -> None:
    in_state("accepted")
    with pytest.raises(ProgrammingError, match="permission denied"), work(TESTER) as session:
        session.execute(text(sql))


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("grid_head", {"accept", "reject", "withdraw", "relocate", "note"}),
        ("desk", {"accept", "reject", "withdraw", "relocate", "note"}),
        ("worker", {"relocate", "note"}),
        ("officer", {"note"}),
        ("leader", {"note"}),
    ],
)
def test_who_may_do_what_with_a_fresh_report(role: str, expected: set[str]) -> None:
    assert possible(person(role, EAST_STREET), matter(TESTER)) == expected


def test_the_reporter_withdraws_before_it_is_taken_up_and_not_after() -> None:
    worker = person("worker", EAST_STREET)
    first, second = matter(worker), matter(worker)
    step(worker, first, "withdraw", note="a mistake")
    assert read(worker, first).state == "withdrawn"
    for name in ("accept", "settle"):
        step(TESTER, second, name)
    with pytest.raises(Forbidden):
        step(worker, second, "withdraw", note="a mistake")
    step(person("desk", EAST_STREET), second, "withdraw", note="they called")
    assert read(worker, second).state == "withdrawn"


def test_a_step_needs_the_right_in_the_matters_grid() -> None:
    found = matter(TESTER)
    with pytest.raises(NotFound):
        step(person("grid_head", SOUTH_STREET), found, "accept")
    with pytest.raises(Forbidden):
        step(person("worker", EAST_STREET), found, "accept")
    assert read(TESTER, found).state == "reported"


def test_the_handler_closes_a_general_matter() -> None:
    worker, found = person("worker", EAST_STREET), matter(TESTER)
    step(TESTER, found, "accept")
    step(worker, found, "settle")
    assert read(worker, found).handler == worker.id
    assert possible(person("worker", EAST_STREET), found) == {"relocate", "note"}
    step(worker, found, "close")
    assert read(worker, found).state == "closed"


@pytest.mark.usefixtures("check_kind")
def test_without_auto_close_another_closes_and_evidence_is_asked_for() -> None:
    head, desk = person("grid_head", EAST_STREET), person("desk", EAST_STREET)
    found = matter(TESTER, kind="test.check", form={"level": "low"})
    step(head, found, "accept")
    step(head, found, "settle")
    assert "close" not in possible(head, found)
    with pytest.raises(Refused) as refused:
        step(head, found, "close", files=(photo(head),))
    assert [objection.code for objection in refused.value.objections] == ["handler-closes"]
    with pytest.raises(Invalid) as lacking:
        step(desk, found, "close")
    assert [objection.pointer for objection in lacking.value.objections] == ["/files"]
    step(desk, found, "close", files=(photo(desk),))
    assert read(desk, found).state == "closed"


@pytest.mark.usefixtures("check_kind")
def test_a_photo_from_before_the_work_shows_no_end_of_it_and_one_sent_since_need_not_be_sent_again() -> None:
    head, desk = person("grid_head", EAST_STREET), person("desk", EAST_STREET)
    found = matter(TESTER, kind="test.check", form={"level": "low"})
    step(head, found, "note", files=(photo(head),))
    step(head, found, "accept")
    step(head, found, "settle", files=(photo(head),))
    with pytest.raises(Invalid):
        step(desk, found, "close")
    step(head, found, "note", files=(photo(head),))
    step(desk, found, "close")
    assert read(desk, found).state == "closed"


@pytest.mark.usefixtures("check_kind")
def test_while_the_plugin_of_its_kind_is_away_a_matter_waits_and_its_rules_hold_again_afterwards() -> None:
    head, desk = person("grid_head", EAST_STREET), person("desk", EAST_STREET)
    found = matter(TESTER, kind="test.check", form={"level": "low"})
    unregister("test")
    assert possible(head, found) == {"note"}
    with pytest.raises(Refused) as refused:
        step(head, found, "accept")
    assert [(objection.code, objection.plugin) for objection in refused.value.objections] == [("kind-away", "test")]
    step(head, found, "note", note="已到现场")
    register_kind(CHECK, "test")
    step(head, found, "accept")
    step(head, found, "settle")
    unregister("test")
    for name in ("close", "withdraw", "relocate"):
        with pytest.raises(Refused):
            step(desk, found, name, **complete(name, desk))
    register_kind(CHECK, "test")
    with pytest.raises(Invalid):
        step(desk, found, "close")
    with pytest.raises(Refused):
        step(head, found, "close", files=(photo(head),))
    step(desk, found, "close", files=(photo(desk),))
    assert read(desk, found).state == "closed"


@pytest.mark.parametrize(
    ("name", "fields", "pointer"),
    [
        ("reject", {"note": " "}, "/note"),
        ("withdraw", {}, "/note"),
        ("note", {}, "/note"),
        ("relocate", {}, "/place"),
        ("note", {"note": "a\0"}, "/note"),
        ("note", {"note": "x" * 5001}, "/note"),
        ("accept", {"version": None}, "/version"),
        ("note", {"note": "x", "files": (new_id(),)}, "/files/0"),
    ],
)
def test_what_a_step_lacks_is_named(name: str, fields: dict[str, Any], pointer: str) -> None:
    found = matter(TESTER)
    with pytest.raises(Invalid) as caught:
        step(TESTER, found, name, **fields)
    assert [objection.pointer for objection in caught.value.objections] == [pointer]
    assert read(TESTER, found).version == 1


def test_a_stale_version_conflicts_and_shows_theirs() -> None:
    found = matter(TESTER)
    step(TESTER, found, "accept", version=1)
    with pytest.raises(Conflict) as caught:
        step(TESTER, found, "settle", version=1)
    assert (caught.value.theirs["version"], caught.value.theirs["state"]) == (2, "accepted")
    assert read(TESTER, found).state == "accepted"


def test_a_step_that_does_not_exist_is_not_found() -> None:
    for name in ("whisle", "report", ""):
        with pytest.raises(NotFound):
            step(TESTER, matter(TESTER), name)


def test_the_same_step_id_counts_once() -> None:
    found, key = matter(TESTER), new_id()
    for _ in range(2):
        with work(TESTER) as session:
            take_step(session, TakeStep(found, "accept", version=1, id=key))
    assert read(TESTER, found).version == 2


def test_the_same_step_counts_once_by_another_clock_and_after_its_answer_is_forgotten() -> None:
    found, key, seen = matter(TESTER), new_id(), NoteInput(note="已到现场")
    for minute in (0, 1):
        with work(TESTER) as session:
            sent = dt.datetime(2026, 11, 20, 1, minute, tzinfo=dt.UTC)
            take_step(session, TakeStep(found, "note", given=seen, id=key, device_at=sent))
            once.forget(session, clock.now() + dt.timedelta(days=1))
    other = matter(TESTER)
    with pytest.raises(KeyReused), work(TESTER) as session:
        take_step(session, TakeStep(other, "note", given=seen, id=key))
    with reading(TESTER) as session:
        assert [event.step for event in events_of(session, found)] == ["report", "note"]


def test_a_moved_pin_changes_the_grid_and_keeps_the_reported_one() -> None:
    found = matter(TESTER)
    step(TESTER, found, "relocate", place=IN_SOUTH, note="the other side of the street")
    view = read(TESTER, found)
    assert view.grid is not None
    assert view.grid.code == IN_SOUTH_CODE
    with reading(TESTER) as session:
        event = events_of(session, found)[-1]
        kept = session.execute(text("select grid_reported <> grid_id from core.matter")).scalar_one()
    assert (event.data["from_grid"], event.data["to_grid"]) == (IN_EAST_CODE, IN_SOUTH_CODE)
    assert kept
    step(TESTER, found, "relocate", place=OUTSIDE)
    assert read(TESTER, found).grid is None


def test_an_unlocated_matter_waits_for_the_whole_city() -> None:
    worker = person("worker", EAST_STREET)
    found = matter(worker, None)
    assert possible(worker, found) == {"withdraw", "note"}
    desk = person("desk", None)
    assert possible(desk, found) == {"accept", "reject", "withdraw", "relocate", "note"}
    step(desk, found, "relocate", place=IN_SOUTH)
    assert "accept" in possible(person("grid_head", SOUTH_STREET), found)


def test_whoever_may_not_lead_a_matter_on_is_told_why_and_who_may() -> None:
    head, worker = person("grid_head", EAST_STREET), person("worker", EAST_STREET)
    known = matter(worker)
    assert _blocked(head, known) is None
    fresh = _blocked(worker, known)
    assert fresh is not None
    assert (fresh.step, fresh.roles, fresh.handler) == ("accept", ("Grid head", "Desk operator"), None)
    assert "None of your roles" in str(fresh.why[0])
    step(head, known, "accept")
    assert _blocked(worker, known) is None
    step(worker, known, "settle")
    assert _blocked(worker, known) is None
    other = _blocked(person("worker", EAST_STREET), known)
    assert other is not None
    assert (other.step, other.handler) == ("close", worker.name)
    step(worker, known, "close")
    assert _blocked(person("worker", EAST_STREET), known) is None


@pytest.mark.usefixtures("check_kind")
def test_a_handler_who_may_not_close_is_told_why() -> None:
    known = matter(TESTER, kind="test.check", form={"level": "low"})
    step(TESTER, known, "accept")
    step(TESTER, known, "settle")
    blocked = _blocked(TESTER, known)
    assert blocked is not None
    assert [str(why) for why in blocked.why] == ["Whoever handled a matter of this kind does not close it"]
    assert [str(way) for way in blocked.mend] == ["Ask a colleague of this grid or the desk to check and close it"]
    assert blocked.handler is None


def _blocked(actor: Actor, known: UUID) -> Blocked | None:
    with reading(actor) as session:
        return blocked_way(session, known)


def test_a_pin_is_not_moved_to_where_it_stands() -> None:
    found = matter(TESTER, IN_EAST)
    with pytest.raises(Invalid) as caught:
        step(TESTER, found, "relocate", place=IN_EAST)
    assert [(fault.pointer, fault.code) for fault in caught.value.objections] == [("/place", "unmoved")]
    assert read(TESTER, found).version == 1
