"""What can be done next with a matter, by whom, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from core.access.policy import EVERYWHERE, may
from core.access.roles import ROLES
from core.db.session import WorkSession
from core.grids.queries import grid_by_id
from core.matters import guards, life
from core.matters.asked import Asked
from core.matters.kinds import kind
from core.matters.models import Matter, MatterEvent, MatterFile, MatterTask
from core.matters.queries import find_matter
from core.matters.transitions import Transition
from core.matters.views import Blocked
from core.org.queries import offices
from core.text import Text
from core.text import noop as _


def steps_now(session: WorkSession, matter_id: UUID) -> list[Transition]:
    """The steps that the actor may take now."""
    return life.possible(asked_of(session, find_matter(session, matter_id)))


def blocked_way(session: WorkSession, matter_id: UUID) -> Blocked | None:
    """The step that leads the matter on, with the reasons why the actor may not take it and who may.

    ``None`` when the actor may take it, when the matter has ended, and while the plugin of its kind does not run.
    """
    asked = asked_of(session, find_matter(session, matter_id))
    ways = [step for state, step in life.WAY if state == asked.matter.state and life.find(asked, step.step)]
    if not ways or asked.kind is None or any(step in life.possible(asked) for step in ways):
        return None
    step = next((each for each in ways if _applies(asked, each)), ways[0])
    mend: tuple[Text, ...] = ()
    asked = replace(asked, task=next(iter(life.tasks_meant(asked, step)), None))
    if life.allowed_to(asked, step):
        against = life.objections(step.rules, asked)
        why = tuple(objection.text for objection in against)
        mend = tuple(objection.mend for objection in against if objection.mend)
    else:
        why = (_not_reached(asked, step.action) if step.action else Text(_("It waits for a department")),)
    if not why:
        return None
    offices = _offices_of(session, asked, step)
    roles = tuple(role.title for role in ROLES.values() if step.action and step.action in role.actions)
    handled = step.handler and asked.kind is not None and asked.kind.auto_close
    return Blocked(step.step, why, roles, asked.matter.handler_name if handled else None, mend, offices)


def _applies(asked: Asked, step: Transition) -> bool:
    """Whether a step is one for matters of this kind, and has a task to be about, whoever takes it."""
    if guards.kind_settles in step.rules and guards.kind_settles(asked) is not None:
        return False
    about = step.about
    return about is None or not about.needed or any(task.state in about.states for task in asked.present)


def _offices_of(session: WorkSession, asked: Asked, step: Transition) -> tuple[str, ...]:
    """Names of the departments whose step it is."""
    about = step.about
    if about is None or not about.own:
        return ()
    waiting = [task.department_id for task in asked.present if task.state in about.states and task.department_id]
    return tuple(office.name for office in offices(session, waiting).values())


def _not_reached(asked: Asked, action: str) -> Text:
    """Why a right does not reach a matter; one without a grid lies in none of those that somebody was granted."""
    if asked.path is None and may(asked.actor, action):
        return Text(_("The matter has no grid, and your right holds only in the grids granted to you"))
    return may(asked.actor, action, EVERYWHERE if asked.path is None else asked.path).reason


def evidence_lacking(session: WorkSession, matter_id: UUID) -> dict[str, int]:
    """How many photos each step still asks for, by step; steps that ask for none are left out."""
    row = find_matter(session, matter_id)
    asked = asked_of(session, row)
    here = (step for (state, _slug), step in life.TABLE.items() if state == row.state)
    lacking = {each.step: life.evidence_lacking(asked, each) for each in here}
    return {step: count for step, count in lacking.items() if count}


def asked_of(session: WorkSession, row: Matter) -> Asked:
    """What the guards look at, before anything is given."""
    view = grid_by_id(session, row.grid_id) if row.grid_id is not None else None
    tasks = tasks_of(session, row.id)
    asked = Asked(row, kind(row.kind), session.actor, view.path if view else None, tasks=tasks)
    if asked.kind is None or not asked.kind.evidence:
        return asked
    before, after = _photos(session, row.id)
    return replace(asked, before=before, after=after)


def tasks_of(session: WorkSession, matter_id: UUID) -> tuple[MatterTask, ...]:
    """The tasks of a matter that was looked up before, the oldest first; of one moment whoever leads comes first."""
    found = select(MatterTask).where(MatterTask.matter_id == matter_id)
    return tuple(session.scalars(found.order_by(MatterTask.offered_at, MatterTask.role.desc(), MatterTask.id)))


def _photos(session: WorkSession, matter_id: UUID) -> tuple[int, int]:
    """How many photos a matter has, and how many of them came after the work on it began."""
    begins = MatterEvent.step.in_(life.BEGIN_WORK)
    began = select(func.max(MatterEvent.seq)).where(MatterEvent.matter_id == matter_id, begins)
    since = func.count().filter(MatterEvent.seq > began.scalar_subquery())
    attached = select(func.count(), since).select_from(MatterFile)
    attached = attached.join(MatterEvent, MatterEvent.id == MatterFile.event_id)
    before, after = session.execute(attached.where(MatterFile.matter_id == matter_id)).one()
    return before, after
