"""Reads of the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from core.audit.models import JournalEntry
from core.db.session import WorkSession


def newest_entries(
    session: WorkSession, *, actor: str = "", action: str = "", object: str = "", before: int | None = None, limit: int
) -> Sequence[JournalEntry]:
    """The newest acts.

    :param actor: part of the actor's id or name; ``action`` likewise; ``object`` is an object's id.
    :param before: id of the last entry of the page before.
    """
    statement = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(limit)
    if actor:
        statement = statement.where(
            JournalEntry.actor.icontains(actor, autoescape=True)
            | JournalEntry.actor_name.icontains(actor, autoescape=True)
        )
    if action:
        statement = statement.where(JournalEntry.action.icontains(action, autoescape=True))
    if object:
        statement = statement.where(JournalEntry.object_id == object)
    if before is not None:
        statement = statement.where(JournalEntry.id < before)
    return session.scalars(statement).all()


def entries_since(session: WorkSession, object_type: str, since: dt.datetime) -> Sequence[JournalEntry]:
    """The entries of one kind of object from a moment on, the newest first."""
    statement = select(JournalEntry).where(JournalEntry.object_type == object_type, JournalEntry.at >= since)
    return session.scalars(statement.order_by(JournalEntry.id.desc())).all()
