"""Words of calendars and clocks, in the reader's language."""

from __future__ import annotations

import datetime as dt
from typing import Final

from flask_babel import format_date, gettext

from core.calendars.views import YearView
from core.text import noop as _

WEEKDAYS: Final = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
SOURCES: Final = {
    "library": _("from the library of calendars that comes with the program"),
    "notice": _("from the State Council's notice"),
    "table": _("from a table"),
    "hand": _("confirmed by hand"),
}
HOUR: Final = 3600


def month_title(month: int) -> str:
    """The name of a month."""
    return str(format_date(dt.date(2000, month, 1), "LLLL"))


def source_title(view: YearView) -> str:
    """Where the holidays of a year are from; that they are not known yet."""
    if not view.known:
        return str(gettext("The holidays of this year are not known yet; due dates in it are provisional."))
    said = str(gettext(SOURCES.get(view.source, view.source)))
    return f"{said} · {view.title}" if view.title else said


def time_span(seconds: int, *, works: bool) -> str:
    """A length of time in hours and minutes, as working time where it is that."""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    values = {"h": hours, "min": minutes}
    if works:
        return str(gettext("%(h)s working hours %(min)s min", **values))
    return str(gettext("%(h)s h %(min)s min", **values))
