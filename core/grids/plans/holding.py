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
from core.grids.plans.allowed import HANDED_IN, PLACE_ENDED, STATES_FOR, UNDECIDED, drew, had_a_hand
from core.grids.plans.checking import CheckedPlan, check_operations
from core.grids.plans.operating import Operation
from core.grids.plans.operations import parse_operation
from core.grids.plans.queries import NO_PLAN, plan_row, seen_by
from core.grids.plans.staleness import stale
from core.grids.plans.views import STATE_WORDS
from core.grids.queries import grid_by_id
from core.grids.views import GridView, PlanAct, PlanState
from core.notices.service import settle
from core.notices.views import About
from core.text import Text
from core.text import noop as _

OWN_PLAN: Final = _("Whoever drew a plan cannot decide on it: let somebody else do it")
FOREIGN_PLAN: Final = _(
    "Only whoever drew a plan that is handed in takes it back, draws it anew or gives it up; whoever decides gives it "
    "back"
)
OVERTAKEN: Final = _("Grids that the plan touches were changed since it was drawn: %(codes)s; rebase the plan")
OVERTAKEN_FOREIGN: Final = _(
    "Grids that the plan touches were changed since it was drawn: %(codes)s; give it back, so that whoever drew it "
    "draws it anew on the city as it stands"
)


def locked(session: WorkSession, plan_id: UUID, version: int, act: PlanAct) -> GridPlan:
    """The plan, for this transaction alone.

    :param version: the one that the person saw.
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
    _refuse_unless(plan, UNDECIDED)
    return check_operations(session, plan.parent_id, operations_of(plan))


def _refuse_unless(plan: GridPlan, states: Sequence[PlanState]) -> None:
    if plan.state not in states:
        raise Refused(_("A plan that is %(state)s cannot do this"), state=Text(STATE_WORDS[plan.state]))


def place_of(session: WorkSession, plan: GridPlan) -> GridView:
    """The grid inside which the plan stays.

    :raises Refused: when that grid is retired.
    """
    found = grid_by_id(session, plan.parent_id)
    if found is None:
        raise Refused(PLACE_ENDED)
    return found


def refuse_own(session: WorkSession, plan: GridPlan) -> None:
    """Let nobody decide on what they drew themselves, were it one step, but an actor with all rights."""
    if drew(session, plan):
        raise Forbidden(OWN_PLAN)


def refuse_foreign(session: WorkSession, plan: GridPlan) -> None:
    """Let nobody take away a plan that is handed in but who drew, or an actor with all rights."""
    if plan.state in HANDED_IN and not had_a_hand(session, plan):
        raise Forbidden(FOREIGN_PLAN)


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
        foreign = plan.state in HANDED_IN and not had_a_hand(session, plan)
        raise Conflict(
            OVERTAKEN_FOREIGN if foreign else OVERTAKEN,
            theirs={"grids": changed},
            mine={"version": plan.version},
            codes=", ".join(sorted(grid["code"] for grid in changed)[:20]),
        )


def for_drawers(why: Text) -> Text:
    """What whoever decides was told, as it is kept for whoever drew, to whom the plan goes back."""
    return Text(OVERTAKEN, why.params) if why.message == OVERTAKEN_FOREIGN else why


def decision(session: WorkSession) -> dict[str, Any]:
    """Who decides, and when."""
    return {"decided_by": session.actor.id, "decided_by_name": session.actor.name, "decided_at": clock.now()}


def about(plan: GridPlan) -> About:
    """The plan as what people are told about."""
    return About("plan", str(plan.id))


def go(session: WorkSession, plan: GridPlan, state: PlanState, **values: Any) -> GridPlan:
    """Bring a plan into another state, with what else that says of it; who was asked to decide on it is no longer."""
    if plan.state == "submitted":
        settle(session, about(plan))
    plan.state = state
    plan.version += 1
    for name, value in values.items():
        setattr(plan, name, value)
    session.flush()
    return plan
