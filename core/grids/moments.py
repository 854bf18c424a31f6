"""From when a change holds: later than the latest one, and not later than now; from when the law says so; in words."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Final

from sqlalchemy import text

from core import clock
from core.db.session import WorkSession
from core.errors import Refused
from core.instance import instance_values
from core.text import noop as _

EARLIEST: Final = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
TICK: Final = dt.timedelta(microseconds=1)
"""The least that lies between two moments: so much before a change the city was still the former one."""
FARTHEST: Final = dt.timedelta(days=3653)
"""How far ahead a legal date, or the moment of a plan, may lie."""


def moment_of(session: WorkSession, wanted: dt.datetime | None) -> dt.datetime:
    """The moment of a change that shall hold from ``wanted``; unset: from now on.

    :raises Refused: when it lies before the latest change, in the future, or before 1900.
    """
    now = clock.now()
    latest = session.scalar(text("select max(at) from core.grid_change"))
    if wanted is None:
        return max(now, latest + TICK) if latest else now
    if wanted > now:
        raise Refused(
            _("The grids cannot hold from %(moment)s, which is still to come; leave it out, and they hold from now on"),
            moment=wanted.isoformat(),
        )
    if wanted < EARLIEST:
        raise Refused(_("The grids cannot hold from %(moment)s: the year is implausible"), moment=wanted.isoformat())
    if latest is not None and wanted <= latest:
        raise Refused(
            _("The grids can only hold from later than the latest change of the tree, %(latest)s"),
            latest=latest.isoformat(),
        )
    return wanted


def refuse_day(day: dt.date | None) -> None:
    """Refuse a legal date that no decision names: before 1900, or more than ten years ahead."""
    if day is not None and not EARLIEST.date() <= day <= (clock.now() + FARTHEST).date():
        raise Refused(_("The legal date %(day)s is implausible: check the year"), day=day.isoformat())


def moment_words(session: WorkSession, moment: dt.datetime) -> str:
    """A moment as people write it, by the clocks of the city; at either end of the calendar by its own."""
    with suppress(OverflowError):
        moment = moment.astimezone(instance_values(session).zone)
    return moment.isoformat(" ", "minutes")[:16]
