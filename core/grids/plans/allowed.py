"""What may be done with a plan: in which of its states, by whom, and on which grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.access.granted import people_who_may
from core.access.policy import may
from core.db.session import WorkSession
from core.grids.models import GridPlan
from core.grids.plans.queries import plan_row
from core.grids.queries import grid_by_id
from core.grids.views import GridView, PlanAct, PlanState
from core.text import noop as _

PLACE_ENDED: Final = _("The grid of the plan is retired: withdraw the plan")
_OPEN: Final[tuple[PlanState, ...]] = ("draft", "returned")
UNDECIDED: Final[tuple[PlanState, ...]] = (*_OPEN, "submitted", "approved")
"""States of a plan that can still come into force."""
STATES_FOR: Final[Mapping[PlanAct, Sequence[PlanState]]] = {
    "draw": _OPEN,
    "submit": _OPEN,
    "approve": ("submitted",),
    "return": ("submitted", "approved"),
    "apply": ("approved",),
    "recall": ("submitted",),
    "withdraw": UNDECIDED,
    "rebase": UNDECIDED,
    "revert": ("applied",),
}
"""Act → the states of a plan in which it can be done."""
DECIDING: Final[frozenset[PlanAct]] = frozenset({"approve", "return", "apply"})
"""Acts for which the right to approve is asked at the higher level; the others need that to draw."""
HANDED_IN: Final[frozenset[PlanState]] = frozenset({"submitted", "approved"})
DRAWERS: Final[frozenset[PlanAct]] = frozenset({"recall", "rebase", "withdraw"})
"""Acts on a plan that is handed in which those alone do who had a hand in it; whoever decides gives it back."""


def acts_allowed(session: WorkSession, plan_id: UUID) -> frozenset[PlanAct]:
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
    if plan.state in HANDED_IN and not had_a_hand(session, plan):
        found -= DRAWERS
    return frozenset(found - {"approve", "return"} if drew(session, plan) else found)


def lacks_decider(session: WorkSession, plan_id: UUID) -> bool:
    """Whether a plan waits for a decision that nobody may take, as only those who drew it hold the right.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    """
    plan = plan_row(session, plan_id)
    place = grid_by_id(session, plan.parent_id)
    if place is None or plan.state not in STATES_FOR["approve"]:
        return False
    return {str(person) for person in people_who_may(session, "plan.approve", above(place))} <= set(plan.drawers)


def above(place: GridView) -> str:
    """Path of the grid at the higher level, where the right to approve is asked for; the root is its own."""
    return place.path.rpartition(".")[0] or place.path


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


def drew(session: WorkSession, plan: GridPlan) -> bool:
    """Whether the actor drew, were it one step, and so may not decide; never true of an actor with all rights."""
    return session.actor.id in plan.drawers and not session.actor.all_rights


def had_a_hand(session: WorkSession, plan: GridPlan) -> bool:
    """Whether the actor drew, and so may go on; always true of an actor with all rights."""
    return session.actor.id in plan.drawers or session.actor.all_rights
