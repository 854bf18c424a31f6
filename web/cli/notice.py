"""`wangge notice …`: what leaves the instance, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from core.access.queries import user_of_login
from core.db.session import reading, work
from core.notices.channels import PERSONAL
from core.notices.deliveries import deliveries, retry_dead, retry_delivery
from core.notices.trial import send_trial
from core.notices.views import STATES, DeliveryView, State
from web.cli import webhook
from web.cli.context import operator, with_bare_database
from web.cli.output import answer, answer_lines, json_option
from web.i18n import translate_text

channel_option = click.option("--channel", default="", help="Of one channel alone.")


@click.group("notice")
def group() -> None:
    """What leaves the instance: e-mail and other channels."""


group.add_command(webhook.group)


@group.command("deliveries")
@click.option("--state", type=click.Choice(STATES), help="In one state alone.")
@channel_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@with_bare_database
def deliveries_command(state: State | None, channel: str, limit: int, as_json: bool) -> None:
    """Deliveries, the newest first: state, tries, and why the last one failed."""
    with reading(operator()) as session:
        found = deliveries(session, state=state, channel=channel, limit=limit)
    answer_lines(
        (_values(each) for each in found),
        as_json,
        lambda r: (
            f"{r['id']}  {r['made_at']:%Y-%m-%d %H:%M}  {r['channel']}  {r['to']}  {r['state']}"
            f"  {r['attempts']}  {r['fault']}"
        ),
    )


@group.command("retry")
@click.argument("delivery_id", type=click.UUID, required=False)
@click.option("--all", "every", is_flag=True, help="All that were given up.")
@channel_option
@json_option
@with_bare_database
def retry_command(delivery_id: UUID | None, every: bool, channel: str, as_json: bool) -> None:
    """Try a delivery that was given up again, or all of them."""
    if (delivery_id is None) != every:
        raise click.UsageError("name a delivery, or say --all")
    with work(operator()) as session:
        if delivery_id:
            retry_delivery(session, delivery_id)
        n = 1 if delivery_id else retry_dead(session, channel)
    answer({"deliveries": n}, as_json, lambda r: f"{r['deliveries']} tried again")


@group.command("test")
@click.argument("channel", type=click.Choice(list(PERSONAL)))
@click.argument("login")
@json_option
@with_bare_database
def test_command(channel: str, login: str, as_json: bool) -> None:
    """Put a test message to a person into the outbox; gives the id of its delivery."""
    with work(operator()) as session:
        key = send_trial(session, channel, user_of_login(session, login))
    answer({"id": str(key)}, as_json, lambda r: r["id"])


def _values(each: DeliveryView) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "channel": each.channel,
        "topic": each.topic,
        "to": each.to,
        "state": each.state,
        "notices": each.notices,
        "attempts": each.attempts,
        "made_at": each.made_at,
        "next_at": each.next_at if each.state == "waiting" else None,
        "ended_at": each.ended_at,
        "fault": translate_text(each.fault) if each.fault else "",
    }
