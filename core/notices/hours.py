"""When a person may be written to: their quiet hours and the hour of their digest, by the instance's time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)
Quiet = tuple[dt.time, dt.time]
"""From when to when nothing is sent; where it ends before it begins it lasts over midnight."""


def next_at(now: dt.datetime, hour: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The next moment, later than now, at which the clocks of the zone show a time."""
    today = now.astimezone(zone).date()
    moments = (dt.datetime.combine(today + DAY * ahead, hour, zone).astimezone(dt.UTC) for ahead in range(3))
    return next(moment for moment in moments if moment > now)


def after_quiet(moment: dt.datetime, quiet: Quiet | None, zone: ZoneInfo) -> dt.datetime:
    """The moment itself, or where it lies in quiet hours their end."""
    if quiet is None:
        return moment
    begins, ends = quiet
    shown = moment.astimezone(zone).time()
    within = begins <= shown < ends if begins <= ends else shown >= begins or shown < ends
    return next_at(moment, ends, zone) if within else moment
