"""API v1: webhooks, by which programs are told what people are told."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.notices.deliveries import MANAGE, delivery
from core.notices.topics import TOPICS
from core.notices.trial import try_webhook
from core.notices.webhooks import (
    WebhookView,
    add_webhook,
    pause_webhook,
    remove_webhook,
    renew_secret,
    webhook,
    webhooks,
)
from web.api.channels import DeliveryOut, delivery_values
from web.api.describing import problems
from web.api.inputs import Input, Line
from web.auth import needs
from web.db import actor, read, write
from web.i18n import translate_text

bp = APIBlueprint("api_webhooks", __name__, url_prefix="/api/v1", tag="webhooks")

URL_MOST = 2000
SECRET = Field(description="`whsec_` and the key in base64, shown this once.")


class WebhookIn(Input):
    """A program to be called."""

    name: Line = Field(description="For people, at most 80 characters.")
    url: str = Field(max_length=URL_MOST, examples=["https://hub.example/notices"])
    topics: list[Line] = Field(
        [], max_length=len(TOPICS), description=f"What it hears of: {', '.join(TOPICS)}; empty: all."
    )


class WebhookOut(BaseModel):
    """A program that is called."""

    id: UUID
    name: str
    url: str
    topics: list[str] = Field(description="Empty: all.")
    made_at: dt.datetime
    paused_at: dt.datetime | None = Field(description="Since when it is not called.")
    waiting: int = Field(description="Deliveries that wait for it.")
    dead: int = Field(description="Deliveries that were given up.")
    sent_at: dt.datetime | None = Field(description="When it last took one.")
    fault: str = Field(description="Why the newest of those that wait was not taken; empty where none was tried.")


class WebhooksOut(BaseModel):
    """All that were not removed."""

    items: list[WebhookOut]


class WebhookMadeOut(WebhookOut):
    """A webhook and its secret."""

    secret: str = SECRET


class WebhookSecretOut(BaseModel):
    """A new secret; for a day the old one signs beside it."""

    secret: str = SECRET


@bp.get("/webhooks")
@needs(MANAGE)
@bp.output(WebhooksOut)
@bp.doc(summary="Programs that are called", operation_id="list_webhooks", responses=problems(403))
def list_webhooks() -> dict[str, Any]:
    """In the order in which they were added, without their secrets."""
    with read() as session:
        return {"items": [_values(each) for each in webhooks(session)]}


@bp.post("/webhooks")
@needs(MANAGE)
@bp.input(WebhookIn)
@bp.output(WebhookMadeOut, status_code=201)
@bp.doc(summary="Have a program called", operation_id="add_webhook", responses=problems(403, 422))
def add(json_data: WebhookIn) -> dict[str, Any]:
    """Signed as standardwebhooks.com describes it."""
    with write() as session:
        key, secret = add_webhook(session, json_data.name, json_data.url, json_data.topics)
        return _values(webhook(session, key)) | {"secret": secret}


@bp.post("/webhooks/<uuid:webhook_id>/renew")
@needs(MANAGE)
@bp.output(WebhookSecretOut)
@bp.doc(summary="Give a webhook a new secret", operation_id="renew_webhook", responses=problems(403, 404))
def renew(webhook_id: UUID) -> dict[str, Any]:
    """For a day both sign, so that the receiver can change in between."""
    with write() as session:
        return {"secret": renew_secret(session, webhook_id)}


@bp.post("/webhooks/<uuid:webhook_id>/pause")
@needs(MANAGE)
@bp.output(WebhookOut)
@bp.doc(summary="Stop calling a webhook for a while", operation_id="pause_webhook", responses=problems(403, 404))
def pause(webhook_id: UUID) -> dict[str, Any]:
    """What waits for it is held; what happens meanwhile it is not told."""
    return _paused(webhook_id, paused=True)


@bp.post("/webhooks/<uuid:webhook_id>/resume")
@needs(MANAGE)
@bp.output(WebhookOut)
@bp.doc(summary="Call a webhook again", operation_id="resume_webhook", responses=problems(403, 404))
def resume(webhook_id: UUID) -> dict[str, Any]:
    """What was held is sent first."""
    return _paused(webhook_id, paused=False)


@bp.post("/webhooks/<uuid:webhook_id>/test")
@needs(MANAGE)
@bp.output(DeliveryOut)
@bp.doc(summary="Send a webhook a test message", operation_id="test_webhook", responses=problems(403, 404, 409))
def send_test(webhook_id: UUID) -> dict[str, Any]:
    """It goes the way of all messages; the delivery says what became of it."""
    with write() as session:
        return delivery_values(delivery(session, try_webhook(session, webhook_id, actor().user_id)))


@bp.post("/webhooks/<uuid:webhook_id>/remove")
@needs(MANAGE)
@bp.output(WebhookOut)
@bp.doc(summary="Call a webhook never again", operation_id="remove_webhook", responses=problems(403, 404))
def remove(webhook_id: UUID) -> dict[str, Any]:
    """What waits for it is dropped; what was sent stays listed. The answer shows it as it was."""
    with write() as session:
        was = _values(webhook(session, webhook_id))
        remove_webhook(session, webhook_id)
        return was


def _paused(webhook_id: UUID, *, paused: bool) -> dict[str, Any]:
    with write() as session:
        pause_webhook(session, webhook_id, paused=paused)
        return _values(webhook(session, webhook_id))


def _values(hook: WebhookView) -> dict[str, Any]:
    return {
        "id": hook.id,
        "name": hook.name,
        "url": hook.url,
        "topics": list(hook.topics),
        "made_at": hook.made_at,
        "paused_at": hook.paused_at,
        "waiting": hook.waiting,
        "dead": hook.dead,
        "sent_at": hook.sent_at,
        "fault": translate_text(hook.fault) if hook.fault else "",
    }
