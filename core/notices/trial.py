"""A message that says nothing, to see whether a channel works: it goes the way of all others."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core import clock
from core.access.policy import require
from core.access.queries import contacts
from core.db.base import new_id
from core.db.session import WorkSession, server_now
from core.errors import NotFound, Refused
from core.notices.channels import open_channels
from core.notices.deliveries import MANAGE
from core.notices.models import Notice, NoticeDelivery
from core.notices.outbox import address
from core.settings import get_settings
from core.text import Text
from core.text import noop as _

SAID: Final = _("This is a test message")
SUBJECT_ID: Final = "/settings/channels"


def send_trial(session: WorkSession, channel: str, user_id: UUID | None) -> UUID:
    """Put a test message to a person into the outbox, whatever they chose; gives the id of the delivery.

    :raises NotFound: where there is no such person.
    :raises Refused: where the channel is not set up, or does not reach the person.
    """
    require(session.actor, MANAGE)
    person = contacts(session, [user_id]).get(user_id) if user_id else None
    if person is None:
        raise NotFound(_("There is no such person"))
    if channel not in open_channels(get_settings()):
        raise Refused(_("This channel is not set up"))
    if not address(person, channel):
        raise Refused(_("%(name)s has no address in this channel"), name=person.name)
    said = Text(SAID).to_json()
    notice = Notice(
        id=new_id(), user_id=person.id, at=clock.now(), text=said, subject="page", subject_id=SUBJECT_ID, asks=False
    )
    session.add(notice)
    session.flush()
    now = server_now(session)
    row = NoticeDelivery(
        id=new_id(), notice_id=notice.id, user_id=person.id, channel=channel, topic="other", digest=False,
        state="waiting", attempts=0, made_at=now, next_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id
