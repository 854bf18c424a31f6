"""What other rooms read of the calendars: values, never rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core.calendars.working import Shifts


@dataclass(frozen=True)
class DayView:
    """What is said of one day.

    :param own: whether the organisation itself says so, not the city for all.
    """

    day: dt.date
    works: bool
    name: str
    own: bool


@dataclass(frozen=True)
class YearView:
    """A year as an organisation works it.

    :param known: whether its holidays are known.
    :param source: where they are from; ``title`` names it.
    :param days: the days of which something is said, in order.
    """

    year: int
    known: bool
    source: str
    title: str
    days: tuple[DayView, ...]
    shifts: Shifts
    week: frozenset[int]


@dataclass(frozen=True)
class Changed:
    """What a change of a calendar did.

    :param days: how many days were said something of.
    :param moved: how many due dates of open matters it moved.
    """

    days: int
    moved: int
