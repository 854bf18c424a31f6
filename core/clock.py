"""The only clock of the domain, so that tests and replays can turn it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_source: ContextVar[Callable[[], datetime] | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, in UTC, with its offset."""
    source = _source.get()
    return source() if source else datetime.now(UTC)


def is_turned() -> bool:
    """Whether ``now()`` answers from elsewhere than the machine's clock."""
    return _source.get() is not None


@contextmanager
def turned(source: Callable[[], datetime]) -> Iterator[None]:
    """Let ``now()`` answer from ``source`` inside the block."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def day(words: str) -> date:
    """A date as people and programs here write it, 2026-03-03.

    :raises ValueError: of anything else, also of what ISO 8601 knows besides: weeks, and days without their dashes.
    """
    if not DAY.fullmatch(words):
        raise ValueError(f"no date: {words[:20]!r}")
    return date.fromisoformat(words)


def moment(value: datetime | date, timezone: str) -> datetime:
    """A moment in UTC; a bare date means its end in ``timezone``."""
    zoned = value if isinstance(value, datetime) else datetime.combine(value, time.max)
    zoned = zoned if zoned.tzinfo else zoned.replace(tzinfo=ZoneInfo(timezone))
    try:
        return zoned.astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        return zoned.replace(tzinfo=UTC)


def start(value: datetime | date, timezone: str) -> datetime:
    """From when something holds, in UTC; a bare date means its start in ``timezone``."""
    return moment(value if isinstance(value, datetime) else datetime.combine(value, time()), timezone)
