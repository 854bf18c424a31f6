"""How a made-up matter of a well-run city goes: mostly done in time by day, seldom late, some given up early."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.random import Generator

DAYS: Final = 90
"""How far back matters reach."""
OPENS, CLOSES = 8, 20
"""Hours between which people report and work."""
LATE: Final = 0.05
LAST_DAY: Final = 0.55
LONG: Final = dt.timedelta(days=10)
GIVEN_UP: Final = (("reject", 0.04), ("withdraw", 0.02))
USUAL: Final = dt.timedelta(days=5)
"""What a matter without a time limit takes at most."""
MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Act:
    """A step, and when it is taken."""

    step: str
    at: dt.datetime


def report_times(count: int, now: dt.datetime, zone: ZoneInfo, generator: Generator) -> list[dt.datetime]:
    """When matters are reported, first to last: by day, more of them lately, none after ``now``."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = np.floor(DAYS * generator.random(count) ** 1.3)
    hours = generator.uniform(OPENS, CLOSES, count)
    times = [
        today - dt.timedelta(days=float(day)) + dt.timedelta(hours=float(hour))
        for day, hour in zip(days, hours, strict=True)
    ]
    return sorted(min(time, now - MINUTE * float(generator.uniform(1, 90))).astimezone(dt.UTC) for time in times)


def course(reported: dt.datetime, due: dt.datetime | None, zone: ZoneInfo, generator: Generator) -> list[Act]:
    """All that will happen to a matter, first to last; what lies after the present has not happened yet."""
    whole = (due or reported + USUAL) - reported
    chance = float(generator.random())
    first = reported + whole * float(generator.uniform(0.01, 0.08))
    for step, share in GIVEN_UP:
        if chance < share:
            return [Act(step, _by_day(first, reported, whole, zone))]
        chance -= share
    spent = float(generator.uniform(*_pace(whole, float(generator.random()))))
    acts, earliest = [], reported
    for step, share in (("accept", 0.1), ("settle", float(generator.uniform(0.4, 0.8))), ("close", 1.0)):
        moment = reported + whole * spent * share
        earliest = max(_by_day(moment, earliest, whole, zone), earliest + MINUTE)
        acts.append(Act(step, earliest))
    return acts


def _pace(whole: dt.timedelta, chance: float) -> tuple[float, float]:
    """Between which parts of its time a matter is closed: many on the last day, a few too late, long ones early."""
    if chance < LATE:
        return 1.1, 3.0
    if whole > LONG:
        return 0.05, 0.4
    return (0.9, 0.995) if chance < LATE + LAST_DAY else (0.15, 0.9)


def _by_day(moment: dt.datetime, earliest: dt.datetime, whole: dt.timedelta, zone: ZoneInfo) -> dt.datetime:
    """The moment, or the end of the working day before it where people are at home; what presses is done by night."""
    local = moment.astimezone(zone)
    if whole < dt.timedelta(days=1) or OPENS <= local.hour < CLOSES:
        return moment
    day = local.date() if local.hour >= CLOSES else local.date() - dt.timedelta(days=1)
    evening = dt.datetime.combine(day, dt.time(CLOSES - 1, local.minute), zone)
    return max(evening.astimezone(dt.UTC), earliest)
