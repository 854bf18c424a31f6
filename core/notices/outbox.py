"""What is to leave the house is written down in the transaction that tells it: both stand, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core import clock
from core.access.views import Contact
from core.db.base import new_id_text
from core.db.session import WorkSession
from core.instance import instance_values
from core.notices.channels import EMAIL, SMS, open_channels
from core.notices.choices import choices_of
from core.notices.topics import topic_of
from core.notices.views import Subject
from core.settings import get_settings

PUT: Final = """
insert into core.notice_delivery (id, notice_id, user_id, channel, topic, digest, state, attempts, made_at, next_at)
select v.id, v.notice, v.person, v.channel, v.topic, v.digest, 'waiting', 0, :at, v.next_at
from unnest(cast(:ids as uuid[]), cast(:notices as uuid[]), cast(:people as uuid[]), cast(:channels as text[]),
  cast(:topics as text[]), cast(:digests as bool[]), cast(:moments as timestamptz[]))
  v(id, notice, person, channel, topic, digest, next_at)
"""


@dataclass(frozen=True)
class Told:
    """A notice just written.

    :param id: of the notice.
    """

    id: UUID | str
    person: Contact
    subject: Subject


def put(session: WorkSession, told: Sequence[Told], *, asks: bool) -> None:
    """Write down by which channels some notices shall leave, as each person chose it; four statements at most."""
    channels = open_channels(get_settings())
    if not channels:
        return
    choices = choices_of(session, (each.person.id for each in told))
    now, zone = clock.now(), instance_values(session).zone
    rows = []
    for each in told:
        own, topic = choices[each.person.id], topic_of(each.subject, asks=asks)
        for channel in channels:
            mode = own.mode(channel, topic)
            if mode != "off" and address(each.person, channel):
                digest = mode == "digest"
                rows.append((each, channel, topic, digest, own.moment(now, zone, digest=digest)))
    if not rows:
        return
    session.execute(
        text(PUT),
        {
            "at": now,
            "ids": [new_id_text() for _row in rows],
            "notices": [str(row[0].id) for row in rows],
            "people": [str(row[0].person.id) for row in rows],
            "channels": [row[1] for row in rows],
            "topics": [row[2] for row in rows],
            "digests": [row[3] for row in rows],
            "moments": [row[4].isoformat() for row in rows],
        },
    )


def address(person: Contact, channel: str) -> str:
    """Where a person is reached by a channel; empty where they are not."""
    return {EMAIL: person.email, SMS: person.phone}.get(channel, "")
