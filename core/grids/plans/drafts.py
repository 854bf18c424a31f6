"""The drawing of a plan: begun, step after step, taken back, drawn again, drawn anew on the city as it stands.

What changes a plan takes the version of it that the person saw: two tabs of one draft cannot overwrite each other.
A step may bear an id made by whoever draws it: sent again, it is one step, whatever became of the draft since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core import clock, once
from core.access.policy import require
from core.db.session import WorkSession, take_turn
from core.errors import Refused
from core.grids.models import GridPlan
from core.grids.plans.calling import names_by_step
from core.grids.plans.checking import CheckedPlan, check_operations
from core.grids.plans.holding import go, locked, operations_of, place_of, refuse_foreign, refuse_stale
from core.grids.plans.operating import Operation
from core.grids.plans.operations import Load, parse_operation
from core.grids.plans.queries import plan_row
from core.grids.plans.results import LeftOut, Misfit
from core.grids.plans.reverting import inverse_of
from core.grids.plans.telling import approvers, tell_taken_away
from core.grids.plans.views import PlanView, view_of
from core.grids.plans.wording import note_of, refuse_bad_words
from core.grids.queries import known_grid
from core.text import Text, listed
from core.text import noop as _

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
    """Begin a draft.

    :raises Invalid: where its title or reason cannot stand.
    """
    parent = known_grid(session, command.parent)
    require(session.actor, "plan.draw", parent.path)
    title, reason = command.title.strip(), note_of(command.reason)
    refuse_bad_words(title, reason)
    take_turn(session, f"core.grid_plan {command.id}")
    known = session.get(GridPlan, command.id)
    if known is not None:
        if (known.made_by, known.parent_id, known.title) != (session.actor.id, parent.id, title):
            raise Refused(_("A plan with this id exists already"))
        return view_of(known)
    plan = GridPlan(
        id=command.id, title=title, reason=reason, parent_id=parent.id, state="draft", version=1,
        operations=[], undone=[], left_out=[], drawn_on={}, drawn_by=[session.actor.id], comment="",
        made_by=session.actor.id, made_by_name=session.actor.name, made_at=clock.now(),
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
    view = create_plan(session, command)
    if view.operations:
        return view, []
    inverse = inverse_of(session, change_id)
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


def add_operations(
    session: WorkSession,
    plan_id: UUID,
    version: int,
    values: Sequence[Mapping[str, Any]],
    id: UUID | None = None,
) -> PlanView:
    """Draw further operations; all of them fit, or none is kept.

    :param id: idempotency key of the step.
    :raises Refused: with the first that does not fit, and why: by its number in the plan, with a pointer into
        ``values`` unless it is a step that the plan has already.
    :raises KeyReused: when the id was used for another step.
    """
    if id is not None and _known(session, id, plan_id, list(values)):
        return view_of(plan_row(session, plan_id))
    plan = locked(session, plan_id, version, "draw")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    added = [parse_operation(value, f"/operations/{number}") for number, value in enumerate(values)]
    if any(isinstance(operation, Load) and operation.reverts for operation in added):
        raise Refused(_("A layer that takes a change back comes from the plan that reverts it"))
    _keep(session, plan, [*operations_of(plan), *added], undone=[], id=id, sent=len(added))
    return view_of(plan)


def undo(session: WorkSession, plan_id: UUID, version: int, id: UUID | None = None) -> PlanView:
    """Take the last operation back.

    :param id: idempotency key of the step.
    :raises KeyReused: when the id was used for another step.
    """
    if id is not None and _known(session, id, plan_id, "undo"):
        return view_of(plan_row(session, plan_id))
    plan = locked(session, plan_id, version, "draw")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    if not plan.operations:
        raise Refused(_("There is nothing to take back"))
    *kept, last = plan.operations
    _keep(session, plan, [parse_operation(value) for value in kept], undone=[last, *plan.undone], id=id)
    return view_of(plan)


def redo(session: WorkSession, plan_id: UUID, version: int, id: UUID | None = None) -> PlanView:
    """Draw again what was taken back last.

    :param id: idempotency key of the step.
    :raises KeyReused: when the id was used for another step.
    """
    if id is not None and _known(session, id, plan_id, "redo"):
        return view_of(plan_row(session, plan_id))
    plan = locked(session, plan_id, version, "draw")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    if not plan.undone:
        raise Refused(_("There is nothing to draw again"))
    first, *rest = plan.undone
    _keep(session, plan, [*operations_of(plan), parse_operation(first)], undone=rest, id=id)
    return view_of(plan)


def rebase(session: WorkSession, plan_id: UUID, version: int) -> tuple[PlanView, list[Misfit]]:
    """Draw a plan's operations anew on the city as it stands; what no longer fits falls out and is listed.

    The plan keeps what fell out, with that of earlier times, until it is handed in.
    What was decided on the old ones counts no longer: it is a draft again.
    Where the scheme proposed codes that are taken by now, it proposes others.

    :raises Forbidden: where it is handed in, for anybody who had no hand in drawing it.
    """
    plan = locked(session, plan_id, version, "rebase")
    require(session.actor, "plan.draw", place_of(session, plan).path)
    refuse_foreign(session, plan)
    approved_by = approvers(plan)
    names = names_by_step(session, plan.operations)
    checked = check_operations(session, plan.parent_id, operations_of(plan), leave_out=True, anew=True)
    _draw(session, plan, checked)
    fallen = [LeftOut.of(misfit, names[misfit.number - 1]).to_json() for misfit in checked.unfit]
    plan.left_out = [*plan.left_out, *fallen]
    go(session, plan, "draft", apply_at=None)
    tell_taken_away(session, plan, _("%(by)s drew the plan “%(plan)s” anew: it is a draft again"), approved_by)
    return view_of(plan), list(checked.unfit)


def _known(session: WorkSession, id: UUID, plan_id: UUID, step: Any) -> bool:
    """Whether this very step was taken already; else the id is claimed for it."""
    return once.claim(session, id, once.digest({"plan": plan_id, "step": step})) is not None


def _keep(
    session: WorkSession,
    plan: GridPlan,
    operations: Sequence[Operation],
    undone: list[Any],
    id: UUID | None = None,
    sent: int = 0,
) -> None:
    refuse_stale(session, plan)
    if len(operations) > MOST_STEPS:
        raise Refused(
            _("A plan has at most %(most)s steps: hand this one in, and draw the rest in another"), most=MOST_STEPS
        )
    _draw(session, plan, check_operations(session, plan.parent_id, operations, sent=sent))
    plan.undone = undone
    plan.version += 1
    if id is not None:
        once.keep(session, id, {"plan": str(plan.id), "version": plan.version})
    session.flush()


def _draw(session: WorkSession, plan: GridPlan, checked: CheckedPlan) -> None:
    """Take over what was drawn, and who drew."""
    plan.operations = [operation.as_json() for operation in checked.operations]
    plan.drawn_on = checked.drawn_on
    plan.drawn_by = sorted({*plan.drawn_by, session.actor.id})
