"""Dates and times as bodies bring them: as ISO 8601 writes them, never as a number, and times with their offset."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from core.text import noop as _


def _written(value: object) -> object:
    if isinstance(value, str) and "-" in value[1:]:
        return value
    raise ValueError(_("Write a date as 2026-11-24, a time as 2026-11-24T08:12:00+08:00"))


def _with_offset(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        raise ValueError(_("A time needs its offset, as in 2026-11-24T08:12:00+08:00"))
    return value


OffsetTime = Annotated[dt.datetime, BeforeValidator(_written), AfterValidator(_with_offset)]
"""A ``datetime`` that without an offset, or as a number of seconds, is a fault of the input."""
WrittenDate = Annotated[dt.date, BeforeValidator(_written)]
"""A ``date`` that as a number of seconds is a fault of the input."""
