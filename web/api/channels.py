"""API v1: what left the instance, what is to, and trying it again."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.notices.deliveries import MANAGE, count_by_state, deliveries, delivery, retry_dead, retry_delivery
from core.notices.trial import send_trial
from core.notices.views import DeliveryView
from web.api.describing import problems
from web.api.inputs import Input, PageSize
from web.auth import needs
from web.db import actor, read, write
from web.i18n import translate_text

bp = APIBlueprint("api_channels", __name__, url_prefix="/api/v1", tag="channels")

PAGE = 100
CHANNEL_MOST = 20


class DeliveriesIn(Input):
    """Which deliveries."""

    state: Literal["", "waiting", "sent", "dead", "dropped"] = ""
    channel: str = Field("", max_length=CHANNEL_MOST)
    cursor: UUID | None = Field(None, description="`next` of the page before.")
    limit: PageSize = PAGE


class DeliveryOut(BaseModel):
    """A notice, or a digest of some, that leaves by a channel."""

    id: UUID = Field(description="The same at each try, and what the receiver is given.")
    channel: str
    topic: str
    to: str = Field(description="Name of the person or webhook.")
    state: Literal["waiting", "sent", "dead", "dropped"]
    digest: bool
    notices: int
    attempts: int
    made_at: dt.datetime
    next_at: dt.datetime | None = Field(description="When it is tried next, while it waits.")
    ended_at: dt.datetime | None
    fault: str = Field(description="Why the last try failed, or why it was dropped.")


class DeliveriesOut(BaseModel):
    """A page of deliveries, the newest first."""

    items: list[DeliveryOut]
    counts: dict[str, int] = Field(description="How many are in each state, whatever was asked for.")
    next: UUID | None = Field(description="Cursor of the next page; null on the last one.")


class ChannelIn(Input):
    """Of which channel."""

    channel: str = Field("", max_length=CHANNEL_MOST, description="Empty: of all.")


class RetriedOut(BaseModel):
    """How many are tried again."""

    deliveries: int


@bp.get("/notice-deliveries")
@needs(MANAGE)
@bp.input(DeliveriesIn, location="query")
@bp.output(DeliveriesOut)
@bp.doc(summary="What left the instance, and what is to", operation_id="list_deliveries", responses=problems(403, 422))
def list_deliveries(query_data: DeliveriesIn) -> dict[str, Any]:
    """The newest first; what they say is not told here."""
    asked = query_data
    with read() as session:
        found = deliveries(
            session, state=asked.state or None, channel=asked.channel, before=asked.cursor, limit=asked.limit + 1
        )
        counts = count_by_state(session)
    page = found[: asked.limit]
    return {
        "items": [delivery_values(each) for each in page],
        "counts": counts,
        "next": page[-1].id if len(found) > len(page) else None,
    }


@bp.post("/notice-deliveries/<uuid:delivery_id>/retry")
@needs(MANAGE)
@bp.output(DeliveryOut)
@bp.doc(
    summary="Try a delivery that was given up again", operation_id="retry_delivery", responses=problems(403, 404, 409)
)
def retry(delivery_id: UUID) -> dict[str, Any]:
    """From the beginning, with the same id."""
    with write() as session:
        retry_delivery(session, delivery_id)
        return delivery_values(delivery(session, delivery_id))


@bp.post("/notice-deliveries/retry")
@needs(MANAGE)
@bp.input(ChannelIn)
@bp.output(RetriedOut)
@bp.doc(
    summary="Try all deliveries that were given up again", operation_id="retry_deliveries", responses=problems(403, 422)
)
def retry_all(json_data: ChannelIn) -> dict[str, Any]:
    """Those of one channel, or all."""
    with write() as session:
        return {"deliveries": retry_dead(session, json_data.channel)}


@bp.post("/channels/<channel>/test")
@needs(MANAGE)
@bp.output(DeliveryOut)
@bp.doc(
    summary="Send a test message to the person of the token",
    operation_id="test_channel",
    responses=problems(403, 404, 409),
)
def send_test(channel: str) -> dict[str, Any]:
    """It goes the way of all messages; the delivery says what became of it."""
    with write() as session:
        return delivery_values(delivery(session, send_trial(session, channel, actor().user_id)))


def delivery_values(each: DeliveryView) -> dict[str, Any]:
    """A delivery as JSON."""
    return {
        "id": each.id,
        "channel": each.channel,
        "topic": each.topic,
        "to": each.to,
        "state": each.state,
        "digest": each.digest,
        "notices": each.notices,
        "attempts": each.attempts,
        "made_at": each.made_at,
        "next_at": each.next_at if each.state == "waiting" else None,
        "ended_at": each.ended_at,
        "fault": translate_text(each.fault) if each.fault else "",
    }
