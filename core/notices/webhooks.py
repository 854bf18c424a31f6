"""The webhooks of an instance: programs that are told whatever people are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from core import clock
from core.access.policy import require
from core.db.base import new_id
from core.db.session import WorkSession, server_now
from core.errors import Invalid, NotFound, Objection
from core.notices.deliveries import MANAGE
from core.notices.hook import Caller, secret_of
from core.notices.models import NoticeDelivery, Webhook
from core.notices.targets import is_target
from core.notices.topics import TOPICS
from core.settings import get_settings
from core.text import Text, is_blank, is_one_line
from core.text import noop as _

NAME_MOST: Final = 80
OVERLAP: Final = dt.timedelta(days=1)
"""So long after a renewal both secrets sign, so that a receiver can change without losing anything."""


@dataclass(frozen=True)
class WebhookView:
    """A webhook as an administrator sees it; its secret is shown once, when it is made.

    :param topics: those that it hears of; empty: all.
    :param paused_at: since when it is not called; ``None`` while it is.
    :param waiting: how many deliveries wait for it; ``dead`` how many were given up.
    :param sent_at: when it last took one.
    :param fault: why the newest of those that wait was not taken; ``None`` where none was tried.
    """

    id: UUID
    name: str
    url: str
    topics: tuple[str, ...]
    made_at: dt.datetime
    paused_at: dt.datetime | None
    waiting: int
    dead: int
    sent_at: dt.datetime | None
    fault: Text | None


def webhooks(session: WorkSession) -> list[WebhookView]:
    """Those that were not removed, in the order in which they were added."""
    require(session.actor, MANAGE)
    return _views(session)


def webhook(session: WorkSession, webhook_id: UUID) -> WebhookView:
    """One of them.

    :raises NotFound: where there is none, or it was removed.
    """
    require(session.actor, MANAGE)
    found = _views(session, webhook_id)
    if not found:
        raise NotFound(_("There is no such webhook"))
    return found[0]


def add_webhook(session: WorkSession, name: str, url: str, topics: Sequence[str] = ()) -> tuple[UUID, str]:
    """Add one; gives its id and its secret, which is shown this once.

    :raises Invalid: with a pointer to each fault.
    """
    require(session.actor, MANAGE)
    faults = []
    if is_blank(name) or not is_one_line(name) or len(name) > NAME_MOST:
        said = Text(_("A webhook needs a name of one line, at most %(n)s characters"), {"n": NAME_MOST})
        faults.append(Objection(said, None, "/name", "name"))
    if not is_target(url):
        said = Text(_("Give an address such as https://hub.example/notices, without a password in it"))
        faults.append(Objection(said, None, "/url", "url"))
    for topic in topics:
        if topic not in TOPICS:
            said = Text(_("There is no topic %(name)s"), {"name": topic[:NAME_MOST]})
            faults.append(Objection(said, None, "/topics", "topic"))
    if faults:
        raise Invalid(_("The webhook has faults"), objections=faults)
    chosen = [topic for topic in TOPICS if topic in topics]
    row = Webhook(id=new_id(), name=name, url=url, topics=chosen, version=1, made_at=clock.now())
    session.add(row)
    session.flush()
    return row.id, secret_of(get_settings(), row.id, 1)


def renew_secret(session: WorkSession, webhook_id: UUID) -> str:
    """Give a webhook a new secret, shown this once; for a day the old one signs beside it."""
    row = _found(session, webhook_id)
    row.version, row.renewed_at = row.version + 1, server_now(session)
    return secret_of(get_settings(), row.id, row.version)


def pause_webhook(session: WorkSession, webhook_id: UUID, *, paused: bool) -> None:
    """Stop calling a webhook, or call it again: what waits for it is held meanwhile, and nothing new is written."""
    row = _found(session, webhook_id)
    if bool(row.paused_at) != paused:
        row.paused_at = server_now(session) if paused else None


def remove_webhook(session: WorkSession, webhook_id: UUID) -> None:
    """Call a webhook never again: what waits for it is dropped."""
    _found(session, webhook_id).removed_at = server_now(session)


def caller_of(session: WorkSession, webhook_id: UUID) -> Caller:
    """The webhook at work, with the secrets that sign now."""
    row, settings = session.get_one(Webhook, webhook_id), get_settings()
    versions = [row.version]
    if row.renewed_at is not None and server_now(session) - row.renewed_at < OVERLAP:
        versions.append(row.version - 1)
    secrets = [secret_of(settings, row.id, version) for version in versions]
    return Caller(row.url, secrets, settings.webhook_allow)


def _found(session: WorkSession, webhook_id: UUID) -> Webhook:
    require(session.actor, MANAGE)
    row = session.get(Webhook, webhook_id, with_for_update=True)
    if row is None or row.removed_at:
        raise NotFound(_("There is no such webhook"))
    return row


def _views(session: WorkSession, webhook_id: UUID | None = None) -> list[WebhookView]:
    state, count = NoticeDelivery.state, func.count()
    figures = (
        select(
            NoticeDelivery.webhook_id,
            count.filter(state == "waiting").label("waiting"),
            count.filter(state == "dead").label("dead"),
            func.max(NoticeDelivery.ended_at).filter(state == "sent").label("sent_at"),
        )
        .where(NoticeDelivery.webhook_id.is_not(None))
        .group_by(NoticeDelivery.webhook_id)
        .subquery()
    )
    found = select(Webhook, figures.c.waiting, figures.c.dead, figures.c.sent_at).where(Webhook.removed_at.is_(None))
    if webhook_id is not None:
        found = found.where(Webhook.id == webhook_id)
    newest = (
        select(NoticeDelivery.fault)
        .where(NoticeDelivery.webhook_id == Webhook.id, state == "waiting", NoticeDelivery.fault.is_not(None))
        .order_by(NoticeDelivery.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = found.add_columns(newest)
    rows = session.execute(found.outerjoin(figures, figures.c.webhook_id == Webhook.id).order_by(Webhook.id))
    return [
        WebhookView(
            row.id, row.name, row.url, tuple(row.topics), row.made_at, row.paused_at, waiting or 0, dead or 0, sent_at,
            Text.from_json(fault) if fault else None,
        )
        for row, waiting, dead, sent_at, fault in rows
    ]  # fmt: skip
