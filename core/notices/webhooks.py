"""The webhooks of an instance: programs of the house that are told whatever people are told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.policy import require
from core.db.base import new_id
from core.db.session import WorkSession, server_now
from core.errors import Invalid, NotFound, Objection
from core.notices.channels import WEBHOOK
from core.notices.deliveries import MANAGE
from core.notices.hook import Caller, secret_of
from core.notices.models import Notice, NoticeDelivery, Webhook
from core.notices.targets import is_target
from core.notices.trial import SAID, SUBJECT_ID
from core.settings import get_settings
from core.text import Text, is_blank, is_one_line
from core.text import noop as _

NAME_MOST: Final = 80
OVERLAP: Final = dt.timedelta(days=1)
"""So long after a renewal both secrets sign, so that a receiver can change without losing anything."""


@dataclass(frozen=True)
class WebhookView:
    """A webhook as an administrator sees it; its secret is shown once, when it is made."""

    id: UUID
    name: str
    url: str
    made_at: dt.datetime
    paused_at: dt.datetime | None


def webhooks(session: WorkSession) -> list[WebhookView]:
    """All of them, in the order in which they were added."""
    require(session.actor, MANAGE)
    rows = session.scalars(select(Webhook).order_by(Webhook.id))
    return [WebhookView(row.id, row.name, row.url, row.made_at, row.paused_at) for row in rows]


def add_webhook(session: WorkSession, name: str, url: str) -> tuple[UUID, str]:
    """Add one; gives its id and its secret, which is shown this once.

    :raises Invalid: with a pointer to each fault.
    """
    require(session.actor, MANAGE)
    faults = []
    if is_blank(name) or not is_one_line(name) or len(name) > NAME_MOST:
        faults.append(Objection(Text(_("A webhook needs a name of one line")), None, "/name", "name"))
    if not is_target(url):
        said = Text(_("Give an address such as https://hub.example/notices, without a password in it"))
        faults.append(Objection(said, None, "/url", "url"))
    if faults:
        raise Invalid(_("The webhook has faults"), objections=faults)
    row = Webhook(id=new_id(), name=name, url=url, version=1, made_at=clock.now())
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
    row.paused_at = server_now(session) if paused else None


def try_webhook(session: WorkSession, webhook_id: UUID) -> UUID:
    """Put a test message for a webhook into the outbox; gives the id of the delivery."""
    row, now, person = _found(session, webhook_id), server_now(session), session.actor.user_id
    if person is None:
        raise NotFound(_("There is no such person"))
    notice = Notice(
        id=new_id(), user_id=person, at=now, text=Text(SAID).to_json(), subject="page", subject_id=SUBJECT_ID, asks=False
    )  # fmt: skip
    session.add(notice)
    session.flush()
    sent = NoticeDelivery(
        id=new_id(), notice_id=notice.id, webhook_id=row.id, channel=WEBHOOK, topic="other", digest=False,
        state="waiting", attempts=0, made_at=now, next_at=now,
    )  # fmt: skip
    session.add(sent)
    session.flush()
    return sent.id


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
    if row is None:
        raise NotFound(_("There is no such webhook"))
    return row
