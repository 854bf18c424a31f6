"""Matters as the API and the command line show them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.db.session import WorkSession
from core.matters.ahead import steps_now
from core.matters.clock_queries import clocks_shown
from core.matters.queries import events_of, form_of, matter_by_id
from core.matters.task_queries import tasks_shown
from core.matters.views import EventView, MatterView, TaskView


def matter_values(view: MatterView) -> dict[str, Any]:
    """A matter as the API and the command line show it."""
    return {
        "id": view.id,
        "number": view.number,
        "grid": view.grid.code if view.grid else None,
        "path": list(view.grid.path_codes) if view.grid else None,
        "state": view.state,
        "version": view.version,
        "due": view.due_at,
        "kind": view.kind,
        "title": view.title,
        "text": view.text,
        "place": None if view.lon is None else {"lon": view.lon, "lat": view.lat},
        "priority": view.priority,
        "round": view.round,
        "source": view.source,
        "reporter": view.reporter_name,
        "handler": view.handler_name,
        "outcome": view.outcome,
        "happened_at": view.happened_at,
        "reported_at": view.reported_at,
        "closed_at": view.closed_at,
        "last_step": view.last_step,
        "last_at": view.last_at,
        "overdue": view.overdue,
    }


def detail_values(session: WorkSession, matter_id: UUID) -> dict[str, Any]:
    """A matter with its form, events and next steps."""
    view = matter_by_id(session, matter_id)
    return {
        **matter_values(view),
        "raw_place": dict(view.raw_place) if view.raw_place else None,
        "form": form_of(session, matter_id),
        "events": [_event_values(event) for event in events_of(session, matter_id)],
        "clocks": [
            {
                "name": clock.name,
                "due": clock.due_at,
                "left": clock.left_s,
                "state": clock.state,
                "provisional": clock.provisional,
                "task": clock.task,
            }
            for clock in clocks_shown(session, matter_id)
        ],
        "tasks": [_task_values(task) for task in tasks_shown(session, matter_id)],
        "steps": [transition.step for transition in steps_now(session, matter_id)],
    }


def _task_values(task: TaskView) -> dict[str, Any]:
    return {
        "id": task.id,
        "department": task.code or None,
        "name": task.office,
        "role": task.role,
        "state": task.state,
        "round": task.round,
        "version": task.version,
        "handler": task.handler or None,
        "binding": task.binding,
        "proposed": task.proposed or None,
        "offered_at": task.offered_at,
        "claimed_at": task.claimed_at,
        "ended_at": task.ended_at,
    }


def _event_values(event: EventView) -> dict[str, Any]:
    return {
        "id": event.id,
        "seq": event.seq,
        "step": event.step,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "actor": event.actor_name,
        "at": event.at,
        "device_at": event.device_at,
        "note": event.note,
        "data": dict(event.data),
        "files": [photo.id for photo in event.photos],
    }
