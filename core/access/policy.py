"""The one question: may this actor do this here? Deny by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, false, literal, or_, select

from core.access import actions as registry
from core.access.outside import GRID_STATE, holds_now
from core.actor import Actor, GrantView
from core.db.base import Ltree
from core.errors import Forbidden
from core.text import Text
from core.text import noop as _

EVERYWHERE: Final = ""
"""The path that only a grant for the whole instance covers."""


@dataclass(frozen=True)
class Answer:
    """Yes or no, and why; true exactly when allowed."""

    allowed: bool
    reason: Text

    def __bool__(self) -> bool:
        return self.allowed


def may(actor: Actor, action: str, path: str | None = None) -> Answer:
    """Whether an actor may do something.

    :param path: ``ltree`` path (grid ids joined by dots) of the place concerned; ``None`` asks whether the
        actor may do it anywhere at all, ``EVERYWHERE`` whether in the whole instance.
    """
    if actor.all_rights:
        return Answer(True, Text(_("The command line and jobs have all rights")))
    known = registry.find(action)
    if known is None:
        return Answer(False, Text(_("No enabled part of the system knows the action %(name)s"), {"name": action}))
    title = Text(known.title)
    held = [grant for grant in actor.grants if action in grant.actions]
    if not held:
        return Answer(
            False,
            Text(
                _("None of your roles allows you to %(action)s; the security administrator can grant one"),
                {"action": title},
            ),
        )
    if path is not None and not any(_covers(grant, path) for grant in held):
        return Answer(
            False,
            Text(
                _("You may %(action)s only in the grids granted to you, and this one is not among them"),
                {"action": title},
            ),
        )
    return Answer(True, Text(_("Your role allows you to %(action)s"), {"action": title}))


def require(actor: Actor, action: str, path: str | None = None) -> None:
    """Refuse with :class:`Forbidden` and the reason unless the actor may."""
    answer = may(actor, action, path)
    if not answer.allowed:
        raise Forbidden(answer.reason.message, **answer.reason.params)


def sees_all(actor: Actor, action: str) -> bool:
    """Whether the action is granted for the whole instance, things without a grid included."""
    return actor.all_rights or any(grant.path is None and action in grant.actions for grant in actor.grants)


def visible(actor: Actor, action: str) -> Select[tuple[int]]:
    """Ids of the living grids in which the actor may do something, for ``grid_id IN (…)``."""
    grids = select(GRID_STATE.c.grid_id).where(holds_now())
    if sees_all(actor, action):
        return grids
    tops = {grant.path for grant in actor.grants if action in grant.actions and grant.path is not None}
    if not tops:
        return grids.where(false())
    below = (GRID_STATE.c.path.op("<@", is_comparison=True)(literal(top, Ltree)) for top in sorted(tops))
    return grids.where(or_(*below))


def _covers(grant: GrantView, path: str) -> bool:
    return grant.path is None or path == grant.path or path.startswith(f"{grant.path}.")
