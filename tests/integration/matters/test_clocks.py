"""The clocks of matters: what starts, stops and ends them, and what a change of the calendar does to them."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from core import clock
from core.calendars.commands import ImportCalendar, MarkDay, SaveHours
from core.calendars.service import import_calendar, mark_day, save_hours
from core.calendars.views import Changed
from core.db.session import reading, work
from core.errors import Forbidden, Invalid
from core.matters.clock_queries import clocks_shown
from core.matters.clocks import follow_step
from core.matters.kinds import MatterKind, Stage, register_kind, unregister
from core.matters.queries import events_of, find_matter
from core.org.service import SaveDepartment, save_department
from tests.integration.matters.people import EAST_STREET, TESTER, matter, person, read, step
from tests.integration.waiting import somebody_waits
from tests.unit.calendars.paper import NOTICE

SHANGHAI = ZoneInfo("Asia/Shanghai")
BUILD = MatterKind(
    "test.build",
    "Building without leave",
    limit="20wd",
    auto_close=True,
    stages=(
        Stage("accept", "Accept", "4wh", ends="accept"),
        Stage("stop", "Stop the work", "4wh", starts="accept"),
        Stage("fine", "Fine", "7wd", starts="accept"),
    ),
)


@pytest.fixture
def building() -> Iterator[None]:
    register_kind(BUILD, "test")
    yield
    unregister("test")


def at(text: str) -> Any:
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    return clock.turned(lambda: moment)


def shown(matter_id: UUID, when: str) -> dict[str, tuple[str, int, str]]:
    """Each clock as it shows at a moment: when it is due, the minutes that are left, its state."""
    with at(when), reading(TESTER) as session:
        return {
            each.name: (f"{each.due_at.astimezone(SHANGHAI):%m-%d %H:%M}", each.left_s // 60, each.state)
            for each in clocks_shown(session, matter_id)
        }


def test_the_clock_of_a_kind_runs_from_the_report_to_the_end() -> None:
    worker = person("worker", EAST_STREET)
    with at("2026-11-27 16:00"):
        found = matter(worker)
    assert shown(found, "2026-11-27 17:00") == {"handle": ("12-04 16:00", 5 * 450 - 60, "running")}
    assert shown(found, "2026-12-05 12:00") == {"handle": ("12-04 16:00", -90, "running")}
    with at("2026-11-30 08:00"):
        step(TESTER, found, "accept")
    with at("2026-12-01 09:30"):
        step(TESTER, found, "settle")
        step(TESTER, found, "close", note="done")
    assert shown(found, "2027-05-01 00:00") == {"handle": ("12-04 16:00", 1650, "ended")}
    with reading(TESTER) as session:
        last = events_of(session, found)[-1]
    assert last.data["clocks"] == [
        {"name": "handle", "due": "2026-12-04T08:00:00+00:00", "left": 1650 * 60, "state": "ended"}
    ]


def test_several_limits_run_side_by_side_and_the_next_one_orders_the_list(building: None) -> None:
    with at("2026-11-24 08:30"):
        found = matter(TESTER, kind="test.build")
    assert shown(found, "2026-11-24 08:30") == {
        "handle": ("12-22 08:30", 20 * 450, "running"), "accept": ("11-24 14:00", 240, "running")
    }  # fmt: skip
    assert f"{read(TESTER, found).due_at:%m-%d %H:%M}" == "11-24 06:00"
    with at("2026-11-24 09:30"):
        step(TESTER, found, "accept")
    assert shown(found, "2026-11-24 09:30") == {
        "handle": ("12-22 08:30", 20 * 450 - 60, "running"),
        "accept": ("11-24 14:00", 180, "ended"),
        "stop": ("11-24 15:00", 240, "running"),
        "fine": ("12-03 09:30", 7 * 450, "running"),
    }
    with at("2026-11-24 16:00"):
        step(TESTER, found, "note", note="the site stands still", stages=("stop",))
        step(TESTER, found, "settle")
    assert shown(found, "2026-11-24 17:00")["stop"] == ("11-24 15:00", -60, "ended")
    assert f"{read(TESTER, found).due_at:%m-%d %H:%M}" == "12-03 01:30"
    with pytest.raises(Invalid) as caught:
        step(TESTER, found, "close", note="all done")
    assert [(each.pointer, each.code) for each in caught.value.objections] == [("/stages", "stage-open")]
    with at("2026-12-07 10:00"):
        step(TESTER, found, "close", note="all done", stages=("fine",))
    assert {name: state for name, (_due, _left, state) in shown(found, "2026-12-08 00:00").items()} == dict.fromkeys(
        ("handle", "accept", "stop", "fine"), "ended"
    )
    assert f"{read(TESTER, found).due_at:%m-%d %H:%M}" == "12-22 00:30"


def test_only_who_does_the_work_ticks_off_a_part_and_only_one_that_runs(building: None) -> None:
    found = matter(person("officer", None), kind="test.build")
    leader = person("leader", None)
    step(TESTER, found, "accept")
    with pytest.raises(Forbidden):
        step(leader, found, "note", stages=("stop",))
    for name in ("accept", "handle", "none"):
        with pytest.raises(Invalid) as caught:
            step(TESTER, found, "note", stages=(name,))
        assert [each.pointer for each in caught.value.objections] == ["/stages/0"]
    step(TESTER, found, "note", stages=("stop",))


def test_a_pause_over_a_holiday_stops_every_clock_and_what_was_left_goes_on(building: None) -> None:
    with at("2026-02-13 16:00"):
        found = matter(TESTER, kind="test.build")
    suspend(found, "2026-02-13 17:00", "accepted", "suspended")
    assert shown(found, "2026-02-20 12:00")["accept"] == ("02-14 11:00", 180, "paused")
    assert read(TESTER, found).due_at is None
    suspend(found, "2026-02-25 09:00", "suspended", "accepted")
    assert shown(found, "2026-02-25 09:00")["accept"] == ("02-25 12:00", 180, "running")
    with reading(TESTER) as session:
        assert clocks_shown(session, found)[0].due_at > dt.datetime(2026, 3, 13, tzinfo=dt.UTC)


def suspend(matter_id: UUID, when: str, before: str, after: str) -> None:
    """What a step between these states does to the clocks."""
    with at(when), work(TESTER) as session:
        row = find_matter(session, matter_id, lock=True)
        row.state = after
        follow_step(session, row, BUILD, "note", before, (), clock.now())


def test_an_imported_year_moves_due_dates_and_the_timeline_says_so() -> None:
    with at("2026-12-29 09:00"):
        moved, kept = matter(TESTER), matter(TESTER)
    with at("2026-12-21 09:00"):
        sure = matter(TESTER)
    with at("2026-12-29 10:00"):
        step(TESTER, kept, "withdraw", note="not needed")
    before = read(TESTER, moved).version
    assert provisional(moved)
    assert not provisional(sure)
    with work(TESTER) as session:
        assert import_calendar(session, ImportCalendar(NOTICE.encode())) == Changed(33, 1)
    assert not provisional(moved)
    assert f"{read(TESTER, moved).due_at:%Y-%m-%d %H:%M}" == "2027-01-06 01:00"
    assert read(TESTER, moved).version == before
    with reading(TESTER) as session:
        events = [(each.step, each.data) for each in events_of(session, moved)]
        assert [each.step for each in events_of(session, kept)] == ["report", "withdraw"]
        assert [each.step for each in events_of(session, sure)] == ["report"]
    assert events[-1] == (
        "reckon",
        {"moved": [{"name": "handle", "from": "2027-01-05T01:00:00+00:00", "to": "2027-01-06T01:00:00+00:00"}]},
    )
    with work(TESTER) as session:
        assert import_calendar(session, ImportCalendar(NOTICE.encode())) == Changed(33, 0)


def provisional(matter_id: UUID) -> bool:
    with reading(TESTER) as session:
        return clocks_shown(session, matter_id)[0].provisional


def test_a_marked_day_moves_what_runs_over_it_and_nothing_else(building: None) -> None:
    with at("2026-11-26 16:00"):
        over = matter(TESTER, kind="test.build")
        short = matter(TESTER)
    with at("2026-11-20 16:00"):
        before = matter(TESTER)
    with work(TESTER) as session:
        assert mark_day(session, MarkDay(dt.date(2026, 11, 28), True)).moved == 2
    assert shown(over, "2026-11-26 16:00")["handle"][0] == "12-23 16:00"
    assert shown(short, "2026-11-26 16:00")["handle"][0] == "12-02 16:00"
    assert shown(before, "2026-11-26 16:00")["handle"][0] == "11-27 16:00"


def test_a_department_s_clock_follows_its_own_calendar() -> None:
    with work(TESTER) as session:
        save_department(session, SaveDepartment("HALL", "Hall"))
        save_hours(session, SaveHours(((dt.time(9), dt.time(12)),), frozenset(range(6)), "HALL"))
    found = matter(TESTER)
    with at("2026-11-27 11:00"):
        step(TESTER, found, "accept")
        step(TESTER, found, "whistle", lead="HALL", limit="4wh")
        step(TESTER, found, "claim")
    assert shown(found, "2026-11-27 11:00")["task"] == ("11-28 12:00", 240, "running")
    with work(TESTER) as session:
        assert mark_day(session, MarkDay(dt.date(2026, 11, 28), False, department="HALL")).moved == 1
    assert shown(found, "2026-11-27 11:00")["task"] == ("11-30 12:00", 240, "running")


def test_deadlines_run_from_the_server_s_clock_and_the_phone_s_is_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "datetime", Stepped)
    found = matter(TESTER, device_at=claim)
    monkeypatch.undo()
    with reading(TESTER) as session:
        [event] = events_of(session, found)
        now = session.execute(text("select now()")).scalar_one()
    view = read(TESTER, found)
    assert abs(view.reported_at - now) < dt.timedelta(minutes=1)
    assert (event.device_at, event.at) == (claim, view.reported_at)


class Stepped(dt.datetime):
    """A machine's clock that was put a day ahead."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return dt.datetime.now(tz) + dt.timedelta(days=1)


@pytest.mark.parametrize(
    "stages",
    [
        (Stage("Stop", "Stop", "1wd"),),
        (Stage("handle", "Handle", "1wd"),),
        (Stage("stop", "Stop", "soon"),),
        (Stage("stop", "Stop", "1wd"), Stage("stop", "Stop again", "2wd")),
        (Stage("stop", "Stop", "1wd", starts="nap"),),
    ],
)
def test_stages_that_make_no_sense_are_refused(stages: tuple[Stage, ...]) -> None:
    with pytest.raises(ValueError, match=r"stage|limit"):
        MatterKind("test.build", "Build", stages=stages)


def test_a_report_waits_for_a_calendar_that_is_being_changed_and_counts_by_the_new_one() -> None:
    made: list[UUID] = []

    def report() -> None:
        with at("2026-11-27 16:00"):
            made.append(matter(TESTER))

    other = threading.Thread(target=report)
    with work(TESTER) as session:
        mark_day(session, MarkDay(dt.date(2026, 11, 28), True))
        other.start()
        until = time.monotonic() + 20
        while not somebody_waits() and time.monotonic() < until:
            time.sleep(0.05)
        assert somebody_waits()
        assert made == []
    other.join(20)
    assert shown(made[0], "2026-11-27 16:00")["handle"][0] == "12-03 16:00"
