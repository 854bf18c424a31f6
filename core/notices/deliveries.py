"""What an administrator sees of the outbox, and what they may do about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CursorResult, Select, delete, func, select, update

from core.access.policy import require
from core.access.queries import people
from core.audit.recorder import record
from core.db.session import WorkSession, server_now
from core.errors import NotFound, Refused
from core.notices.models import NoticeDelivery, Webhook
from core.notices.views import DeliveryView, State
from core.text import Text
from core.text import noop as _

MANAGE: Final = "setting.manage"
TABLE: Final = "core.notice_delivery"


def deliveries(
    session: WorkSession, *, state: State | None = None, channel: str = "", before: UUID | None = None, limit: int = 50
) -> list[DeliveryView]:
    """Deliveries, the newest first.

    :param before: the last one of the page before.
    """
    require(session.actor, MANAGE)
    found = select(NoticeDelivery).where(NoticeDelivery.state != "joined")
    if state:
        found = found.where(NoticeDelivery.state == state)
    if channel:
        found = found.where(NoticeDelivery.channel == channel)
    if before is not None:
        found = found.where(NoticeDelivery.id < before)
    return _views(session, found.order_by(NoticeDelivery.id.desc()).limit(limit))


def delivery(session: WorkSession, delivery_id: UUID) -> DeliveryView:
    """One delivery.

    :raises NotFound: where there is none.
    """
    require(session.actor, MANAGE)
    found = _views(session, select(NoticeDelivery).where(NoticeDelivery.id == delivery_id))
    if not found:
        raise NotFound(_("There is no such delivery"))
    return found[0]


def count_by_state(session: WorkSession) -> dict[State, int]:
    """How many deliveries are in each state."""
    require(session.actor, MANAGE)
    return _counts(session)


def count_dead(session: WorkSession) -> int:
    """How many deliveries were given up: what `wangge doctor` looks at."""
    return _counts(session).get("dead", 0)


def retry_delivery(session: WorkSession, delivery_id: UUID) -> None:
    """Try a dead delivery again from the beginning, with the same id.

    :raises NotFound: where there is none.
    :raises Refused: where it is not dead.
    """
    require(session.actor, MANAGE)
    row = session.get(NoticeDelivery, delivery_id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no such delivery"))
    if row.state != "dead":
        raise Refused(_("Only a delivery that was given up is tried again"))
    row.state, row.attempts, row.next_at, row.ended_at = "waiting", 0, server_now(session), None
    record(session, "delivery.retry", TABLE, str(row.id))


def retry_dead(session: WorkSession, channel: str = "") -> int:
    """Try all dead deliveries again, of one channel or of all; gives how many."""
    require(session.actor, MANAGE)
    dead = update(NoticeDelivery).where(NoticeDelivery.state == "dead")
    if channel:
        dead = dead.where(NoticeDelivery.channel == channel)
    done = session.execute(dead.values(state="waiting", attempts=0, next_at=server_now(session), ended_at=None))
    n = cast("CursorResult[Any]", done).rowcount
    if n:
        record(session, "delivery.retry", TABLE, channel, after={"deliveries": n})
    return n


def forget_deliveries(session: WorkSession, before: dt.datetime) -> None:
    """Take away what came to its end before a moment."""
    session.execute(delete(NoticeDelivery).where(NoticeDelivery.ended_at < before))


def _counts(session: WorkSession) -> dict[State, int]:
    found = select(NoticeDelivery.state, func.count()).where(NoticeDelivery.state != "joined")
    return {cast("State", state): n for state, n in session.execute(found.group_by(NoticeDelivery.state))}


def _names(session: WorkSession, rows: Sequence[NoticeDelivery]) -> dict[UUID | None, str]:
    """Names of the people and webhooks to whom some deliveries go."""
    named = people(session, {row.user_id for row in rows if row.user_id})
    called = {row.webhook_id for row in rows if row.webhook_id}
    hooks = session.execute(select(Webhook.id, Webhook.name).where(Webhook.id.in_(called))) if called else ()
    return {key: person.name for key, person in named.items()} | {row.id: row.name for row in hooks}


def _views(session: WorkSession, found: Select[NoticeDelivery]) -> list[DeliveryView]:
    rows = session.scalars(found).all()
    names = _names(session, rows)
    joined = select(NoticeDelivery.joined_id, func.count().label("n")).where(
        NoticeDelivery.joined_id.in_([row.id for row in rows if row.digest])
    )
    with_it = {row.joined_id: row.n for row in session.execute(joined.group_by(NoticeDelivery.joined_id))}
    return [
        DeliveryView(
            row.id,
            row.channel,
            row.topic,
            names[row.user_id or row.webhook_id],
            cast("State", row.state),
            row.digest,
            1 + with_it.get(row.id, 0),
            row.attempts,
            row.made_at,
            row.next_at,
            row.ended_at,
            Text.from_json(row.fault) if row.fault else None,
        )
        for row in rows
    ]
