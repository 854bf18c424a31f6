"""The past day that a page is asked to look back to: `as_of` in the address."""

from __future__ import annotations

import datetime as dt

from flask import request

from core import clock
from core.errors import Invalid
from core.text import noop as _
from web.context import zone


def past_day() -> dt.date | None:
    """The day that the address names; ``None`` without one, and for today and days to come.

    :raises Invalid: when it is no day.
    """
    day = _asked_day()
    return day if day and day < _today() else None


def day_ahead() -> dt.date | None:
    """The day that the address names, where it is yet to come."""
    day = _asked_day()
    return day if day and day > _today() else None


def _today() -> dt.date:
    return clock.now().astimezone(zone()).date()


def _asked_day() -> dt.date | None:
    asked = request.args.get("as_of", "").strip()
    if not asked:
        return None
    try:
        return clock.day(asked)
    except ValueError:
        raise Invalid(_("“%(day)s” is no day; write it like 2026-03-03"), day=asked[:20]) from None
