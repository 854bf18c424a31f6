"""The demonstration looks like a well-run city, whatever the day and hour it is loaded at."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.calendars.course import due_at
from core.calendars.limits import parse_limit
from core.calendars.working import Calendar
from core.demo.courses import DAYS, course, report_times

SHANGHAI = ZoneInfo("Asia/Shanghai")
LIMITS = ("5wd", "3wd", "3wd", "30nd", "3wd", "7nd", "3wd", "7nd", "2wd")


@pytest.mark.parametrize("loaded", ["2026-11-24 10:00", "2026-11-28 08:30", "2026-11-29 23:30", "2027-01-01 03:00"])
def test_most_is_done_in_time_and_little_is_late(loaded: str) -> None:
    now = dt.datetime.fromisoformat(loaded).replace(tzinfo=SHANGHAI)
    generator = np.random.default_rng(7)
    closed = in_time = waiting = late = today = 0
    times = report_times(3000, now, SHANGHAI, generator)
    for reported in times:
        due = due_at(reported, parse_limit(LIMITS[int(generator.integers(len(LIMITS)))]), Calendar(SHANGHAI))
        acts = course(reported, due, SHANGHAI, generator)
        moments = [reported, *(act.at for act in acts)]
        assert moments == sorted(moments)
        if acts[-1].at < now:
            closed += 1
            in_time += acts[-1].at <= due
            continue
        waiting += 1
        late += due < now
        today += now <= due and due.astimezone(SHANGHAI).date() == now.date()
    assert times == sorted(times)
    assert now - dt.timedelta(days=DAYS + 1) < times[0]
    assert times[-1] < now
    assert in_time / closed > 0.93
    assert 0.02 < late / waiting < 0.09, (late, waiting)
    assert (0.02 if now.weekday() < 5 and now.hour == 10 else 0) <= today / waiting < 0.2, (today, waiting)
    assert waiting > 200
