"""Reads of plans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, text, true

from core.access.policy import require, sees_all, visible
from core.actor import Actor
from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.models import GridChange, GridPlan
from core.grids.plans.views import AppliedChange, ChangedGrid, PlanView, view_of
from core.text import noop as _

CHANGED = """
with before as (
  select s.grid_id, s.code, s.name, sh.area_m2 from core.grid_state s
  join core.grid_shape sh on sh.id = s.shape_id where s.closed_by = :change
), after as (
  select s.grid_id, s.code, s.name, s.noded, sh.area_m2 from core.grid_state s
  join core.grid_shape sh on sh.id = s.shape_id where s.change_id = :change
)
select coalesce(a.code, b.code), coalesce(a.name, b.name), g.level, b.area_m2, a.area_m2
from before b full join after a on a.grid_id = b.grid_id join core.grid g on g.id = coalesce(a.grid_id, b.grid_id)
where a.noded is not true order by 1
"""
NO_PLAN: Final = _("There is no such plan")


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Condition that somebody may know of a plan: everybody of one that was applied; before, whoever drew it, and who
    may draw or decide over its grid.
    """
    if sees_all(actor, "plan.draw") or sees_all(actor, "plan.approve"):
        return true()
    return or_(
        GridPlan.state == "applied",
        GridPlan.made_by == actor.id,
        GridPlan.parent_id.in_(visible(actor, "plan.draw")),
        GridPlan.parent_id.in_(visible(actor, "plan.approve")),
    )


def plan_row(session: WorkSession, plan_id: UUID) -> GridPlan:
    """The row of a plan, for this room.

    :raises NotFound: where there is none, or the actor may not know of it.
    """
    plan = session.scalar(select(GridPlan).where(GridPlan.id == plan_id, seen_by(session.actor)))
    if plan is None:
        raise NotFound(NO_PLAN)
    return plan


def plan_by_id(session: WorkSession, plan_id: UUID) -> PlanView:
    """One plan.

    :raises NotFound: where there is none, or the actor may not know of it.
    """
    require(session.actor, "grid.see")
    return view_of(plan_row(session, plan_id))


def plans(session: WorkSession, *, state: str = "", limit: int = 200) -> list[PlanView]:
    """The plans that the actor may know of, the latest first.

    :param state: only those in this state.
    """
    require(session.actor, "grid.see")
    known = select(GridPlan).where(seen_by(session.actor))
    wanted = known.order_by(GridPlan.made_at.desc(), GridPlan.id).limit(limit)
    if state:
        wanted = wanted.where(GridPlan.state == state)
    return [view_of(plan) for plan in session.scalars(wanted)]


def place_of_change(session: WorkSession, change_id: UUID) -> str:
    """Code of the grid inside which a plan stayed that became this change; of any other change, of the root."""
    require(session.actor, "grid.see")
    sql = (
        "select s.code from core.grid_state s where upper_inf(s.valid) and s.grid_id = coalesce("
        "(select parent_id from core.grid_plan where change_id = :change limit 1), (select root_id from core.coverage))"
    )
    return session.scalar(text(sql), {"change": change_id}) or ""


def grid_names(session: WorkSession, codes: Iterable[str]) -> dict[str, str]:
    """Names of the grids that bear these codes, or bore them last; codes that no grid ever had are left out."""
    require(session.actor, "grid.see")
    sql = text(
        "select distinct on (code) code, name from core.grid_state where code = any(:codes) order by code, id desc"
    )
    return {row.code: row.name for row in session.execute(sql, {"codes": list(codes)})}


def applied_change(session: WorkSession, change_id: UUID) -> AppliedChange:
    """What the change of an applied plan did."""
    require(session.actor, "grid.see")
    change = session.get_one(GridChange, change_id)
    rows = session.execute(text(CHANGED), {"change": change_id})
    counts = change.counts
    changed = tuple(ChangedGrid(*row) for row in rows)
    return AppliedChange(change.version, change.at, counts["rehomed"], counts["ended"], counts["copied"], changed)
