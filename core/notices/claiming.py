"""Taking one delivery after another from the outbox, and writing down what became of it.

A delivery is taken in a transaction of its own, before it is sent, and its end is written in another. A worker that is
killed between the two leaves a lease that runs out: the delivery is sent again, with the same id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, text, update

from core.access.queries import contacts
from core.access.views import Contact
from core.db.session import WorkSession, server_now
from core.instance import instance_values
from core.notices.channels import Message, Undelivered
from core.notices.choices import choices_of
from core.notices.messages import message_of
from core.notices.models import Notice, NoticeDelivery, Webhook
from core.notices.outbox import address
from core.notices.veil import outward
from core.text import Text
from core.text import noop as _

LEASE: Final = dt.timedelta(minutes=3)
"""Longer than any channel takes over one message."""
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
WAITS: Final = (
    MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, *(8 * HOUR,) * 8,
)  # fmt: skip
"""How long is waited after each failed try; after the last one, some three days on, the delivery is dead."""
LANES: Final = """
select channel, webhook_id from core.notice_delivery d
where state = 'waiting' and next_at <= :now and channel = any(:open) and not exists (
  select from core.webhook w where w.id = d.webhook_id and w.paused_at is not null and w.removed_at is null
)
group by channel, webhook_id order by max(attempts), channel, webhook_id
"""
TRY_TURN: Final = "select pg_try_advisory_xact_lock(hashtext('notices.lane'), hashtext(:lane))"
READ: Final = Text(_("It was read before it was sent"))
TAKEN_BACK: Final = Text(_("What it told was taken back"))
REMOVED: Final = Text(_("The webhook was removed"))
UNREACHED: Final = Text(_("The person is not reached this way any more"))
CUT_OFF: Final = Text(_("The worker was cut off at each try"))


@dataclass(frozen=True)
class Lane:
    """What is sent one after another, so that what hangs holds up nothing but itself."""

    channel: str
    webhook_id: UUID | None = None

    @property
    def key(self) -> str:
        """Its name among the locks."""
        return f"{self.channel} {self.webhook_id or ''}"


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker is to send now.

    :param attempts: of this try, the first is 1.
    """

    id: UUID
    attempts: int
    message: Message


def due_lanes(session: WorkSession, channels: Sequence[str]) -> list[Lane]:
    """Lanes in which something is due; those first in which the least failed."""
    found = session.execute(text(LANES), {"now": server_now(session), "open": list(channels)})
    return [Lane(row.channel, row.webhook_id) for row in found]


def claim(session: WorkSession, lane: Lane) -> Claimed | None:
    """Take the next delivery of a lane; ``None`` where nothing is due, or another worker is at it.

    What is of no use any more is dropped on the way, and what falls into quiet hours waits for their end.
    """
    if not session.scalar(text(TRY_TURN), {"lane": lane.key}) or _is_held(session, lane):
        return None
    now = server_now(session)
    if session.scalar(select(NoticeDelivery.id).where(*_of(lane), NoticeDelivery.leased_until > now).limit(1)):
        return None
    while row := session.scalars(_next(lane, now)).first():
        if found := _prepare(session, row, now):
            return found
    return None


def sent(session: WorkSession, claimed: Claimed) -> None:
    """Write down that a delivery was taken by whoever it was for."""
    row = session.get_one(NoticeDelivery, claimed.id)
    _end(row, "sent", server_now(session), None)


def failed(session: WorkSession, claimed: Claimed, outcome: Undelivered) -> None:
    """Write down that a delivery was not taken: it is tried again later, or is dead."""
    row = session.get_one(NoticeDelivery, claimed.id, with_for_update=True)
    if row.state != "waiting" or row.attempts != claimed.attempts:
        return  # the lease ran out, and another worker has it
    now = server_now(session)
    if outcome.final or claimed.attempts > len(WAITS):
        _end(row, "dead", now, outcome.why)
        return
    row.leased_until, row.fault = None, outcome.why.to_json()
    row.next_at = now + WAITS[claimed.attempts - 1]


def _is_held(session: WorkSession, lane: Lane) -> bool:
    """Whether a lane leads to a webhook that was paused meanwhile."""
    hook = session.get_one(Webhook, lane.webhook_id) if lane.webhook_id else None
    return bool(hook and hook.paused_at and not hook.removed_at)


def _of(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    return (
        NoticeDelivery.state == "waiting",
        NoticeDelivery.channel == lane.channel,
        NoticeDelivery.webhook_id == lane.webhook_id,
    )


def _next(lane: Lane, now: dt.datetime) -> Select[NoticeDelivery]:
    free = or_(NoticeDelivery.leased_until.is_(None), NoticeDelivery.leased_until <= now)
    found = select(NoticeDelivery).where(*_of(lane), NoticeDelivery.next_at <= now, free)
    ordered = found.order_by(NoticeDelivery.next_at, NoticeDelivery.id).limit(1)
    return ordered.with_for_update(skip_locked=True)


def _prepare(session: WorkSession, row: NoticeDelivery, now: dt.datetime) -> Claimed | None:
    """The message of a delivery, now leased; ``None`` where it is not to be sent, or not yet."""
    person = contacts(session, [row.user_id])[row.user_id] if row.user_id else None
    notices = _notices(session, row)
    if why := _hindrance(session, row, person, notices):
        _end(row, "dropped", now, why)
        return None
    if row.attempts > len(WAITS):
        _end(row, "dead", now, CUT_OFF)
        return None
    values = instance_values(session)
    allowed = choices_of(session, [person.id])[person.id].moment(now, values.zone, digest=False) if person else now
    if allowed > now:
        row.next_at = allowed
        return None
    if row.digest and not row.attempts:
        notices += _join(session, row, now)
    row.attempts += 1
    row.leased_until = now + LEASE
    to, language = (address(person, row.channel), person.language) if person else ("", "")
    texts = outward(session, notices)
    message = message_of(row.id, to, notices, texts, row.topic, language or values.language)
    return Claimed(row.id, row.attempts, message)


def _hindrance(
    session: WorkSession, row: NoticeDelivery, person: Contact | None, notices: Sequence[Notice]
) -> Text | None:
    """Why there is no more use in sending; what was tried already may have arrived and is the same each time."""
    if row.webhook_id and session.get_one(Webhook, row.webhook_id).removed_at:
        return REMOVED
    if person and (not person.enabled or not address(person, row.channel)):
        return UNREACHED
    if not notices:
        return TAKEN_BACK
    return READ if person and not row.attempts and all(notice.read_at for notice in notices) else None


def _notices(session: WorkSession, row: NoticeDelivery) -> list[Notice]:
    """What a delivery carries: its own notice, and in a digest those that joined it."""
    joined = select(NoticeDelivery.notice_id).where(NoticeDelivery.joined_id == row.id)
    wanted = or_(Notice.id == row.notice_id, Notice.id.in_(joined))
    return list(session.scalars(select(Notice).where(wanted).order_by(Notice.id)))


def _join(session: WorkSession, row: NoticeDelivery, now: dt.datetime) -> list[Notice]:
    """What is due for the same digest goes with it from now on, but what was read; gives their notices."""
    alike = (
        NoticeDelivery.state == "waiting",
        NoticeDelivery.channel == row.channel,
        NoticeDelivery.user_id == row.user_id,
        NoticeDelivery.digest,
        NoticeDelivery.attempts == 0,
        NoticeDelivery.next_at <= now,
        NoticeDelivery.id != row.id,
    )
    unread = select(NoticeDelivery.id).join(Notice, Notice.id == NoticeDelivery.notice_id)
    ids = session.scalars(unread.where(*alike, Notice.read_at.is_(None)).with_for_update(of=NoticeDelivery)).all()
    session.execute(
        update(NoticeDelivery)
        .where(NoticeDelivery.id.in_(ids))
        .values(state="joined", joined_id=row.id, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return [notice for notice in _notices(session, row) if notice.id != row.notice_id]


def _end(row: NoticeDelivery, state: str, now: dt.datetime, why: Text | None) -> None:
    row.state, row.ended_at, row.leased_until = state, now, None
    row.fault = why.to_json() if why else None
