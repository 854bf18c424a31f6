"""What the library of Chinese calendars knows, so that a city need not enter past years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

SOURCE: Final = "library"
TITLE: Final = "chinesecalendar"


def library_days() -> Iterator[tuple[dt.date, bool, str]]:
    """Each day of which the library says something: whether it is worked, and the holiday's Chinese name."""
    from chinese_calendar.constants import Holiday, holidays, workdays

    names = {holiday.value: holiday.chinese for holiday in Holiday}
    for works, days in ((False, holidays), (True, workdays)):
        for day, name in days.items():
            yield day, works, names.get(name, name)


def library_years() -> set[int]:
    """The years that the library knows."""
    return {day.year for day, _works, _name in library_days()}
