"""`wangge notice webhook …`: programs that are called with what people are told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from core.access.queries import user_of_login
from core.db.session import reading, work
from core.notices.topics import TOPICS
from core.notices.trial import try_webhook
from core.notices.webhooks import (
    WebhookView,
    add_webhook,
    pause_webhook,
    remove_webhook,
    renew_secret,
    webhooks,
)
from web.cli.context import operator, with_bare_database
from web.cli.output import answer, answer_lines, json_option
from web.i18n import translate_text

id_argument = click.argument("webhook_id", type=click.UUID)


@click.group("webhook")
def group() -> None:
    """Programs that are called with what people are told."""


@group.command("list")
@json_option
@with_bare_database
def list_command(as_json: bool) -> None:
    """All that were not removed, without their secrets."""
    with reading(operator()) as session:
        found = webhooks(session)
    answer_lines(
        (_values(each) for each in found),
        as_json,
        lambda r: (
            f"{r['id']}  {r['name']}  {r['url']}  {'paused' if r['paused_at'] else 'called'}"
            f"  {r['waiting']} waiting  {r['dead']} given up  {r['fault']}"
        ),
    )


@group.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--topic", "topics", multiple=True, type=click.Choice(list(TOPICS)), help="What it hears of; else all.")
@json_option
@with_bare_database
def add_command(name: str, url: str, topics: tuple[str, ...], as_json: bool) -> None:
    """Have a program called; prints its id and its secret, which is shown this once."""
    with work(operator()) as session:
        key, secret = add_webhook(session, name, url, topics)
    answer({"id": str(key), "secret": secret}, as_json, lambda r: f"{r['id']}  {r['secret']}")


@group.command("renew")
@id_argument
@json_option
@with_bare_database
def renew_command(webhook_id: UUID, as_json: bool) -> None:
    """Give one a new secret, shown this once; for a day the old one signs beside it."""
    with work(operator()) as session:
        secret = renew_secret(session, webhook_id)
    answer({"secret": secret}, as_json, lambda r: r["secret"])


@group.command("pause")
@id_argument
@json_option
@with_bare_database
def pause_command(webhook_id: UUID, as_json: bool) -> None:
    """Stop calling one: what waits is held, and what happens meanwhile it is not told."""
    _pause(webhook_id, as_json, paused=True)


@group.command("resume")
@id_argument
@json_option
@with_bare_database
def resume_command(webhook_id: UUID, as_json: bool) -> None:
    """Call one again."""
    _pause(webhook_id, as_json, paused=False)


@group.command("remove")
@id_argument
@json_option
@with_bare_database
def remove_command(webhook_id: UUID, as_json: bool) -> None:
    """Call one never again: what waits for it is dropped."""
    with work(operator()) as session:
        remove_webhook(session, webhook_id)
    answer({"id": str(webhook_id)}, as_json, lambda _row: "removed")


@group.command("test")
@id_argument
@click.argument("login")
@json_option
@with_bare_database
def test_command(webhook_id: UUID, login: str, as_json: bool) -> None:
    """Tell a person a test message, and a webhook that they were told; gives the id of its delivery."""
    with work(operator()) as session:
        key = try_webhook(session, webhook_id, user_of_login(session, login))
    answer({"id": str(key)}, as_json, lambda r: r["id"])


def _pause(webhook_id: UUID, as_json: bool, *, paused: bool) -> None:
    with work(operator()) as session:
        pause_webhook(session, webhook_id, paused=paused)
    answer({"id": str(webhook_id), "paused": paused}, as_json, lambda r: "paused" if r["paused"] else "called again")


def _values(hook: WebhookView) -> dict[str, Any]:
    return {
        "id": str(hook.id),
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
