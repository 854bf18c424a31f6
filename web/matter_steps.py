"""Steps of matters as the pages and the API take them."""

from __future__ import annotations

from uuid import UUID

from core.db.session import WorkSession
from core.matters.away import KindAway
from core.matters.commands import TakeStep
from core.matters.service import take_step
from web import context, slots


def take(session: WorkSession, command: TakeStep) -> UUID:
    """Take a step; while the plugin of the kind does not run, the refusal names it as the reader knows it."""
    try:
        return take_step(session, command)
    except KindAway as away:
        raise away.named(slots.kept_title(away.plugin, context.language())) from None
