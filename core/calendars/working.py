"""The arithmetic of working time: which days and hours are worked, and how much of them lies between two moments."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

SHIFTS: Final = ((dt.time(8, 30), dt.time(12)), (dt.time(13, 30), dt.time(17, 30)))
"""The usual working hours."""
WEEK: Final = frozenset(range(5))
"""The usual working days of a week; Monday is 0."""
DAY_ENDS: Final = dt.time(23, 59)
"""What is due on a day may be done until its last minute."""
NONE: Final = dt.timedelta()
TICK: Final = dt.timedelta(microseconds=1)
SPARE: Final = 60
"""How many days are summed up at once before the first one asked for."""

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

    @cached_property
    def sums(self) -> Sums:
        """Its days summed up."""
        return Sums(self)

    def works(self, day: dt.date) -> bool:
        """Whether a day is a working day."""
        said = self.days.get(day)
        return day.weekday() in self.week if said is None else said

    def knows(self, first: dt.date, last: dt.date) -> bool:
        """Whether the holidays of all years of a span are known."""
        return all(year in self.known for year in range(first.year, last.year + 1))


def after_days(local: dt.datetime, amount: int, calendar: Calendar) -> dt.datetime:
    """The same wall time, so many working days later."""
    if amount == 0:
        return local
    return dt.datetime.combine(calendar.sums.day_after(local.date(), amount), local.timetz())


def after_hours(local: dt.datetime, left: dt.timedelta, calendar: Calendar) -> dt.datetime:
    """The moment at which so much working time has passed; at the end of a shift rather than the start of the next."""
    if left <= NONE:
        return local
    day, moment = calendar.sums.moment(calendar.sums.until(local) + left // TICK)
    return dt.datetime.combine(day, dt.time(), local.tzinfo) + moment * TICK


def worked(begin: dt.datetime, end: dt.datetime, calendar: Calendar) -> dt.timedelta:
    """The working time between two moments; nothing where the second is no later."""
    first, last = begin.astimezone(calendar.zone), end.astimezone(calendar.zone)
    return max(NONE, (calendar.sums.until(last) - calendar.sums.until(first)) * TICK)


def working_days(begin: dt.date, end: dt.date, calendar: Calendar) -> int:
    """How many working days come after one day, up to another."""
    return max(0, calendar.sums.days_until(end) - calendar.sums.days_until(begin))


def end_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The last minute of a day in a time zone, in UTC."""
    return dt.datetime.combine(day, DAY_ENDS, zone).astimezone(dt.UTC)


class Sums:
    """Working days and working time summed up day by day, so that thousands of clocks are counted without walking.

    Sums begin some way before the first day that is asked for, and reach as far as was asked.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._shifts = [(_ticks(opens), _ticks(closes)) for opens, closes in calendar.shifts]
        self._whole = sum(closes - opens for opens, closes in self._shifts)
        self._first = 0
        self._days: list[int] = []

    def until(self, local: dt.datetime) -> int:
        """Ticks of working time up to a moment."""
        at = self._place(local.date())
        found = self._days[at] * self._whole
        if self._days[at + 1] > self._days[at]:
            now = _ticks(local.time())
            found += sum(min(now, closes) - opens for opens, closes in self._shifts if opens < now)
        return found

    def days_until(self, day: dt.date) -> int:
        """Working days up to and with a day."""
        at = self._place(day)
        return self._days[at + 1]

    def day_after(self, day: dt.date, amount: int) -> dt.date:
        """The working day that is so many after a day."""
        return self._reached(self.days_until(day) + amount)

    def moment(self, ticks: int) -> tuple[dt.date, int]:
        """The first moment with so much working time behind it: its day, and the ticks since midnight."""
        days, rest = divmod(ticks, self._whole)
        if rest == 0:
            days, rest = days - 1, self._whole
        day = self._reached(days + 1)
        for opens, closes in self._shifts:
            if rest <= closes - opens:
                return day, opens + rest
            rest -= closes - opens
        raise AssertionError("a day holds no more than its shifts")

    def _reached(self, amount: int) -> dt.date:
        """The day with which so many working days are reached."""
        while self._days[-1] < amount:
            self._extend()
        return dt.date.fromordinal(self._first + bisect_left(self._days, amount) - 1)

    def _place(self, day: dt.date) -> int:
        """Where a day stands among the sums."""
        ordinal = day.toordinal()
        if not self._days:
            self._first, self._days = max(1, ordinal - SPARE), [0]
        while ordinal < self._first:
            self._extend_back()
        while ordinal - self._first >= len(self._days) - 1:
            self._extend()
        return ordinal - self._first

    def _extend_back(self) -> None:
        """Add earlier days; the sums of those that stand stay as they are."""
        earlier = max(1, self._first - SPARE)
        found = [self._days[0]]
        for ordinal in range(self._first - 1, earlier - 1, -1):
            found.append(found[-1] - self._calendar.works(dt.date.fromordinal(ordinal)))
        self._first, self._days = earlier, [*reversed(found[1:]), *self._days]

    def _extend(self) -> None:
        day = dt.date.fromordinal(self._first + len(self._days) - 1)
        self._days.append(self._days[-1] + self._calendar.works(day))


def _ticks(time: dt.time) -> int:
    """Microseconds since midnight."""
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond
