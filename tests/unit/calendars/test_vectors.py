"""Every due date of the table that was counted by hand, before and after the notice for 2027."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendars.course import due_at, passed, reckon, rungs
from core.calendars.limits import Limit, Unit, parse_limit, parse_term
from core.calendars.working import Calendar, worked
from tests.unit.calendars.paper import NOW, SHANGHAI, THEN, Vector, local, vectors

TABLE = vectors()


def said(vector: Vector, calendar: Calendar) -> str:
    due = reckon(vector.start, parse_term(vector.limit), calendar, vector.pauses)
    return f"{due.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}{'?' if due.provisional else ''}"


def test_the_table_is_whole() -> None:
    assert len(TABLE) >= 64
    assert len({(vector.start, vector.limit, vector.pauses) for vector in TABLE}) == len(TABLE)


@pytest.mark.parametrize("vector", TABLE, ids=str)
def test_a_due_date_is_as_counted_by_hand(vector: Vector) -> None:
    assert said(vector, NOW) == vector.due


@pytest.mark.parametrize("vector", TABLE, ids=str)
def test_a_due_date_is_as_counted_by_hand_after_the_notice(vector: Vector) -> None:
    assert said(vector, THEN) == vector.then


MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 11, 1)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)


def minutes(begin: dt.datetime, end: dt.datetime) -> int:
    """Working minutes, counted one by one."""
    found, at = 0, begin
    while at < end:
        day = at.hour * 60 + at.minute
        found += THEN.works(at.date()) and (510 <= day < 720 or 810 <= day < 1050)
        at += dt.timedelta(minutes=1)
    return found


@given(MOMENTS, st.integers(0, 4 * 24 * 60))
def test_working_time_is_what_counting_its_minutes_gives(begin: dt.datetime, length: int) -> None:
    end = begin + dt.timedelta(minutes=length)
    assert worked(begin, end, THEN) == dt.timedelta(minutes=minutes(begin, end))


@given(MOMENTS, st.integers(1, 200))
def test_a_limit_in_working_hours_holds_exactly_so_many(begin: dt.datetime, amount: int) -> None:
    due = due_at(begin, Limit(amount, "wh"), THEN)
    assert worked(begin, due, THEN) == dt.timedelta(hours=amount)
    assert worked(begin, due - dt.timedelta(minutes=1), THEN) < dt.timedelta(hours=amount)


UNITS: tuple[Unit, ...] = ("h", "wh", "nd", "wd")


@given(MOMENTS, st.integers(1, 40), st.sampled_from(UNITS), st.integers(0, 9000), st.integers(1, 9000))
def test_a_pause_brings_no_end_forward_and_the_rungs_come_in_order(
    begin: dt.datetime, amount: int, unit: Unit, after: int, lasted: int
) -> None:
    term = Limit(amount, unit)
    stop = begin + dt.timedelta(minutes=after)
    pauses = ((stop, stop + dt.timedelta(minutes=lasted)),)
    due = reckon(begin, term, THEN, pauses).at
    assert due >= due_at(begin, term, THEN)
    reached = rungs(begin, due, term, THEN, pauses)
    assert list(reached) == sorted(reached)
    assert reached[2] == due
    assert not any(stop < at < pauses[0][1] for at in reached[:2])


@pytest.mark.parametrize(
    ("start", "limit", "reached"),
    [
        ("2026-11-24 08:30", "4wh", ["11-24 10:30", "11-24 11:42", "11-24 14:00", "11-24 16:00"]),
        ("2026-11-24 10:00", "10h", ["11-24 15:00", "11-24 18:00", "11-24 20:00", "11-25 01:00"]),
        ("2026-02-13 16:00", "4wh", ["02-14 09:00", "02-14 10:12", "02-14 11:00", "02-14 14:30"]),
        ("2026-02-14 16:00", "4wh", ["02-24 09:00", "02-24 10:12", "02-24 11:00", "02-24 14:30"]),
        ("2026-11-24 08:30", "2wd", ["11-24 17:30", "11-25 14:30", "11-26 08:30", "11-26 17:30"]),
    ],
)
def test_rungs_are_as_counted_by_hand(start: str, limit: str, reached: list[str]) -> None:
    begin, term = local(start), parse_limit(limit)
    found = rungs(begin, due_at(begin, term, NOW), term, NOW)
    assert [f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" for at in found] == reached


def test_what_is_left_is_counted_in_the_clock_s_own_time() -> None:
    friday, saturday = local("2026-11-27 17:00"), local("2026-11-28 09:00")
    assert passed(friday, saturday, parse_limit("4wh"), NOW) == dt.timedelta(minutes=30)
    assert passed(saturday, friday, parse_limit("1wd"), NOW) == -dt.timedelta(minutes=30)
    assert passed(friday, saturday, parse_limit("1nd"), NOW) == dt.timedelta(hours=16)
