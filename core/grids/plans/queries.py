"""Reads of plans."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.access.policy import require
from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.models import GridPlan
from core.grids.plans.service import NO_PLAN
from core.grids.plans.views import PlanView, view_of


def plan_by_id(session: WorkSession, plan_id: UUID) -> PlanView:
    """One plan.

    :raises NotFound: where there is none.
    """
    require(session.actor, "grid.see")
    plan = session.get(GridPlan, plan_id)
    if plan is None:
        raise NotFound(NO_PLAN)
    return view_of(plan)


def plans(session: WorkSession, *, state: str = "", limit: int = 200) -> list[PlanView]:
    """The plans, the latest first.

    :param state: only those in this state.
    """
    require(session.actor, "grid.see")
    wanted = select(GridPlan).order_by(GridPlan.made_at.desc(), GridPlan.id).limit(limit)
    if state:
        wanted = wanted.where(GridPlan.state == state)
    return [view_of(plan) for plan in session.scalars(wanted)]
