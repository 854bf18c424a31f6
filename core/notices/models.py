"""The table of notices."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, UuidKey
from core.notices.views import Subject


class Notice(Base):
    """Something that one person is told, by itself in order of time.

    :param text: a `core.text.Text` as JSON, read in the person's language.
    :param subject: kind of what it is about (`core.notices.views.About`), ``subject_id`` which one.
    :param asks: whether it asks for something to be done, and is settled once somebody did it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_id", "user_id", "id"),
        Index("ix_notice_unread", "user_id", postgresql_where=text("read_at is null")),
        Index("ix_notice_asked", "subject_id", postgresql_where=text("asks and read_at is null")),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("core.user_account.id"))
    at: Mapped[dt.datetime]
    text: Mapped[dict[str, Any]]
    subject: Mapped[Subject] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    asks: Mapped[bool] = mapped_column(default=False)
    read_at: Mapped[dt.datetime | None]
