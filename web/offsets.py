"""A time as bodies bring it: always with its offset."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator

from core.text import noop as _


def _with_offset(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        raise ValueError(_("A time needs its offset, as in 2026-11-24T08:12:00+08:00"))
    return value


OffsetTime = Annotated[dt.datetime, AfterValidator(_with_offset)]
"""A ``datetime`` that without an offset is a fault of the input."""
