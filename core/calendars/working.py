"""The arithmetic of working time: which days and hours are worked, and how much of them lies between two moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

SHIFTS: Final = ((dt.time(8, 30), dt.time(12)), (dt.time(13, 30), dt.time(17, 30)))
"""The usual working hours."""
WEEK: Final = frozenset(range(5))
"""The usual working days of a week; Monday is 0."""
DAY_ENDS: Final = dt.time(23, 59)
"""What is due on a day may be done until its last minute."""
NONE: Final = dt.timedelta()

Shifts = tuple[tuple[dt.time, dt.time], ...]


@dataclass(frozen=True)
class Calendar:
    """When an organisation works, in a time zone.

    :param shifts: working hours of a working day, in order, none touching another.
    :param week: days of the week on which it works where nothing else is said; Monday is 0.
    :param days: days of which something else is said: whether they are worked.
    :param known: years whose holidays are known; in others the plain week is counted, and what it gives is provisional.
    """

    zone: ZoneInfo
    shifts: Shifts = SHIFTS
    week: frozenset[int] = WEEK
    days: Mapping[dt.date, bool] = field(default_factory=dict)
    known: frozenset[int] = frozenset()

    def works(self, day: dt.date) -> bool:
        """Whether a day is a working day."""
        said = self.days.get(day)
        return day.weekday() in self.week if said is None else said

    def knows(self, first: dt.date, last: dt.date) -> bool:
        """Whether the holidays of all years of a span are known."""
        return all(year in self.known for year in range(first.year, last.year + 1))


def after_days(local: dt.datetime, amount: int, calendar: Calendar) -> dt.datetime:
    """The same wall time, so many working days later."""
    day = local
    while amount:
        day += dt.timedelta(days=1)
        amount -= calendar.works(day.date())
    return day


def after_hours(local: dt.datetime, left: dt.timedelta, calendar: Calendar) -> dt.datetime:
    """The moment at which so much working time has passed; at the end of a shift rather than the start of the next."""
    for begin, end in _shifts(local, calendar):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise AssertionError("days do not end")


def worked(begin: dt.datetime, end: dt.datetime, calendar: Calendar) -> dt.timedelta:
    """The working time between two moments; nothing where the second is no later."""
    found = NONE
    local, last = begin.astimezone(calendar.zone), end.astimezone(calendar.zone)
    for opens, closes in _shifts(local, calendar):
        if opens >= last:
            break
        found += min(closes, last) - opens
    return found


def working_days(begin: dt.date, end: dt.date, calendar: Calendar) -> int:
    """How many working days come after one day, up to another."""
    span = range(begin.toordinal() + 1, end.toordinal() + 1)
    return sum(calendar.works(dt.date.fromordinal(day)) for day in span)


def end_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The last minute of a day in a time zone, in UTC."""
    return dt.datetime.combine(day, DAY_ENDS, zone).astimezone(dt.UTC)


def _shifts(local: dt.datetime, calendar: Calendar) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """What is left of each shift from a moment on, without end."""
    day = local.date()
    while True:
        for opens, closes in calendar.shifts if calendar.works(day) else ():
            begin = max(local, dt.datetime.combine(day, opens, local.tzinfo))
            end = dt.datetime.combine(day, closes, local.tzinfo)
            if begin < end:
                yield begin, end
        day += dt.timedelta(days=1)
