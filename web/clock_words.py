"""Words of the time limits of matters, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flask_babel import format_datetime, gettext

from core.calendars.limits import parse_term, runs_by_work
from core.matters import life
from core.matters.clocks import stage_title
from core.matters.kinds import kind
from core.matters.views import ClockView, EventView
from core.text import noop as _
from web import context
from web.calendar_words import time_span
from web.i18n import translate_text

CLOCKED: Final = frozenset({life.REMINDED, life.RECKONED})
"""Events that the clocks themselves bring about."""
UNITS: Final[Mapping[str, str]] = {
    "min": _("%(n)s minutes"),
    "h": _("%(n)s hours"),
    "wh": _("%(n)s working hours"),
    "wd": _("%(n)s working days"),
    "nd": _("%(n)s days"),
}


def clock_rows(clocks: Sequence[ClockView]) -> list[dict[str, Any]]:
    """The time limits of a matter as its page shows them."""
    return [
        {
            "name": clock.name,
            "title": translate_text(clock.title),
            "limit": _limit(clock.limit),
            "due": clock.due_at,
            "provisional": clock.provisional and clock.state != "ended",
            "state": clock.state,
            "left": _left(clock),
            "tone": "bad" if clock.left_s < 0 else "ok" if clock.state == "ended" else "neutral",
            "tick": clock.by_hand and clock.state != "ended",
        }
        for clock in clocks
    ]


def clock_event(event: EventView, kind_name: str) -> str:
    """What a reminder, or a change of the calendar, says in the timeline."""
    if event.step == life.REMINDED:
        values = {"percent": event.data["percent"], "due": _moment(event.data["due"])}
        name = clock_names([event.data["name"]], kind_name)
        if event.data["percent"] >= 100:
            return str(gettext("%(clock)s: overdue since %(due)s", clock=name, **values))
        return str(gettext("%(clock)s: %(percent)s%% have passed, due %(due)s", clock=name, **values))
    lines = [
        gettext(
            "%(clock)s: due %(new)s instead of %(old)s",
            clock=clock_names([moved["name"]], kind_name),
            new=_moment(moved["to"]),
            old=_moment(moved["from"]),
        )
        for moved in event.data["moved"]
    ]
    return "\n".join(lines)


def clock_names(names: Iterable[str], kind_name: str) -> str:
    """What clocks are for, by their names."""
    found = kind(kind_name)
    return str(gettext(", ")).join(translate_text(stage_title(found, name)) for name in names)


def _limit(written: str) -> str:
    unit = written.lstrip("0123456789")
    if unit not in UNITS:
        return written
    return str(gettext(UNITS[unit], n=written.removesuffix(unit)))


def _left(clock: ClockView) -> str:
    span = time_span(clock.left_s, works=bool(clock.limit) and runs_by_work(parse_term(clock.limit)))
    if clock.state == "ended":
        return str(gettext("done %(span)s late", span=span) if clock.left_s < 0 else gettext("done in time"))
    if clock.state == "paused":
        return str(gettext("stands still, %(span)s left", span=span))
    return str(gettext("%(span)s late", span=span) if clock.left_s < 0 else gettext("%(span)s left", span=span))


def _moment(written: str) -> str:
    moment = dt.datetime.fromisoformat(written).astimezone(context.zone())
    return str(format_datetime(moment, "yyyy-MM-dd HH:mm", rebase=False))
