"""The life of a plan: drawn, submitted, returned or approved, applied at once or at a set time, or withdrawn.

Every function takes the version of the plan that the person saw: two tabs of one draft cannot overwrite each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from core.grids.plans.checking import CheckedPlan, check_operations
from core.grids.plans.drawing import Misfit
from core.grids.plans.findings import find_in
from core.grids.plans.holding import (
    OWN_PLAN,
    above,
    decision,
    drawing_place,
    fresh,
    locked,
    operations_of,
    place_of,
    refuse_decided,
    refuse_foreign,
    refuse_own,
    refuse_stale,
)
from core.grids.plans.operations import Load, Operation, parse_operation
from core.grids.plans.queries import plan_row
from core.grids.plans.reverting import inverse_of
from core.grids.plans.telling import standing_before, tell_applied, tell_deciders, tell_drawers
from core.grids.plans.views import AppliedPlan, PlanView, applied_view, view_of
from core.grids.proof import prove_change
from core.grids.queries import known_grid
from core.grids.writing import apply_change, hold_coverage, trial
from core.jobs.queue import enqueue
from core.text import Text, listed
from core.text import noop as _

APPLY_JOB: Final = "grids.plan-apply"
FARTHEST: Final = dt.timedelta(days=3653)
"""How far ahead the moment of a plan may lie."""
MOST_STEPS: Final = 500
"""Operations of one plan: each step carries all of them out again."""


@dataclass(frozen=True)
class NewPlan:
    """A plan to be drawn.

    :param id: made by whoever creates it (UUIDv7); the same again is the same plan.
    :param parent: code of the grid inside which it stays.
    """

    id: UUID
    parent: str
    title: str
    reason: str = ""


def create_plan(session: WorkSession, command: NewPlan) -> PlanView:
    """Begin a draft."""
    parent = known_grid(session, command.parent)
    require(session.actor, "plan.draw", parent.path)
    known = session.get(GridPlan, command.id)
    if known is not None:
        if (known.made_by, known.parent_id, known.title) != (session.actor.id, parent.id, command.title):
            raise Refused(_("A plan with this id exists already"))
        return view_of(known)
    plan = GridPlan(
        id=command.id, title=command.title, reason=command.reason, parent_id=parent.id, state="draft", version=1,
        operations=[], undone=[], drawn_on={}, drawn_by=[session.actor.id], comment="", made_by=session.actor.id,
        made_by_name=session.actor.name, made_at=clock.now(),
    )  # fmt: skip
    session.add(plan)
    session.flush()
    return view_of(plan)


def revert_change(session: WorkSession, command: NewPlan, change_id: UUID) -> tuple[PlanView, list[Text]]:
    """Begin a draft that takes a change back, with what of that fits the city as it stands.

    :returns: the draft, and why the rest no longer fits.
    :raises Refused: when nothing of it does.
    """
    require(session.actor, "plan.draw", known_grid(session, command.parent).path)
    inverse = inverse_of(session, change_id)
    view = create_plan(session, command)
    if view.operations:
        return view, []
    plan = locked(session, view.id, view.version, "draw")
    wanted = [parse_operation(value) for value in inverse.operations]
    checked = check_operations(session, plan.parent_id, wanted, leave_out=True)
    unfit = [*inverse.unfit, *(misfit.refusal.text for misfit in checked.unfit)]
    if not checked.operations:
        raise Refused(
            _("Nothing of the change can be taken back: %(why)s"),
            why=listed(unfit or [Text(_("it is undone already"))]),
        )
    _keep(session, plan, checked.operations, undone=[])
    return view_of(plan), unfit


def add_operations(session: WorkSession, plan_id: UUID, version: int, values: Sequence[Mapping[str, Any]]) -> PlanView:
    """Draw further operations; all of them fit, or none is kept.

    :raises Refused: with the first that does not fit, and why.
    """
    plan = locked(session, plan_id, version, "draw")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    added = [parse_operation(value, f"/operations/{number}") for number, value in enumerate(values)]
    if any(isinstance(operation, Load) and operation.reverts for operation in added):
        raise Refused(_("A layer that takes a change back comes from the plan that reverts it"))
    _keep(session, plan, [*operations_of(plan), *added], undone=[])
    return view_of(plan)


def undo(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Take the last operation back."""
    plan = locked(session, plan_id, version, "draw")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    if not plan.operations:
        raise Refused(_("There is nothing to take back"))
    *kept, last = plan.operations
    _keep(session, plan, [parse_operation(value) for value in kept], undone=[last, *plan.undone])
    return view_of(plan)


def redo(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Draw again what was taken back last."""
    plan = locked(session, plan_id, version, "draw")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    if not plan.undone:
        raise Refused(_("There is nothing to draw again"))
    first, *rest = plan.undone
    _keep(session, plan, [*operations_of(plan), parse_operation(first)], undone=rest)
    return view_of(plan)


def check_plan(session: WorkSession, plan_id: UUID) -> CheckedPlan:
    """What the plan would do to the city as it stands now.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    :raises Refused: where it was applied or withdrawn.
    """
    require(session.actor, "grid.see")
    plan = plan_row(session, plan_id)
    refuse_decided(plan)
    return check_operations(session, plan.parent_id, operations_of(plan))


def submit(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Hand a draft in for approval, and tell those who may decide.

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
    broken = [Objection(found.text, code=found.code) for found in find_in(checked) if found.blocking]
    if broken:
        raise Refused(_("The plan makes grids that break the norms"), objections=broken)
    _refuse_objected(session, plan, checked)
    return _go(session, plan, "submitted", submitted_at=clock.now(), refusal=None)


def return_plan(session: WorkSession, plan_id: UUID, version: int, comment: str) -> PlanView:
    """Give a submitted plan back to whoever drew it, with the reason."""
    plan = locked(session, plan_id, version, "return")
    require(session.actor, "plan.approve", above(place_of(session, plan)))
    refuse_own(session, plan)
    if not comment.strip():
        raise Refused(_("Say what shall be changed before the plan can be approved"))
    _go(session, plan, "returned", comment=comment.strip(), apply_at=None, **decision(session))
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
    :raises Refused: when the moment is past.
    """
    plan = locked(session, plan_id, version, "approve")
    require(session.actor, "plan.approve", above(place_of(session, plan)))
    refuse_own(session, plan)
    fresh(session, plan)
    if apply_at is not None:
        _refuse_moment(apply_at)
    _go(session, plan, "approved", apply_at=apply_at, effective_on=effective_on, **decision(session))
    if apply_at is not None:
        enqueue(session, APPLY_JOB, at=apply_at, plan_id=str(plan.id), version=plan.version)
    tell_drawers(session, plan, _("%(by)s approved the plan “%(plan)s”"))
    return view_of(plan)


def recall(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Take a plan back that is handed in and not decided on, to go on drawing.

    :raises Forbidden: for anybody who had no hand in drawing it.
    """
    plan = locked(session, plan_id, version, "recall")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    refuse_foreign(session, plan)
    return view_of(_go(session, plan, "returned", **decision(session)))


def withdraw(session: WorkSession, plan_id: UUID, version: int) -> PlanView:
    """Give a plan up for good; also one whose grid is retired."""
    plan = locked(session, plan_id, version, "withdraw")
    require(session.actor, "plan.draw", drawing_place(session, plan))
    return view_of(_go(session, plan, "withdrawn", apply_at=None, **decision(session)))


def apply_plan(session: WorkSession, plan_id: UUID, version: int) -> AppliedPlan:
    """Make an approved plan the city's boundaries, in this transaction.

    :raises Conflict: when a grid that it touches changed since it was drawn; it can be rebased.
    """
    plan = locked(session, plan_id, version, "apply")
    require(session.actor, "plan.approve", above(place_of(session, plan)))
    return _write(session, plan)


def give_back(session: WorkSession, plan_id: UUID, version: int, why: Text) -> None:
    """Return an approved plan that could not be applied at its moment; one that was decided on anew is left alone."""
    require(session.actor, "plan.approve")
    plan = session.scalar(select(GridPlan).where(GridPlan.id == plan_id).with_for_update())
    if plan is not None and plan.version == version and plan.state == "approved":
        _go(session, plan, "returned", comment="", refusal=why.to_json(), apply_at=None)
        tell_drawers(session, plan, _("The plan “%(plan)s” could not be applied at its moment: %(why)s"), why=why)


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


def _refuse_moment(wanted: dt.datetime) -> None:
    now = clock.now()
    if wanted <= now:
        raise Refused(_("The moment %(at)s is past: give a later one"), at=wanted.isoformat())
    if wanted > now + FARTHEST:
        raise Refused(_("The moment %(at)s is more than ten years away: give an earlier one"), at=wanted.isoformat())


def _refuse_objected(session: WorkSession, plan: GridPlan, checked: CheckedPlan) -> None:
    """Refuse what a plugin objects to before somebody spends time on deciding."""
    with trial(session, _act(session, plan, checked)) as (_change, against):
        pass
    if against:
        raise Refused(_("There are objections to this change of the grids"), objections=against)


def _act(session: WorkSession, plan: GridPlan, checked: CheckedPlan) -> Act:
    act = checked.outcome.act("plan", hold_coverage(session), checked.operations, plan.reason or plan.title)
    return replace(act, effective_on=plan.effective_on)


def _write(session: WorkSession, plan: GridPlan) -> AppliedPlan:
    """Write what a plan comes to, and note the change in it."""
    hold_coverage(session)
    checked = fresh(session, plan)
    before = standing_before(session, checked.outcome)
    change = apply_change(session, _act(session, plan, checked))
    exact = prove_change(session, change.id)
    if not exact:
        raise Refused(_("The proof of the change failed, and nothing of it was kept: check the coverage"))
    _go(session, plan, "applied", change_id=change.id, apply_at=None)
    record(session, "plan.apply", "core.grid_change", str(change.id), after={**change.counts, "plan": str(plan.id)})
    tell_applied(session, plan, checked.outcome, before)
    return applied_view(plan, change, checked.outcome, exact=exact)


def rebase(session: WorkSession, plan_id: UUID, version: int) -> tuple[PlanView, list[Misfit]]:
    """Draw a plan's operations anew on the city as it stands; what no longer fits falls out and is listed.

    What was decided on the old ones counts no longer: it is a draft again.
    Where the scheme proposed codes that are taken by now, it proposes others.
    """
    plan = locked(session, plan_id, version, "rebase")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    checked = check_operations(session, plan.parent_id, operations_of(plan), leave_out=True, anew=True)
    _draw(session, plan, checked)
    _go(session, plan, "draft", apply_at=None)
    return view_of(plan), list(checked.unfit)


def _keep(session: WorkSession, plan: GridPlan, operations: Sequence[Operation], undone: list[Any]) -> None:
    refuse_stale(session, plan)
    if len(operations) > MOST_STEPS:
        raise Refused(
            _("A plan has at most %(most)s steps: hand this one in, and draw the rest in another"), most=MOST_STEPS
        )
    _draw(session, plan, check_operations(session, plan.parent_id, operations))
    plan.undone = undone
    plan.version += 1
    session.flush()


def _draw(session: WorkSession, plan: GridPlan, checked: CheckedPlan) -> None:
    """Take over what was drawn, and who drew."""
    plan.operations = [operation.as_json() for operation in checked.operations]
    plan.drawn_on = checked.drawn_on
    plan.drawn_by = sorted({*plan.drawn_by, session.actor.id})


def _go(session: WorkSession, plan: GridPlan, state: str, **values: Any) -> GridPlan:
    plan.state = state
    plan.version += 1
    for name, value in values.items():
        setattr(plan, name, value)
    session.flush()
    return plan
