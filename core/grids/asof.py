"""Then instead of now: which states of the grids hold at a past moment."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

from core import clock
from core.db.session import WorkSession
from core.instance import instance_values

AsOf = dt.datetime | dt.date | None
"""A moment; a date means its end in the time zone of the instance; ``None`` is now."""


EASTERNMOST: Final = "Pacific/Kiritimati"
"""Where each day begins first."""
SKEW: Final = dt.timedelta(minutes=5)
"""By how much the clock of whoever asks may be fast."""


def is_ahead(as_of: dt.datetime | dt.date, timezone: str = EASTERNMOST) -> bool:
    """Whether a moment is yet to come, or a day has not begun in ``timezone``: no state is known to hold then."""
    now = clock.now()
    if isinstance(as_of, dt.datetime):
        return clock.moment(as_of, timezone) > now + SKEW
    return as_of > now.astimezone(ZoneInfo(timezone)).date()


def moment_meant(session: WorkSession, as_of: AsOf) -> dt.datetime | None:
    """The moment that ``as_of`` means; ``None`` is now."""
    return None if as_of is None else clock.moment(as_of, instance_values(session).timezone)


def bound(session: WorkSession, as_of: AsOf) -> dict[str, Any]:
    """The parameter ``at`` of a statement with `holds`; nothing where it is now."""
    at = moment_meant(session, as_of)
    return {} if at is None else {"at": at}


def holds(alias: str, as_of: AsOf) -> str:
    """SQL condition that a state holds now, or at ``:at``.

    Of a past moment it is no ``@>``: an index would give all states that held then, and PostgreSQL expects those to be
    few where nearly all did.
    """
    if as_of is None:
        return f"upper_inf({alias}.valid)"
    at = "cast(:at as timestamptz)"
    return f"(lower({alias}.valid) <= {at} and coalesce(upper({alias}.valid) > {at}, true))"
