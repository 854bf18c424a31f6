"""Tables of notices, of how people want to be told, and of what is to leave the house."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled, UuidKey
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


class NoticeChoice(Base, Journalled):
    """How a person wants to be written to; without a row `core.notices.choices` says what holds.

    :param modes: channel → topic → mode, of those that the person chose.
    :param digest_at: when the day's digest comes, by the instance's time zone.
    """

    __tablename__ = "notice_choice"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("core.user_account.id"), primary_key=True)
    modes: Mapped[dict[str, Any]]
    quiet_from: Mapped[dt.time | None]
    quiet_to: Mapped[dt.time | None]
    digest_at: Mapped[dt.time]


class Webhook(Base, Journalled):
    """A program that is told what people are told; its secret is made of the instance's key and stands nowhere.

    :param topics: those that it hears of; empty: all.
    :param version: of its secret, which rises with each renewal.
    :param paused_at: since when it is not called.
    :param removed_at: kept after that for what was sent to it.
    """

    __tablename__ = "webhook"

    id: Mapped[UuidKey]
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    topics: Mapped[list[Any]]
    version: Mapped[int]
    renewed_at: Mapped[dt.datetime | None]
    made_at: Mapped[dt.datetime]
    paused_at: Mapped[dt.datetime | None]
    removed_at: Mapped[dt.datetime | None]


class NoticeDelivery(Base):
    """The outbox: a notice that is to leave by a channel, written in the transaction of the notice itself.

    :param notice_id: gone where the notice was taken back before it was sent.
    :param user_id: the person it is for; of a program that is called, ``webhook_id`` instead.
    :param state: ``waiting``, ``sent``, ``dead`` after the last try, ``dropped`` where there was no more use in
        sending it, ``joined`` where it goes with the digest ``joined_id``.
    :param next_at: before this it is not tried.
    :param leased_until: until then the worker that took it is trusted to be at it.
    :param fault: why the last try failed, or why it was dropped: a `core.text.Text` as JSON.
    """

    __tablename__ = "notice_delivery"
    __table_args__ = (
        Index("ix_notice_delivery_due", "channel", "webhook_id", "next_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_notice_delivery_joined_id", "joined_id", postgresql_where=text("joined_id is not null")),
        Index("ix_notice_delivery_webhook_id", "webhook_id", postgresql_where=text("webhook_id is not null")),
        CheckConstraint("state in ('waiting', 'sent', 'dead', 'dropped', 'joined')", name="a_known_state"),
        CheckConstraint("num_nonnulls(user_id, webhook_id) = 1", name="one_receiver"),
    )

    id: Mapped[UuidKey]
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.notice.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.user_account.id"))
    webhook_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.webhook.id"))
    channel: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    digest: Mapped[bool]
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    made_at: Mapped[dt.datetime]
    next_at: Mapped[dt.datetime]
    leased_until: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    fault: Mapped[dict[str, Any] | None]
    joined_id: Mapped[UUID | None]
