"""Reads of the journal."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from core.audit.models import JournalEntry
from core.db.session import WorkSession


def entries_of(
    session: WorkSession, object_type: str, object_id: str, *, limit: int = 200
) -> Sequence[JournalEntry]:
    """The acts on one object, newest first."""
    statement = (
        select(JournalEntry)
        .where(JournalEntry.object_type == object_type, JournalEntry.object_id == object_id)
        .order_by(JournalEntry.id.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()
