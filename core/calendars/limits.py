"""Time limits as texts: an amount of minutes, hours, working hours, working days or natural days, or a day."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Literal, cast

Unit = Literal["min", "h", "wh", "nd", "wd"]

LIMIT: Final = re.compile(r"([1-9]\d{0,3})(min|h|wh|nd|wd)")
YEARS: Final = range(1970, 2200)
"""Years in which something that concerns the city can have happened or be due."""


@dataclass(frozen=True)
class Limit:
    """An amount of minutes (min), hours (h), working hours (wh), natural days (nd) or working days (wd)."""

    amount: int
    unit: Unit

    @property
    def works(self) -> bool:
        """Whether it runs while offices work, and so depends on the calendar."""
        return self.unit in {"wh", "wd"}


Term = Limit | dt.date
"""What a clock runs for: an amount, or until the end of a day."""


def parse_limit(text: str) -> Limit:
    """Read ``3wd``, ``2h``, ``30min``, ``30nd``, ``4wh``.

    :raises ValueError: for anything else.
    """
    match = LIMIT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time limit: write 30min, 2h, 4wh, 30nd or 3wd")
    return Limit(int(match[1]), cast(Unit, match[2]))


def halved(limit: Limit) -> Limit:
    """Half of a limit, rounded up; of hours that do not halve in minutes or, where offices work, up to an hour."""
    if limit.unit == "h" and limit.amount % 2:
        return Limit(limit.amount * 30, "min")
    return Limit(-(-limit.amount // 2), limit.unit)


def parse_term(text: str) -> Term:
    """Read a limit, or a day as ``2026-12-31``.

    :raises ValueError: for anything else.
    """
    return dt.date.fromisoformat(text) if "-" in text else parse_limit(text)


def runs_by_work(term: Term) -> bool:
    """Whether a term runs only while offices work."""
    return isinstance(term, Limit) and term.works
