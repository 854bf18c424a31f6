"""What is to leave the house is written down in the transaction that tells it: both stand, or neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from core import clock
from core.access.queries import contacts
from core.access.views import Contact
from core.db.base import new_id_text
from core.db.session import WorkSession
from core.instance import instance_values
from core.notices.channels import EMAIL, PERSONAL, SMS, WEBHOOK, open_channels
from core.notices.choices import choices_of
from core.notices.models import Webhook
from core.notices.topics import topic_of
from core.notices.views import Subject
from core.settings import get_settings

PUT: Final = """
insert into core.notice_delivery
  (id, notice_id, user_id, webhook_id, channel, topic, digest, state, attempts, made_at, next_at)
select v.id, v.notice, v.person, v.webhook, v.channel, v.topic, v.digest, 'waiting', 0, :at, v.next_at
from unnest(cast(:ids as uuid[]), cast(:notices as uuid[]), cast(:people as uuid[]), cast(:webhooks as uuid[]),
  cast(:channels as text[]), cast(:topics as text[]), cast(:digests as bool[]), cast(:moments as timestamptz[]))
  v(id, notice, person, webhook, channel, topic, digest, next_at)
"""


@dataclass(frozen=True)
class Told:
    """A notice just written.

    :param id: of the notice.
    """

    id: UUID | str
    person: Contact
    subject: Subject


@dataclass(frozen=True)
class _Row:
    """What is to leave: one notice by one channel, to a person or to a webhook."""

    notice: str
    channel: str
    topic: str
    next_at: dt.datetime
    person: str | None = None
    webhook: str | None = None
    digest: bool = False


def put(session: WorkSession, told: Sequence[Told], *, asks: bool) -> None:
    """Write down by which channels some notices shall leave, as each person and webhook chose it.

    Five statements at most, however many they are.
    """
    rows = [*_to_people(session, told, asks=asks), *_to_webhooks(session, told, asks=asks)]
    if not rows:
        return
    session.execute(
        text(PUT),
        {
            "at": clock.now(),
            "ids": [new_id_text() for _row in rows],
            "notices": [row.notice for row in rows],
            "people": [row.person for row in rows],
            "webhooks": [row.webhook for row in rows],
            "channels": [row.channel for row in rows],
            "topics": [row.topic for row in rows],
            "digests": [row.digest for row in rows],
            "moments": [row.next_at.isoformat() for row in rows],
        },
    )


def _to_people(session: WorkSession, told: Sequence[Told], *, asks: bool) -> Iterator[_Row]:
    channels = open_channels(get_settings())
    if not channels:
        return
    choices = choices_of(session, (each.person.id for each in told))
    now, zone = clock.now(), instance_values(session).zone
    for each in told:
        own, topic = choices[each.person.id], topic_of(each.subject, asks=asks)
        for channel in channels:
            mode = own.mode(channel, topic)
            if mode != "off" and address(each.person, channel):
                digest = mode == "digest"
                moment = own.moment(now, zone, digest=digest)
                yield _Row(str(each.id), channel, topic, moment, person=str(each.person.id), digest=digest)


def _to_webhooks(session: WorkSession, told: Sequence[Told], *, asks: bool) -> Iterator[_Row]:
    called = select(Webhook.id, Webhook.topics).where(Webhook.paused_at.is_(None), Webhook.removed_at.is_(None))
    hooks, now = session.execute(called).all(), clock.now()
    for each in told:
        topic = topic_of(each.subject, asks=asks)
        for hook in hooks:
            if not hook.topics or topic in hook.topics:
                yield _Row(str(each.id), WEBHOOK, topic, now, webhook=str(hook.id))


def own_addresses(session: WorkSession) -> dict[str, str]:
    """Where whoever asks is reached, by channel; empty where they are not."""
    person = session.actor.user_id
    found = contacts(session, [person])[person] if person else None
    return {channel: address(found, channel) if found else "" for channel in PERSONAL}


def address(person: Contact, channel: str) -> str:
    """Where a person is reached by a channel; empty where they are not."""
    return {EMAIL: person.email, SMS: person.phone}.get(channel, "")
