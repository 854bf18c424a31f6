"""The row of a plan held for an act: locked, in the version that was seen, in a state that allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from core import clock
from core.access.policy import may, require
from core.db.session import WorkSession
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.grids.models import GridPlan
from core.grids.plans.checking import CheckedPlan, check_operations, stale
from core.grids.plans.operations import Operation, parse_operation
from core.grids.plans.queries import NO_PLAN, plan_row, seen_by
from core.grids.plans.views import STATE_WORDS
from core.grids.queries import grid_by_id
from core.grids.views import GridView
from core.text import Text
from core.text import noop as _

OWN_PLAN: Final = _("Whoever drew a plan cannot decide on it: let somebody else do it")
PLACE_ENDED: Final = _("The grid of the plan is retired: withdraw the plan")
FOREIGN_PLAN: Final = _("Only whoever drew a plan takes it back to go on drawing; whoever decides gives it back")
_OPEN: Final = ("draft", "returned")
_UNDECIDED: Final = (*_OPEN, "submitted", "approved")
STATES_FOR: Final[Mapping[str, Sequence[str]]] = {
    "draw": _OPEN,
    "submit": _OPEN,
    "approve": ("submitted",),
    "return": ("submitted", "approved"),
    "apply": ("approved",),
    "recall": ("submitted",),
    "withdraw": _UNDECIDED,
    "rebase": _UNDECIDED,
    "revert": ("applied",),
}
"""Act → the states of a plan in which it can be done."""
DECIDING: Final = frozenset({"approve", "return", "apply"})
"""Acts for which the right to approve is asked at the higher level; the others need that to draw."""


def locked(session: WorkSession, plan_id: UUID, version: int, act: str) -> GridPlan:
    """The plan, for this transaction alone.

    :param version: the one that the person saw.
    :param act: one of ``STATES_FOR``.
    :raises NotFound: where there is no such plan, or the actor may not know of it.
    :raises Conflict: when somebody changed it since.
    :raises Refused: when it is in none of the act's states.
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
    _refuse_unless(plan, STATES_FOR[act])
    return plan


def checked_plan(session: WorkSession, plan_id: UUID) -> CheckedPlan:
    """A plan carried out on the city as it stands now, for this room.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    :raises Refused: with the first operation that does not fit; where it was applied or withdrawn, since what follows
        is known then.
    """
    plan = plan_row(session, plan_id)
    _refuse_unless(plan, _UNDECIDED)
    return check_operations(session, plan.parent_id, operations_of(plan))


def _refuse_unless(plan: GridPlan, states: Sequence[str]) -> None:
    if plan.state not in states:
        raise Refused(_("A plan that is %(state)s cannot do this"), state=Text(STATE_WORDS[plan.state]))


def acts_allowed(session: WorkSession, plan_id: UUID) -> frozenset[str]:
    """What the actor may do with a plan as it stands; where its grid is retired, to withdraw it alone.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    """
    plan = plan_row(session, plan_id)
    place = grid_by_id(session, plan.parent_id)
    if place is None:
        ends = plan.state in STATES_FOR["withdraw"] and may(session.actor, "plan.draw", drawing_place(session, plan))
        return frozenset({"withdraw"} if ends else ())
    draws = bool(may(session.actor, "plan.draw", place.path))
    decides = bool(may(session.actor, "plan.approve", above(place)))
    found = {act for act in STATES_FOR if plan.state in STATES_FOR[act] and (decides if act in DECIDING else draws)}
    if not _had_a_hand(session, plan):
        found.discard("recall")
    return frozenset(found - {"approve", "return"} if _drew(session, plan) else found)


def place_of(session: WorkSession, plan: GridPlan) -> GridView:
    """The grid inside which the plan stays.

    :raises Refused: when that grid is retired.
    """
    found = grid_by_id(session, plan.parent_id)
    if found is None:
        raise Refused(PLACE_ENDED)
    return found


def drawing_place(session: WorkSession, plan: GridPlan) -> str | None:
    """Where the right to draw is asked for one who gives the plan up.

    :returns: the path that the plan's grid has, or had last; ``None``, which is anywhere, for whoever had a hand in a
        plan whose grid is retired, and with it what was granted in that grid.
    """
    newest = text(
        "select path::text, upper_inf(valid) from core.grid_state where grid_id = :id order by id desc limit 1"
    )
    path, lives = session.execute(newest, {"id": plan.parent_id}).one()
    return None if not lives and session.actor.id in plan.drawers else str(path)


def above(place: GridView) -> str:
    """Path of the grid at the higher level, where the right to approve is asked for; the root is its own."""
    return place.path.rpartition(".")[0] or place.path


def refuse_own(session: WorkSession, plan: GridPlan) -> None:
    """Let nobody decide on what they drew themselves, were it one step, but an actor with all rights."""
    if _drew(session, plan):
        raise Forbidden(OWN_PLAN)


def refuse_foreign(session: WorkSession, plan: GridPlan) -> None:
    """Let nobody go on with a plan that is handed in but who drew, or an actor with all rights."""
    if not _had_a_hand(session, plan):
        raise Forbidden(FOREIGN_PLAN)


def _drew(session: WorkSession, plan: GridPlan) -> bool:
    return session.actor.id in plan.drawers and not session.actor.all_rights


def _had_a_hand(session: WorkSession, plan: GridPlan) -> bool:
    return session.actor.id in plan.drawers or session.actor.all_rights


def operations_of(plan: GridPlan) -> list[Operation]:
    """What was drawn."""
    return [parse_operation(value) for value in plan.operations]


def fresh(session: WorkSession, plan: GridPlan) -> CheckedPlan:
    """The plan checked on the city as it stands, which must still be the one it was drawn on.

    :raises Conflict: with both states of what changed.
    """
    refuse_stale(session, plan)
    return check_operations(session, plan.parent_id, operations_of(plan))


def refuse_stale(session: WorkSession, plan: GridPlan) -> None:
    """Refuse to go on with a plan whose grids are not what it was drawn on.

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


def changed_since(session: WorkSession, plan_id: UUID) -> list[dict[str, Any]]:
    """The grids that are not what a plan was drawn on, as `stale` tells them; none of one that is decided for good.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    """
    require(session.actor, "grid.see")
    plan = plan_row(session, plan_id)
    return stale(session, plan.drawn_on) if plan.state in _UNDECIDED else []


def decision(session: WorkSession) -> dict[str, Any]:
    """Who decides, and when."""
    return {"decided_by": session.actor.id, "decided_by_name": session.actor.name, "decided_at": clock.now()}


def go(session: WorkSession, plan: GridPlan, state: str, **values: Any) -> GridPlan:
    """Bring a plan into another state, with what else that says of it."""
    plan.state = state
    plan.version += 1
    for name, value in values.items():
        setattr(plan, name, value)
    session.flush()
    return plan
