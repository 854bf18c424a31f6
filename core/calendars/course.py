"""The course of a clock: when a term that starts at a moment ends, what pauses do to it, when its steps are reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.calendars.limits import Limit, Term, runs_by_work
from core.calendars.working import NONE, Calendar, after_days, after_hours, end_of_day, worked, working_days

Pause = tuple[dt.datetime, dt.datetime | None]
"""From when to when a clock stood; without an end it stands still."""
PERCENTS: Final = (50, 80, 100, 150)
"""Parts of a term at which people are told."""


@dataclass(frozen=True)
class Due:
    """When a term ends, in UTC.

    :param provisional: it was counted through a year whose holidays are not known.
    """

    at: dt.datetime
    provisional: bool


def due_at(start: dt.datetime, term: Term, calendar: Calendar) -> dt.datetime:
    """The moment a term that starts at ``start`` ends, in UTC."""
    local = start.astimezone(calendar.zone)
    if isinstance(term, dt.date):
        return end_of_day(term, calendar.zone)
    span = dt.timedelta(days=term.amount)
    if term.unit == "wd":
        return after_days(local, term.amount, calendar).astimezone(dt.UTC)
    if term.unit == "nd":
        return (local + span).astimezone(dt.UTC)
    span = dt.timedelta(minutes=term.amount) if term.unit == "min" else dt.timedelta(hours=term.amount)
    return after_hours(local, span, calendar).astimezone(dt.UTC) if term.works else start.astimezone(dt.UTC) + span


def reckon(start: dt.datetime, term: Term, calendar: Calendar, pauses: Sequence[Pause] = ()) -> Due:
    """When a term ends that stood still in some pauses, given in their order.

    Working hours and natural time go on where they stopped. Working days are put off by as many working days as come
    after the day of the pause up to the day on which it ended, at the same wall time; where that is past already, what
    was left in working time goes on instead. What began after the end moves nothing; a pause that goes on counts as
    not begun.
    """
    due = due_at(start, term, calendar)
    for begin, end in pauses:
        if end is not None and begin < due:
            due = _put_off(due, term, calendar, begin, end)
    span = start.astimezone(calendar.zone).date(), due.astimezone(calendar.zone).date()
    return Due(due, runs_by_work(term) and not calendar.knows(*span))


def _put_off(due: dt.datetime, term: Term, calendar: Calendar, begin: dt.datetime, end: dt.datetime) -> dt.datetime:
    first, last = begin.astimezone(calendar.zone), end.astimezone(calendar.zone)
    if not isinstance(term, Limit) or not term.works:
        return due + (end - begin)
    if term.unit == "wh":
        return after_hours(last, worked(begin, due, calendar), calendar).astimezone(dt.UTC)
    days = working_days(first.date(), last.date(), calendar)
    later = after_days(due.astimezone(calendar.zone), days, calendar)
    if later <= last:
        later = after_hours(last, worked(begin, due, calendar), calendar)
    return later.astimezone(dt.UTC)


def passed(begin: dt.datetime, end: dt.datetime, term: Term, calendar: Calendar) -> dt.timedelta:
    """How much of a clock's own time lies between two moments, negative where the second is the earlier: working time
    for terms that run by work, natural time for others.
    """
    if not runs_by_work(term):
        return end - begin
    return worked(begin, end, calendar) if begin <= end else -worked(end, begin, calendar)


def rungs(
    start: dt.datetime, due: dt.datetime, term: Term, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> tuple[dt.datetime, ...]:
    """The moments at which each of ``PERCENTS`` of a clock's own time has passed; what is full is the due date."""
    ended = [(begin, end) for begin, end in pauses if end is not None and begin < due]
    stood = sum((passed(begin, end, term, calendar) for begin, end in ended), NONE)
    whole = max(passed(start, due, term, calendar) - stood, NONE)
    return tuple(
        due if percent == 100
        else _later(start, whole * percent / 100, term, calendar, ended) if percent < 100
        else _later(due, whole * (percent - 100) / 100, term, calendar, ())
        for percent in PERCENTS
    )  # fmt: skip


def _later(
    begin: dt.datetime,
    span: dt.timedelta,
    term: Term,
    calendar: Calendar,
    pauses: Sequence[tuple[dt.datetime, dt.datetime]],
) -> dt.datetime:
    """The moment at which so much of a clock's own time has passed, pauses left out."""
    for stops, goes_on in pauses:
        run = passed(begin, stops, term, calendar)
        if span <= run:
            break
        begin, span = goes_on, span - max(run, NONE)
    if not runs_by_work(term):
        return begin + span
    return after_hours(begin.astimezone(calendar.zone), span, calendar).astimezone(dt.UTC)
