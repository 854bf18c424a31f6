"""The life of a plan that is drawn: submitted, returned or approved, applied at once or at a set time, or withdrawn.

What changes a plan takes the version of it that the person saw: two tabs of one draft cannot overwrite each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import Forbidden, Objection, Refused
from core.grids.acts import Act
from core.grids.models import GridPlan
from core.grids.moments import FARTHEST, moment_words, refuse_day
from core.grids.plans.allowed import above, drawing_place
from core.grids.plans.checking import CheckedPlan
from core.grids.plans.drafts import NewPlan, add_operations, create_plan
from core.grids.plans.holding import (
    OWN_PLAN,
    about,
    decision,
    for_drawers,
    fresh,
    go,
    locked,
    place_of,
    refuse_foreign,
    refuse_own,
)
from core.grids.plans.remarks import find_in
from core.grids.plans.telling import (
    approvers,
    holdings_before,
    tell_applied,
    tell_deciders,
    tell_drawers,
    tell_failed,
    tell_taken_away,
)
from core.grids.plans.views import AppliedPlan, PlanView, applied_view, view_of
from core.grids.plans.wording import note_of, refuse_bad_comment
from core.grids.proof import prove_change
from core.grids.queries import grid_by_id
from core.grids.writing import apply_change, hold_coverage, trial
from core.jobs.queue import enqueue
from core.notices.service import unask
from core.text import Text
from core.text import noop as _

APPLY_JOB: Final = "grids.plan-apply"


def submit(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Hand a draft in for approval, and tell those who may decide; what was left out when it was drawn anew is let go.

    :raises Refused: when it changes nothing, an operation no longer fits, or a finding blocks it.
    :raises Conflict: when the grids it touches changed since it was drawn.
    """
    plan = _hand_in(session, plan_id, version)
    tell_deciders(session, plan)
    return view_of(plan)


def _hand_in(session: WorkSession, plan_id: UUID, version: int) -> GridPlan:
    plan = locked(session, plan_id, version, "submit")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    hold_coverage(session)
    checked = fresh(session, plan)
    if checked.outcome.empty:
        raise Refused(_("The plan changes nothing yet: draw something first"))
    broken = [Objection(found.text, code=found.kind) for found in find_in(checked) if found.blocking]
    if broken:
        raise Refused(_("The plan makes grids that break the norms"), objections=broken)
    _refuse_objected(session, plan, checked)
    return go(session, plan, "submitted", submitted_at=clock.now(), refusal=None, left_out=[])


def return_plan(session: WorkSession, plan_id: UUID, version: int, comment: str) -> PlanView:
    """Give a submitted plan back to whoever drew it, with the reason.

    :raises Invalid: where there is no reason, or one that cannot be kept.
    """
    plan = locked(session, plan_id, version, "return")
    require(session.actor, "plan.approve", above(place_of(session, plan)))
    refuse_own(session, plan)
    said = note_of(comment)
    refuse_bad_comment(said)
    go(session, plan, "returned", comment=said, apply_at=None, **decision(session))
    tell_drawers(session, plan, _("%(by)s gave the plan “%(plan)s” back: %(why)s"), why=plan.comment)
    return view_of(plan)


def approve(
    session: WorkSession,
    plan_id: UUID,
    version: int,
    *,
    apply_at: dt.datetime | None = None,
    effective_on: dt.date | None = None,
) -> PlanView:
    """Approve a submitted plan; with ``apply_at`` a job applies it then.

    :raises Forbidden: for whoever had a hand in drawing it.
    :raises Refused: when the moment is past, or the legal date implausible.
    """
    plan = locked(session, plan_id, version, "approve")
    require(session.actor, "plan.approve", above(place_of(session, plan)))
    refuse_own(session, plan)
    fresh(session, plan)
    refuse_day(effective_on)
    if apply_at is not None:
        _refuse_moment(session, apply_at)
    go(session, plan, "approved", apply_at=apply_at, effective_on=effective_on, **decision(session))
    if apply_at is not None:
        _enqueue(session, plan, apply_at)
        timed = _("%(by)s approved the plan “%(plan)s”; it takes effect at %(at)s")
        tell_drawers(session, plan, timed, at=moment_words(session, apply_at))
    else:
        tell_drawers(session, plan, _("%(by)s approved the plan “%(plan)s”"))
    return view_of(plan)


def apply_later(session: WorkSession, plan_id: UUID, version: int, apply_at: dt.datetime) -> PlanView:
    """Let a job apply an approved plan at a moment, in place of the one that was set before.

    :raises Refused: when the moment is past, or too far away.
    """
    plan = locked(session, plan_id, version, "apply")
    require(session.actor, "plan.approve", above(place_of(session, plan)))
    fresh(session, plan)
    _refuse_moment(session, apply_at)
    go(session, plan, "approved", apply_at=apply_at)
    _enqueue(session, plan, apply_at)
    timed = _("%(by)s set the moment for the plan “%(plan)s”; it takes effect at %(at)s")
    tell_drawers(session, plan, timed, at=moment_words(session, apply_at))
    return view_of(plan)


def recall(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Take a plan back that is handed in and not decided on, to go on drawing.

    :raises Forbidden: for anybody who had no hand in drawing it.
    """
    plan = locked(session, plan_id, version, "recall")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    refuse_foreign(session, plan)
    unask(session, about(plan))
    return view_of(go(session, plan, "returned", **decision(session)))


def withdraw(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Give a plan up for good; also one whose grid is retired.

    :raises Forbidden: where it is handed in, for anybody who had no hand in drawing it.
    """
    plan = locked(session, plan_id, version, "withdraw")
    require(session.actor, "plan.draw", drawing_place(session, plan))
    if grid_by_id(session, plan.parent_id) is not None:
        refuse_foreign(session, plan)
    approved_by = approvers(plan)
    go(session, plan, "withdrawn", apply_at=None, **decision(session))
    tell_taken_away(session, plan, _("%(by)s gave the plan “%(plan)s” up for good"), approved_by)
    return view_of(plan)


def apply_plan(session: WorkSession, plan_id: UUID, version: int) -> AppliedPlan:
    """Make an approved plan the city's boundaries, in this transaction.

    :raises Conflict: when a grid that it touches changed since it was drawn; it can be rebased.
    """
    plan = locked(session, plan_id, version, "apply")
    require(session.actor, "plan.approve", above(place_of(session, plan)))
    return _write(session, plan)


def return_unapplied(session: WorkSession, plan_id: UUID, version: int, why: Text) -> None:
    """Return an approved plan that could not be applied at its moment; one that was decided on anew is left alone."""
    require(session.actor, "plan.approve")
    plan = session.scalar(select(GridPlan).where(GridPlan.id == plan_id).with_for_update())
    if plan is not None and plan.version == version and plan.state == "approved":
        why = for_drawers(why)
        go(session, plan, "returned", comment="", refusal=why.to_json(), apply_at=None)
        tell_failed(session, plan, why)


def run_plan(session: WorkSession, command: NewPlan, operations: Sequence[Mapping[str, Any]]) -> AppliedPlan:
    """Draw, submit, approve and apply in one transaction, for an actor with all rights.

    :raises Forbidden: for anybody else: a plan needs a second person.
    """
    if not session.actor.all_rights:
        raise Forbidden(OWN_PLAN)
    plan = create_plan(session, command)
    plan = add_operations(session, plan.id, plan.version, operations)
    plan = view_of(_hand_in(session, plan.id, plan.version))
    plan = approve(session, plan.id, plan.version)
    return apply_plan(session, plan.id, plan.version)


def _enqueue(session: WorkSession, plan: GridPlan, at: dt.datetime) -> None:
    enqueue(session, APPLY_JOB, at=at, plan_id=str(plan.id), version=plan.version)


def _refuse_moment(session: WorkSession, wanted: dt.datetime) -> None:
    now, said = clock.now(), moment_words(session, wanted)
    if wanted <= now:
        raise Refused(_("The moment %(at)s is past: give a later one"), at=said)
    if wanted > now + FARTHEST:
        raise Refused(_("The moment %(at)s is more than ten years away: give an earlier one"), at=said)


def _refuse_objected(session: WorkSession, plan: GridPlan, checked: CheckedPlan) -> None:
    """Refuse what a plugin objects to before somebody spends time on deciding."""
    with trial(session, _act(session, plan, checked)) as (_change, against):
        pass
    if against:
        raise Refused(_("There are objections to this change of the grids"), objections=against)


def _act(session: WorkSession, plan: GridPlan, checked: CheckedPlan) -> Act:
    act = checked.outcome.act(hold_coverage(session), checked.operations, plan.reason or plan.title)
    return replace(act, effective_on=plan.effective_on)


def _write(session: WorkSession, plan: GridPlan) -> AppliedPlan:
    """Write what a plan comes to, and note the change in it."""
    hold_coverage(session)
    checked = fresh(session, plan)
    before = holdings_before(session, checked.outcome)
    change = apply_change(session, _act(session, plan, checked))
    exact = prove_change(session, change.id)
    if not exact:
        raise Refused(_("The proof of the change failed, and nothing of it was kept: check the coverage"))
    go(session, plan, "applied", change_id=change.id, apply_at=None)
    record(session, "plan.apply", "core.grid_change", str(change.id), after={**change.counts, "plan": str(plan.id)})
    tell_applied(session, plan, checked.outcome, before)
    return applied_view(plan, change, checked.outcome, exact=exact)
