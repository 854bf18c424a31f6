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
from core.notices.channels import WEBHOOK, open_channels
from core.notices.deliveries import MANAGE
from core.notices.models import Notice, NoticeDelivery
from core.notices.outbox import address
from core.notices.webhooks import webhook
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
    return _put(session, person.id, channel, user_id=person.id)


def try_webhook(session: WorkSession, webhook_id: UUID, user_id: UUID | None) -> UUID:
    """Put a test message to a webhook into the outbox, whatever it hears of; gives the id of the delivery.

    :param user_id: the person whom it tells.
    :raises NotFound: where there is no such webhook or person.
    :raises Refused: where the webhook is paused.
    """
    require(session.actor, MANAGE)
    hook = webhook(session, webhook_id)
    if user_id is None or user_id not in contacts(session, [user_id]):
        raise NotFound(_("There is no such person"))
    if hook.paused_at:
        raise Refused(_("This webhook is paused"))
    return _put(session, user_id, WEBHOOK, webhook_id=hook.id)


def _put(session: WorkSession, told: UUID, channel: str, **receiver: UUID) -> UUID:
    notice = Notice(
        id=new_id(), user_id=told, at=clock.now(), text=Text(SAID).to_json(), subject="page", subject_id=SUBJECT_ID,
        asks=False,
    )  # fmt: skip
    session.add(notice)
    session.flush()
    now = server_now(session)
    row = NoticeDelivery(
        id=new_id(), notice_id=notice.id, channel=channel, topic="other", digest=False, state="waiting", attempts=0,
        made_at=now, next_at=now, **receiver,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id
