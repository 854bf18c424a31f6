"""The table of notices."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, UuidKey


class Notice(Base):
    """Something that one person is told, by itself in order of time.

    :param text: a `core.text.Text` as JSON, read in the person's language.
    :param link: path of the page that it is about.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_id", "user_id", "id"),
        Index("ix_notice_unread", "user_id", postgresql_where=text("read_at is null")),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("core.user_account.id"))
    at: Mapped[dt.datetime]
    text: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(Text)
    read_at: Mapped[dt.datetime | None]
