"""What matters an actor may know of and has to do with, as conditions for statements."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from core import clock
from core.access.policy import may, sees_all, visible
from core.actor import Actor
from core.calendars.working import end_of_day
from core.db.session import WorkSession
from core.instance import instance_values
from core.matters import life
from core.matters.asked import CLAIM, CLAIMED, LEAD, OFFERED, OPEN
from core.matters.models import Matter, MatterTask

SEE = "matter.see"


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """Condition that the actor may know of a matter.

    It lies in their grids, was reported or is handled by them, or has a task in their hands or of the department that
    they work for.
    """
    if sees_all(actor, SEE):
        return true()
    own = [Matter.reporter == actor.id, Matter.is_handled_by(actor.id), Matter.grid_id.in_(visible(actor, SEE))]
    own.append(Matter.id.in_(_tasked(MatterTask.handler == actor.id, MatterTask.state == CLAIMED)))
    if actor.department_id is not None and may(actor, SEE):
        own.append(Matter.id.in_(_tasked(MatterTask.department_id == actor.department_id)))
    return or_(*own)


def _tasked(*wanted: ColumnElement[bool]) -> Select[UUID]:
    """Ids of the matters that have such a task."""
    return select(MatterTask.matter_id).where(*wanted)


def is_in_hand(actor: Actor) -> ColumnElement[bool]:
    """Condition that the actor has to go on with the matter, or with a task of it."""
    taken = MatterTask.handler == actor.id, MatterTask.state == CLAIMED
    own = Matter.is_handled_by(actor.id) & (Matter.state != life.FED_BACK)
    return is_open() & or_(own, Matter.id.in_(_tasked(*taken)))


def has_handled(actor: Actor) -> ColumnElement[bool]:
    """Condition that the actor handled the matter or a task of it, in whichever round."""
    return or_(Matter.is_handled_by(actor.id), Matter.id.in_(_tasked(MatterTask.handler == actor.id)))


def is_offered_to(actor: Actor) -> ColumnElement[bool]:
    """Condition that a task of the matter waits for the department that the actor works for."""
    if actor.department_id is None or not may(actor, CLAIM):
        return false()
    return Matter.id.in_(_tasked(MatterTask.department_id == actor.department_id, MatterTask.state == OFFERED))


def has_no_lead() -> ColumnElement[bool]:
    """Condition that departments were called, and none is asked to lead any more."""
    led = _tasked(MatterTask.role == LEAD, MatterTask.state.in_(OPEN))
    return (Matter.state == life.WHISTLED) & Matter.id.not_in(led)


def is_open() -> ColumnElement[bool]:
    """Condition that the matter's life goes on."""
    return Matter.closed_at.is_(None)


def is_overdue() -> ColumnElement[bool]:
    """Condition that it should be done and is not."""
    return is_open() & (Matter.due_at < clock.now())


def is_due_within(session: WorkSession, days: int) -> ColumnElement[bool]:
    """Condition that an open matter is due until the end of the day so many days from today, and not late yet."""
    zone = instance_values(session).zone
    last = end_of_day(clock.now().astimezone(zone).date() + dt.timedelta(days=days), zone)
    return is_open() & (Matter.due_at >= clock.now()) & (Matter.due_at <= last)
