"""When a matter is due: minutes, natural hours and days, working hours and days of a calendar."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

Unit = Literal["min", "h", "wh", "nd", "wd"]

LIMIT: Final = re.compile(r"([1-9]\d{0,3})(min|h|wh|nd|wd)")
SHIFTS: Final = ((dt.time(8, 30), dt.time(12)), (dt.time(13, 30), dt.time(17, 30)))
"""The usual working hours."""
SATURDAY: Final = 5
DAY_ENDS: Final = dt.time(23, 59)
"""What is due on a day may be done until its last minute."""


YEARS: Final = range(1970, 2200)
"""Years in which something that concerns the city can have happened or be due."""


@dataclass(frozen=True)
class Limit:
    """An amount of minutes (min), hours (h), working hours (wh), natural days (nd) or working days (wd)."""

    amount: int
    unit: Unit


def parse_limit(text: str) -> Limit:
    """Read ``3wd``, ``2h``, ``30min``, ``30nd``, ``4wh``.

    :raises ValueError: for anything else.
    """
    match = LIMIT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time limit: write 30min, 2h, 4wh, 30nd or 3wd")
    return Limit(int(match[1]), cast(Unit, match[2]))


@dataclass(frozen=True)
class Calendar:
    """When work is done: a plain Monday–Friday week in a time zone.

    :param shifts: working hours of a working day.
    """

    zone: ZoneInfo
    shifts: tuple[tuple[dt.time, dt.time], ...] = SHIFTS

    def works(self, day: dt.date) -> bool:
        """Whether a day is a working day."""
        return day.weekday() < SATURDAY


def due_at(start: dt.datetime, limit: Limit, calendar: Calendar) -> dt.datetime:
    """The moment a limit that starts at ``start`` ends, in UTC."""
    local = start.astimezone(calendar.zone)
    if limit.unit == "min":
        return (start + dt.timedelta(minutes=limit.amount)).astimezone(dt.UTC)
    if limit.unit == "h":
        return (start + dt.timedelta(hours=limit.amount)).astimezone(dt.UTC)
    if limit.unit == "nd":
        return (local + dt.timedelta(days=limit.amount)).astimezone(dt.UTC)
    if limit.unit == "wd":
        return _after_working_days(local, limit.amount, calendar).astimezone(dt.UTC)
    return _after_working_hours(local, dt.timedelta(hours=limit.amount), calendar).astimezone(dt.UTC)


def end_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The last minute of a day in a time zone, in UTC."""
    return dt.datetime.combine(day, DAY_ENDS, zone).astimezone(dt.UTC)


def _after_working_days(local: dt.datetime, amount: int, calendar: Calendar) -> dt.datetime:
    """The same wall time, so many working days later."""
    while amount:
        local += dt.timedelta(days=1)
        amount -= calendar.works(local.date())
    return local


def _after_working_hours(local: dt.datetime, left: dt.timedelta, calendar: Calendar) -> dt.datetime:
    day = local.date()
    while True:
        for opens, closes in calendar.shifts if calendar.works(day) else ():
            begin = max(local, dt.datetime.combine(day, opens, local.tzinfo))
            end = dt.datetime.combine(day, closes, local.tzinfo)
            if begin >= end:
                continue
            if left <= end - begin:
                return begin + left
            left -= end - begin
        day += dt.timedelta(days=1)
