"""Reads of one's own notices."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from core.db.session import WorkSession
from core.notices.models import Notice
from core.notices.views import About, NoticeView
from core.text import Text

MOST_COUNTED: Final = 100
"""Up to how many unread ones are counted: each page asks for it."""


def unread(session: WorkSession) -> int:
    """How many notices whoever asks has not read; never more than ``MOST_COUNTED``."""
    own = select(Notice.id).where(Notice.user_id == session.actor.user_id, Notice.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(own.limit(MOST_COUNTED).subquery())) or 0


def notices_of(
    session: WorkSession, *, before: UUID | None = None, only_unread: bool = False, limit: int = 50
) -> list[NoticeView]:
    """The notices of whoever asks, the newest first.

    :param before: the last one of the page before.
    """
    found = select(Notice).where(Notice.user_id == session.actor.user_id).order_by(Notice.id.desc()).limit(limit)
    if before is not None:
        found = found.where(Notice.id < before)
    if only_unread:
        found = found.where(Notice.read_at.is_(None))
    return [
        NoticeView(row.id, row.at, Text.from_json(row.text), About(row.subject, row.subject_id), row.read_at)
        for row in session.scalars(found)
    ]
