"""The city's own calendar: what day it is there, and when its quarter began."""

from __future__ import annotations

import datetime as dt

from core.clock import now
from core.db.session import WorkSession
from core.instance import instance_values

__all__ = ["local_now", "quarter_start", "today"]


def local_now(session: WorkSession) -> dt.datetime:
    """The present moment in the time zone of the instance."""
    return now().astimezone(instance_values(session).zone)


def today(session: WorkSession) -> dt.date:
    """The day it is in the time zone of the instance."""
    return local_now(session).date()


def quarter_start(session: WorkSession) -> dt.datetime:
    """The moment at which the present quarter of the year began in the time zone of the instance."""
    moment = local_now(session)
    month = (moment.month - 1) // 3 * 3 + 1
    return dt.datetime(moment.year, month, 1, tzinfo=moment.tzinfo)
