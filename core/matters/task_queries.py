"""Reads of the tasks of a matter."""

from __future__ import annotations

from uuid import UUID

from core.db.session import WorkSession
from core.matters import life
from core.matters.ahead import asked_of, tasks_of
from core.matters.models import MatterTask
from core.matters.queries import find_matter
from core.matters.views import TaskView
from core.org.queries import offices
from core.org.views import Office


def tasks_shown(session: WorkSession, matter_id: UUID) -> list[TaskView]:
    """The tasks of a matter, those of its first round first.

    :raises NotFound: when there is none that the actor may know of.
    """
    rows = tasks_of(session, find_matter(session, matter_id).id)
    ids = {office for row in rows for office in (row.department_id, row.proposed_id) if office is not None}
    names = offices(session, ids) if ids else {}
    return [_view(row, names) for row in rows]


def tasks_open_to(session: WorkSession, matter_id: UUID) -> dict[str, list[UUID]]:
    """By step that the actor may take now: the tasks that they could mean with it."""
    asked = asked_of(session, find_matter(session, matter_id))
    return {step.step: [task.id for task in life.tasks_meant(asked, step)] for step in life.possible(asked)}


def _view(row: MatterTask, names: dict[UUID, Office]) -> TaskView:
    office = names[row.department_id] if row.department_id else None
    return TaskView(
        id=row.id,
        code=office.code if office else "",
        office=office.name if office else "",
        role=row.role,
        state=row.state,
        round=row.round,
        version=row.version,
        handler=row.handler_name or "",
        binding=row.binding,
        proposed=names[row.proposed_id].name if row.proposed_id else "",
        limit=row.limit or "",
        offered_at=row.offered_at,
        claimed_at=row.claimed_at,
        ended_at=row.ended_at,
    )
