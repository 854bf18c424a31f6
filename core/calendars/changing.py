"""What follows a change of a calendar: those who count by it count again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.db.session import WorkSession


@dataclass(frozen=True)
class Change:
    """Which calendar changed: a department's, or the city's, which those of all departments rest on.

    :param days: the days of which something else is said now; ``None`` where all may count otherwise. Provisional dates
        may be certain now however that is.
    """

    department_id: UUID | None
    days: frozenset[dt.date] | None


Follower = Callable[[WorkSession, Change], int]
"""Counts anew what rests on a calendar; gives how many due dates moved."""

_followers: Final[list[Follower]] = []


def register(follower: Follower) -> None:
    """Let somebody follow the calendars; once."""
    if follower not in _followers:
        _followers.append(follower)


def follow(session: WorkSession, change: Change) -> int:
    """Let all count again, in this transaction; gives how many due dates moved."""
    session.flush()
    return sum(follower(session, change) for follower in _followers)
