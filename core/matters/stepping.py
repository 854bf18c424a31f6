"""Whether a step may be taken: by the table, by rights, by rules, and with what it brings."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from core.access.policy import may, require
from core.db.session import WorkSession
from core.errors import Forbidden, Invalid, Objection, Refused
from core.matters import life
from core.matters.asked import CLAIM, Asked
from core.matters.away import KindAway
from core.matters.clocks import check_done, clocks_of
from core.matters.guards import ends_the_work, stages_ticked
from core.matters.inputs import ClaimInput, StepInput, input_of
from core.matters.models import MatterTask
from core.matters.transitions import Transition
from core.org.queries import department_ids
from core.text import Text
from core.text import noop as _


def check_step(session: WorkSession, asked: Asked, step: str) -> tuple[Asked, Transition]:
    """The cell of the table, when all allows it, and what is asked for with the task that is meant.

    :raises Refused: the table or a rule forbids it.
    :raises Forbidden: the actor has not the right.
    :raises Invalid: something is missing.
    """
    transition = life.find(asked, step)
    if transition is None:
        raise _forbidden_by_state(asked, step)
    if type(asked.given) is not input_of(step):
        raise TypeError(f"{step} takes {input_of(step).__name__}, not {type(asked.given).__name__}")
    if not life.allowed_to(asked, transition):
        raise _not_allowed(asked, transition)
    if asked.kind is None and life.needs_kind(step):
        raise KindAway(asked.matter.kind, life.STEPS[step])
    asked = replace(asked, task=_task_meant(asked, transition), offices=_offices_named(session, asked.given))
    against = life.objections(transition.rules, asked)
    if against:
        raise Refused(_("This step is not allowed for this matter"), objections=against)
    lacking = life.objections(transition.asks, asked)
    photos = life.evidence_lacking(asked, transition)
    if photos:
        text = Text(_("This step needs %(n)s photos as evidence"), {"n": photos})
        lacking.append(Objection(text, Text(_("Add the photos that are missing")), "/files", "evidence-needed"))
    if lacking:
        raise Invalid(_("The step has faults"), objections=lacking)
    return asked, transition


def check_stages(session: WorkSession, asked: Asked, step: str) -> tuple[str, ...]:
    """Refuse ticks of whoever does not do the work, of what does not run, and an end with parts that are not done.

    :returns: the stages that are ticked off with the step.
    """
    done = stages_ticked(asked)
    if done and not life.may_tick(asked):
        raise Forbidden(_("Only who handles the matter, or may settle it, ticks off a part of it"))
    ends = ends_the_work(asked, step)
    if done or ends:
        check_done(clocks_of(session, asked.matter.id), asked.kind, done, ends=ends)
    return done


def _offices_named(session: WorkSession, given: StepInput) -> dict[str, UUID]:
    """The departments that an input names: JSON pointer → id.

    :raises Invalid: for codes that no open department bears.
    """
    named = given.offices()
    known = department_ids(session, list(named.values())) if named else {}
    faults = [
        Objection(
            Text(_("There is no department with code %(code)s"), {"code": code}),
            Text(_("Choose one of the list of departments")),
            pointer,
            "no-office",
        )
        for pointer, code in named.items()
        if code not in known
    ]
    if faults:
        raise Invalid(_("The step has faults"), objections=faults)
    return {pointer: known[code] for pointer, code in named.items()}


def _task_meant(asked: Asked, transition: Transition) -> MatterTask | None:
    """The task that the step is about: the one named, or the only one that can be."""
    about = transition.about
    if about is None:
        return None
    fitting = life.tasks_meant(asked, transition)
    wanted: UUID | None = getattr(asked.given, "task", None)
    if wanted is not None:
        found = next((task for task in fitting if task.id == wanted), None)
        if found is None:
            raise _no_such_task(asked, wanted)
        return found
    if not about.needed:
        return None
    if len(fitting) > 1:
        mine = [task for task in fitting if task.department_id == asked.actor.department_id]
        fitting = mine if len(mine) == 1 else fitting
    if len(fitting) > 1:
        fault = Text(_("Several tasks can be meant"))
        raise Invalid(
            _("The step has faults"), objections=[Objection(fault, Text(_("Name the task")), "/task", "which-task")]
        )
    if not fitting:
        raise Refused(
            _("This step is not allowed for this matter"),
            objections=[Objection(Text(_("No task of the matter waits for this step")), code="no-task")],
        )
    return fitting[0]


def _no_such_task(asked: Asked, wanted: UUID) -> Invalid | Refused:
    if all(task.id != wanted for task in asked.tasks):
        fault = Objection(Text(_("The matter has no task %(id)s"), {"id": wanted}), pointer="/task", code="no-task")
        return Invalid(_("The step has faults"), objections=[fault])
    fault = Objection(
        Text(_("The task is not in a state for this step, or not yours")),
        Text(_("Look at the matter again")),
        "/task",
        "task-state",
    )
    return Refused(_("This step is not allowed for this matter"), objections=[fault])


def _not_allowed(asked: Asked, transition: Transition) -> Forbidden:
    """Why the actor has not the right; for what a department does, whose it is."""
    if transition.action:
        require(asked.actor, transition.action, asked.path)
        return Forbidden(_("A matter without a grid is handled by those whose right covers the whole city"))
    if transition.about is not None and transition.about.own and isinstance(asked.given, ClaimInput):
        require(asked.actor, CLAIM)
    if may(asked.actor, CLAIM):
        return Forbidden(_("Your department has no task here that waits for this step"))
    return Forbidden(_("Only the department that has the task, or whoever handles it, does this"))


def _forbidden_by_state(asked: Asked, step: str) -> Refused:
    now = life.possible(asked)
    text = Text(
        _("“%(step)s” is not possible while the matter is %(state)s"),
        {"step": Text(life.STEPS[step]), "state": Text(life.STATES[asked.matter.state])},
    )
    mend = Text(_("Possible now: %(steps)s"), {"steps": tuple(Text(life.STEPS[each.step]) for each in now) or "–"})
    return Refused(text.message, objections=[Objection(text, mend, code="state")], **text.params)
