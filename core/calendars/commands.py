"""What can be asked of the calendars, as values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core.calendars.working import Shifts


@dataclass(frozen=True)
class ImportCalendar:
    """Days from a file.

    :param name: of the file.
    :param department: code of a department whose own days these are; empty for the city's.
    """

    data: bytes
    name: str = ""
    department: str = ""


@dataclass(frozen=True)
class MarkDay:
    """What is said of one day from now on.

    :param works: whether it is worked; ``None``: as the week, or the city, says.
    """

    day: dt.date
    works: bool | None
    name: str = ""
    department: str = ""


@dataclass(frozen=True)
class ConfirmYear:
    """That all holidays of a year are marked as they will be.

    :param title: where they are from.
    """

    year: int
    title: str = ""


@dataclass(frozen=True)
class SaveHours:
    """When an organisation works."""

    shifts: Shifts
    week: frozenset[int]
    department: str = ""
