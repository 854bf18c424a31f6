"""Reads of plans."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.access.policy import require
from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.models import GridPlan
from core.grids.plans.views import PlanView, view_of
from core.text import noop as _

NO_PLAN: Final = _("There is no such plan")


def plan_row(session: WorkSession, plan_id: UUID) -> GridPlan:
    """The row of a plan, for this room.

    :raises NotFound: where there is none.
    """
    plan = session.get(GridPlan, plan_id)
    if plan is None:
        raise NotFound(NO_PLAN)
    return plan


def plan_by_id(session: WorkSession, plan_id: UUID) -> PlanView:
    """One plan.

    :raises NotFound: where there is none.
    """
    require(session.actor, "grid.see")
    return view_of(plan_row(session, plan_id))


def plans(session: WorkSession, *, state: str = "", limit: int = 200) -> list[PlanView]:
    """The plans, the latest first.

    :param state: only those in this state.
    """
    require(session.actor, "grid.see")
    wanted = select(GridPlan).order_by(GridPlan.made_at.desc(), GridPlan.id).limit(limit)
    if state:
        wanted = wanted.where(GridPlan.state == state)
    return [view_of(plan) for plan in session.scalars(wanted)]
