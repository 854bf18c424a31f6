"""The past day that a page is asked to look back to: `as_of` in the address."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

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


def to_today() -> ResponseReturnValue | None:
    """For a page: the way to it as it is today, where the address names today or a day to come, which is said."""
    day = _asked_day()
    if not request.args.get("as_of") or past_day():
        return None
    if day and day > _today():
        flash(gettext(_("%(day)s is yet to come: you see the grids of today."), day=day.isoformat()), "warn")
    parts = {name: value for name, value in request.args.to_dict().items() if name != "as_of"}
    return redirect(request.path + (f"?{urlencode(parts)}" if parts else ""))


def file_day() -> dt.date | None:
    """For a file, which nobody sees a word beside: as `past_day`, but a day to come is refused.

    :raises Invalid: when it is no day, or one to come.
    """
    day = _asked_day()
    if day and day > _today():
        raise Invalid(_("%(day)s is yet to come: leave as_of out for the grids of today"), day=day.isoformat())
    return past_day()


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
