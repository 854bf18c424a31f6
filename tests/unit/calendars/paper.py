"""The calendars of the table of vectors, written out by hand, and the table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from core.calendars.course import Pause
from core.calendars.working import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE = Path(__file__).parent
NOTICE = (HERE / "notice_2027.txt").read_text()

OFF_2026 = "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07"
WORKED_2026 = "01-04 02-14 02-28 05-09 09-20 10-10"
OFF_2027 = "01-01..01-03 02-05..02-11 04-03..04-05 05-01..05-05 06-09 09-15 10-01..10-07"
WORKED_2027 = "01-31 02-20 04-25 05-08 09-26 10-09"


def days(year: int, off: str, on: str) -> dict[dt.date, bool]:
    found = {}
    for worked, text in ((False, off), (True, on)):
        for span in text.split():
            first, _dots, last = span.partition("..")
            day, end = (dt.date.fromisoformat(f"{year}-{each}") for each in (first, last or first))
            while day <= end:
                found[day] = worked
                day += dt.timedelta(days=1)
    return found


DAYS_2026 = days(2026, OFF_2026, WORKED_2026)
DAYS_2027 = days(2027, OFF_2027, WORKED_2027)
NOW = Calendar(SHANGHAI, days=DAYS_2026, known=frozenset({2025, 2026}))
THEN = Calendar(SHANGHAI, days=DAYS_2026 | DAYS_2027, known=frozenset({2025, 2026, 2027}))


@dataclass(frozen=True)
class Vector:
    start: dt.datetime
    limit: str
    pauses: tuple[Pause, ...]
    due: str
    then: str


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.strip()).replace(tzinfo=SHANGHAI)


def vectors() -> list[Vector]:
    found = []
    for line in (HERE / "vectors.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            start, limit, stops, due, then, _why = (part.strip() for part in line.split("|"))
            pauses = []
            for stop in filter(None, stops.split(",")):
                begin, _to, end = stop.partition(">")
                pauses.append((local(begin), local(end) if end.strip() else None))
            found.append(Vector(local(start), limit, tuple(pauses), due, then or due.rstrip("?")))
    return found
