"""How pages say when something is due: by the calendar, as people count days, and by minutes when it presses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import gettext

HOUR: Final = 3600
MINUTE: Final = 60


@dataclass(frozen=True)
class TimeLeft:
    """What a clock says, and its tone: ``bad`` within the last hour and when late, ``warn`` on the day itself."""

    text: str
    tone: str


def time_left(due: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> TimeLeft:
    """The time until a deadline; days are counted as the calendar of the zone does, never rounded."""
    last, today = due.astimezone(zone), now.astimezone(zone)
    seconds = (due - now).total_seconds()
    days = (last.date() - today.date()).days
    if seconds < 0:
        return TimeLeft(_late(-seconds, -days), "bad")
    if seconds < HOUR:
        return TimeLeft(gettext("%(n)s min left", n=int(seconds // MINUTE)), "bad")
    if days == 0:
        return TimeLeft(gettext("Due today %(time)s", time=f"{last:%H:%M}"), "warn")
    if days == 1:
        return TimeLeft(gettext("Due tomorrow"), "neutral")
    return TimeLeft(gettext("%(n)s days left", n=days), "neutral")


def _late(seconds: float, days: int) -> str:
    if seconds < HOUR:
        return str(gettext("%(n)s min late", n=int(seconds // MINUTE)))
    if days == 0:
        return str(gettext("%(n)s h late", n=int(seconds // HOUR)))
    return str(gettext("One day late") if days == 1 else gettext("%(n)s days late", n=days))
