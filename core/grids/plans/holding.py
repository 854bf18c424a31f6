"""The row of a plan held for an act: locked, in the version that was seen, in a state that allows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.db.session import WorkSession
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.grids.models import GridPlan
from core.grids.plans.checking import CheckedPlan, check_operations, stale
from core.grids.plans.operations import Operation, parse_operation
from core.grids.plans.queries import NO_PLAN, seen_by
from core.grids.plans.views import STATE_WORDS
from core.grids.queries import grid_by_id
from core.grids.views import GridView
from core.text import Text
from core.text import noop as _

OWN_PLAN: Final = _("Whoever drew a plan cannot decide on it: let somebody else do it")
OPEN: Final = ("draft", "returned")
"""States in which a plan can be drawn."""


def locked(session: WorkSession, plan_id: UUID, version: int, states: Sequence[str]) -> GridPlan:
    """The plan, for this transaction alone.

    :param version: the one that the person saw.
    :raises NotFound: where there is no such plan, or the actor may not know of it.
    :raises Conflict: when somebody changed it since.
    :raises Refused: when it is in none of the states.
    """
    known = select(GridPlan).where(GridPlan.id == plan_id, seen_by(session.actor))
    plan = session.scalar(known.with_for_update())
    if plan is None:
        raise NotFound(NO_PLAN)
    if plan.version != version:
        raise Conflict(
            _("Somebody else changed this plan; look at it again"),
            theirs={"version": plan.version, "state": plan.state},
            mine={"version": version},
        )
    if plan.state not in states:
        raise Refused(_("A plan that is %(state)s cannot do this"), state=Text(STATE_WORDS[plan.state]))
    return plan


def place_of(session: WorkSession, plan: GridPlan) -> GridView:
    """The grid inside which the plan stays.

    :raises Refused: when that grid is retired.
    """
    found = grid_by_id(session, plan.parent_id)
    if found is None:
        raise Refused(_("The grid of the plan is retired: withdraw the plan"))
    return found


def above(place: GridView) -> str:
    """Path of the grid at the higher level, where the right to approve is asked for; the root is its own."""
    return place.path.rpartition(".")[0] or place.path


def refuse_own(session: WorkSession, plan: GridPlan) -> None:
    """Let nobody decide on a plan of their own, but an actor with all rights."""
    if plan.made_by == session.actor.id and not session.actor.all_rights:
        raise Forbidden(OWN_PLAN)


def operations_of(plan: GridPlan) -> list[Operation]:
    """What was drawn."""
    return [parse_operation(value) for value in plan.operations]


def fresh(session: WorkSession, plan: GridPlan) -> CheckedPlan:
    """The plan checked on the city as it stands, which must still be the one it was drawn on.

    :raises Conflict: with both states of what changed.
    """
    changed = stale(session, plan.drawn_on)
    if changed:
        raise Conflict(
            _("Grids that the plan touches were changed since it was drawn: %(codes)s; rebase the plan"),
            theirs={"grids": changed},
            mine={"version": plan.version},
            codes=", ".join(sorted(grid["code"] for grid in changed)[:20]),
        )
    return check_operations(session, plan.parent_id, operations_of(plan))


def decision(session: WorkSession) -> dict[str, Any]:
    """Who decides, and when."""
    return {"decided_by": session.actor.id, "decided_by_name": session.actor.name, "decided_at": clock.now()}
