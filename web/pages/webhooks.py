"""`/settings/webhooks`: programs that are called with what people are told."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.errors import Invalid
from core.notices.deliveries import MANAGE
from core.notices.topics import TOPICS
from core.notices.trial import try_webhook
from core.notices.webhooks import (
    add_webhook,
    pause_webhook,
    remove_webhook,
    renew_secret,
    webhooks,
)
from core.settings import get_settings
from core.text import noop as _
from web.auth import needs
from web.db import actor, read, write
from web.reporting import messages

bp = APIBlueprint("webhooks", __name__, enable_openapi=False)

ADDRESS: Final = "/settings/webhooks"


@bp.get(ADDRESS)
@needs(MANAGE)
def show() -> str:
    """Each with what became of its deliveries, and the form for another."""
    return _page()


@bp.post(ADDRESS)
@needs(MANAGE)
def add() -> ResponseReturnValue:
    """Have a program called; its secret is shown this once."""
    name, url = request.form.get("name", "").strip(), request.form.get("url", "").strip()
    topics = request.form.getlist("topics")
    try:
        with write() as session:
            _key, secret = add_webhook(session, name, url, topics)
    except Invalid as fault:
        return _page(values={"name": name, "url": url, "topics": topics}, errors=messages(fault)), fault.status
    return _page(secret=secret, named=name)


@bp.post(f"{ADDRESS}/<uuid:webhook_id>/renew")
@needs(MANAGE)
def renew(webhook_id: UUID) -> str:
    """A new secret, shown this once."""
    with write() as session:
        secret = renew_secret(session, webhook_id)
    return _page(secret=secret, named=_name(webhook_id))


@bp.post(f"{ADDRESS}/<uuid:webhook_id>/pause")
@needs(MANAGE)
def pause(webhook_id: UUID) -> ResponseReturnValue:
    """Stop calling it for a while, or call it again."""
    paused = request.form.get("paused") == "true"
    with write() as session:
        pause_webhook(session, webhook_id, paused=paused)
    flash(gettext(_("It is not called for now.")) if paused else gettext(_("It is called again.")), "ok")
    return redirect(ADDRESS)


@bp.post(f"{ADDRESS}/<uuid:webhook_id>/remove")
@needs(MANAGE)
def remove(webhook_id: UUID) -> ResponseReturnValue:
    """Call it never again."""
    with write() as session:
        remove_webhook(session, webhook_id)
    flash(gettext(_("The webhook was removed.")), "ok")
    return redirect(ADDRESS)


@bp.post(f"{ADDRESS}/<uuid:webhook_id>/test")
@needs(MANAGE)
def send_test(webhook_id: UUID) -> ResponseReturnValue:
    """Put a test message into the outbox."""
    with write() as session:
        try_webhook(session, webhook_id, actor().user_id)
    flash(gettext(_("The test message is on its way; it stands among the deliveries.")), "ok")
    return redirect("/settings/deliveries?channel=webhook")


def _page(
    values: dict[str, object] | None = None, errors: dict[str, str] | None = None, secret: str = "", named: str = ""
) -> str:
    with read() as session:
        found = webhooks(session)
    topics = {key: gettext(title) for key, title in TOPICS.items()}
    heard = {hook.id: [topics[topic] for topic in hook.topics] for hook in found}
    return render_template(
        "settings/webhooks.html", hooks=found, heard=heard, topics=topics, values=values or {}, errors=errors or {},
        secret=secret, named=named, allowed=get_settings().webhook_allow,
    )  # fmt: skip


def _name(webhook_id: UUID) -> str:
    with read() as session:
        return next((hook.name for hook in webhooks(session) if hook.id == webhook_id), "")
