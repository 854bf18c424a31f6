"""Tables of the instance itself: what it is, what was set on its pages, which requests were answered."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled


class Instance(Base):
    """The one row about this instance.

    ``plugin_epoch`` rises when plugins change, so that every worker on every host reloads itself.
    """

    __tablename__ = "instance"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    demo: Mapped[bool] = mapped_column(default=False)
    plugin_epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    made_at: Mapped[dt.datetime]


class Setting(Base, Journalled):
    """A value that an administrator set on the settings page."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[dict[str, Any]]


class AnsweredRequest(Base):
    """An idempotency key and the answer that was given to it."""

    __tablename__ = "request"

    key: Mapped[UUID] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(index=True)
