"""Reads of plans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text, true
from sqlalchemy.orm import defer

from core import clock
from core.access.policy import require, sees_all, visible
from core.actor import Actor
from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.models import GridChange, GridPlan
from core.grids.moments import TICK
from core.grids.plans.views import AppliedChange, ChangedGrid, PlanLine, PlanView, line_of, view_of
from core.grids.views import PlanState
from core.text import noop as _

CHANGED_PAIRS: Final = """
select coalesce(a.grid_id, b.grid_id) as grid_id, b.id as before_id, a.id as after_id,
  b.parent_id as old_parent, a.parent_id as new_parent
from (select * from core.grid_state where closed_by = :change) b
full join (select * from core.grid_state where change_id = :change) a on a.grid_id = b.grid_id
where a.noded is not true and (a.code, a.name, a.kind, a.parent_id, a.shape_id)
  is distinct from (b.code, b.name, b.kind, b.parent_id, b.shape_id)
"""
"""States of a change that are more than vertices in mid-edge, or another path with a grid above."""
CHANGED: Final = f"""
select coalesce(a.code, b.code), coalesce(a.name, b.name), g.level, bs.area_m2, sh.area_m2,
  coalesce(b.code, a.code), coalesce(b.name, a.name)
from ({CHANGED_PAIRS}) pair
left join core.grid_state b on b.id = pair.before_id left join core.grid_shape bs on bs.id = b.shape_id
left join core.grid_state a on a.id = pair.after_id left join core.grid_shape sh on sh.id = a.shape_id
join core.grid g on g.id = pair.grid_id
order by 1
"""
FOLLOWING: Final = f"""
select count(*) from core.grid_state s
where s.change_id = :change and not s.noded
  and not exists (select 1 from ({CHANGED_PAIRS}) pair where pair.after_id = s.id)
"""
NAMES: Final = """
select distinct on (code) code, name from core.grid_state where code = any(:codes)
order by code, (valid @> cast(:at as timestamptz)) desc, (lower(valid) <= cast(:at as timestamptz)) desc, id desc
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


def plans(session: WorkSession, *, state: PlanState | None = None, after: int = 0, limit: int = 50) -> list[PlanLine]:
    """The plans that the actor may know of, the latest first.

    :param state: only those in this state.
    :param after: how many to skip.
    """
    require(session.actor, "grid.see")
    heavy = (GridPlan.operations, GridPlan.undone, GridPlan.left_out, GridPlan.drawn_on)
    known = select(GridPlan, func.jsonb_array_length(GridPlan.operations)).where(seen_by(session.actor))
    wanted = known.options(*(defer(column) for column in heavy)).order_by(GridPlan.made_at.desc(), GridPlan.id)
    if state is not None:
        wanted = wanted.where(GridPlan.state == state)
    return [line_of(plan, steps) for plan, steps in session.execute(wanted.offset(after).limit(limit))]


def plans_by_state(session: WorkSession) -> dict[PlanState, int]:
    """How many plans the actor may know of, by state; states without any are left out."""
    require(session.actor, "grid.see")
    counted = (
        select(GridPlan.state, func.count().label("number")).where(seen_by(session.actor)).group_by(GridPlan.state)
    )
    return {row.state: row.number for row in session.execute(counted)}


def place_of_change(session: WorkSession, change_id: UUID) -> str:
    """Code of the grid inside which a plan stayed that became this change; of any other change, of the root."""
    require(session.actor, "grid.see")
    sql = (
        "select s.code from core.grid_state s where upper_inf(s.valid) and s.grid_id = coalesce("
        "(select parent_id from core.grid_plan where change_id = :change limit 1), (select root_id from core.coverage))"
    )
    return session.scalar(text(sql), {"change": change_id}) or ""


def grid_names(session: WorkSession, codes: Iterable[str], change_id: UUID | None = None) -> dict[str, str]:
    """Names of the grids that bear these codes, or bore them last; codes that no grid ever had are left out.

    :param change_id: rather as they were when it was made; of grids that it bore, the name it gave them.
    """
    require(session.actor, "grid.see")
    at = session.get_one(GridChange, change_id).at - TICK if change_id else clock.now()
    return {row.code: row.name for row in session.execute(text(NAMES), {"codes": list(codes), "at": at})}


def applied_change(session: WorkSession, change_id: UUID) -> AppliedChange:
    """What the change of an applied plan did."""
    require(session.actor, "grid.see")
    change = session.get_one(GridChange, change_id)
    changed = tuple(ChangedGrid(*row) for row in session.execute(text(CHANGED), {"change": change_id}))
    following = session.scalar(text(FOLLOWING), {"change": change_id}) or 0
    counts = change.counts
    return AppliedChange(
        change.version,
        change.at,
        counts["rehomed"],
        counts["ended"],
        counts["copied"],
        changed,
        following,
        counts.get("followed", {}),
    )
