"""How a deadline is told: by the days of the calendar, never one too few."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import Babel

from web.deadlines import time_left

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = "2026-11-27 08:00"


@pytest.mark.parametrize(
    ("due", "now", "text", "tone"),
    [
        ("2026-12-04 07:59", NOW, "7 days left", "neutral"),
        ("2026-12-04 23:59", NOW, "7 days left", "neutral"),
        ("2026-11-29 00:10", "2026-11-27 23:50", "2 days left", "neutral"),
        ("2026-11-28 23:59", NOW, "Due tomorrow", "neutral"),
        ("2026-11-28 00:30", "2026-11-27 22:00", "Due tomorrow", "neutral"),
        ("2026-11-27 17:30", NOW, "Due today 17:30", "warn"),
        ("2026-11-27 08:59", NOW, "59 min left", "bad"),
        ("2026-11-27 08:00", NOW, "0 min left", "bad"),
        ("2026-11-27 07:15", NOW, "45 min late", "bad"),
        ("2026-11-27 01:30", NOW, "6 h late", "bad"),
        ("2026-11-26 23:59", NOW, "One day late", "bad"),
        ("2026-11-20 17:30", NOW, "7 days late", "bad"),
    ],
)
def test_days_are_those_of_the_calendar(due: str, now: str, text: str, tone: str) -> None:
    app = Flask(__name__)
    Babel(app)
    moments = [dt.datetime.fromisoformat(each).replace(tzinfo=SHANGHAI) for each in (due, now)]
    with app.test_request_context():
        found = time_left(*moments, SHANGHAI)
    assert (found.text, found.tone) == (text, tone)
