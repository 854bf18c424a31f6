"""Reads of the matters' room; nobody is told of a matter outside their grids that is not their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true

from core import clock
from core.access.outside import GRID_STATE, holds_now
from core.access.policy import EVERYWHERE, may, sees_all, visible
from core.access.roles import ROLES
from core.actor import Actor
from core.calendars.working import end_of_day
from core.db.session import WorkSession
from core.errors import NotFound
from core.files.queries import FileView, file_by_id, names_of
from core.grids.points import told_point
from core.grids.queries import grid_by_id, grids_by_ids
from core.grids.views import GridView
from core.instance import instance_values
from core.matters import guards, life
from core.matters.asked import CLAIM, CLAIMED, LEAD, OFFERED, OPEN, Asked
from core.matters.forms import read_all_details, read_details
from core.matters.kinds import ICON, kind
from core.matters.models import Matter, MatterEvent, MatterFile, MatterTask
from core.matters.transitions import Transition
from core.matters.views import Blocked, EventView, MatterView, OpenCount, PhotoView
from core.org.queries import departments_named
from core.text import Text
from core.text import noop as _
from gis.lattice import SRID

SEE = "matter.see"
METRES_IN_DEGREE = 50_000
"""Less than a degree of longitude measures anywhere below 63° north: a box that holds the circle."""


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """Condition that the actor may know of a matter.

    It lies in their grids, was reported or is handled by them, or has a task of the department that they work for.
    """
    if sees_all(actor, SEE):
        return true()
    own = [Matter.reporter == actor.id, Matter.is_handled_by(actor.id), Matter.grid_id.in_(visible(actor, SEE))]
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


def find_matter(session: WorkSession, matter_id: UUID, *, lock: bool = False) -> Matter:
    """The row of a matter that the actor may know of.

    :raises NotFound: otherwise, whether or not it exists.
    """
    statement = select(Matter).where(Matter.id == matter_id, is_visible(session.actor))
    row = session.scalars(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFound(_("There is no matter %(id)s, or it is not in your grids"), id=matter_id)
    return row


def knows_of(session: WorkSession, matter_id: UUID) -> bool:
    """Whether the actor may know of the matter: who moved it out of their grids may not any longer."""
    return session.scalar(select(Matter.id).where(Matter.id == matter_id, is_visible(session.actor))) is not None


def matter_by_id(session: WorkSession, matter_id: UUID) -> MatterView:
    """One matter.

    :raises NotFound: when there is none that the actor may know of.
    """
    row = find_matter(session, matter_id)
    return view_of(row, grid_by_id(session, row.grid_id) if row.grid_id is not None else None)


def matter_by_number(session: WorkSession, number: str) -> MatterView:
    """One matter by its number, as people write it.

    :raises NotFound: when there is none that the actor may know of.
    """
    found = session.scalar(select(Matter.id).where(Matter.number == number, is_visible(session.actor)))
    if found is None:
        raise NotFound(_("There is no matter %(id)s, or it is not in your grids"), id=number)
    return matter_by_id(session, found)


def form_of(session: WorkSession, matter_id: UUID) -> dict[str, Any]:
    """The kind's own fields, by name; empty while its plugin is away."""
    row = find_matter(session, matter_id)
    found = kind(row.kind)
    return read_details(session, found, matter_id) if found else {}


def forms_of(session: WorkSession, kind_name: str, matter_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The own fields of matters of one kind, as a list just gave them; empty without a kind that has fields."""
    found = kind(kind_name)
    return read_all_details(session, found, matter_ids) if found else {}


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
    handled = step.handler and asked.kind.auto_close
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
    return tuple(name.name for name in departments_named(session, waiting).values())


def _not_reached(asked: Asked, action: str) -> Text:
    """Why a right does not reach a matter; one without a grid lies in none of those that somebody was granted."""
    if asked.path is None and may(asked.actor, action):
        return Text(_("The matter has no grid, and your right holds only in the grids granted to you"))
    return may(asked.actor, action, EVERYWHERE if asked.path is None else asked.path).reason


def evidence_lacking(session: WorkSession, matter_id: UUID) -> dict[str, int]:
    """How many photos each step still asks for, by step; steps that ask for none are left out."""
    asked = asked_of(session, find_matter(session, matter_id))
    lacking = {each.step: life.evidence_lacking(asked, each) for each in life.TABLE.values() if each.evidence}
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


def events_of(session: WorkSession, matter_id: UUID) -> list[EventView]:
    """All that happened to a matter, first to last, each with its photos."""
    find_matter(session, matter_id)
    photos: dict[UUID, list[PhotoView]] = {}
    statement = (
        select(MatterFile.event_id, MatterFile.file_id)
        .where(MatterFile.matter_id == matter_id)
        .order_by(MatterFile.event_id, MatterFile.position)
    )
    taken = session.execute(statement).all()
    names = names_of(session, [file_id for _event, file_id in taken])
    for event_id, file_id in taken:
        photos.setdefault(event_id, []).append(PhotoView(file_id, names[file_id]))
    rows = session.scalars(select(MatterEvent).where(MatterEvent.matter_id == matter_id).order_by(MatterEvent.seq))
    return [_event_view(row, photos.get(row.id, [])) for row in rows]


def visible_file(session: WorkSession, file_id: UUID) -> FileView:
    """A stored file, for its uploader and for whoever may see its matter and photos.

    :raises NotFound: for everybody else.
    """
    found = file_by_id(session, file_id)
    if found.uploaded_by == session.actor.id:
        return found
    statement = (
        select(Matter.id)
        .join(MatterFile, MatterFile.matter_id == Matter.id)
        .where(MatterFile.file_id == file_id, is_visible(session.actor))
    )
    if not may(session.actor, "file.see") or session.scalar(statement) is None:
        raise NotFound(_("There is no file %(id)s"), id=file_id)
    return found


def same_place(session: WorkSession, matter_id: UUID, *, metres: float = 50, limit: int = 10) -> list[MatterView]:
    """Other matters within some metres, newest first."""
    row = find_matter(session, matter_id)
    if row.place is None:
        return []
    here = func.ST_SetSRID(func.ST_MakePoint(*(_point(row) or ())), SRID)
    near = func.ST_DWithin(func.Geography(Matter.place), func.Geography(here), metres)
    box = Matter.place.op("&&")(func.ST_Expand(here, metres / METRES_IN_DEGREE))
    statement = (
        select(Matter)
        .where(Matter.id != row.id, box, near, is_visible(session.actor))
        .order_by(Matter.reported_at.desc())
        .limit(limit)
    )
    return views_of(session, session.scalars(statement).all())


def open_counts(session: WorkSession, grid_ids: Collection[int]) -> dict[int, OpenCount]:
    """Open matters at or below each of these grids, as far as the actor may see them; grids without are left out."""
    below = GRID_STATE.alias("below")
    today = is_due_within(session, 0)
    statement = (
        select(GRID_STATE.c.grid_id, func.count(), func.count().filter(is_overdue()), func.count().filter(today))
        .select_from(GRID_STATE)
        .join(below, below.c.path.op("<@", is_comparison=True)(GRID_STATE.c.path))
        .join(Matter, Matter.grid_id == below.c.grid_id)
        .where(
            GRID_STATE.c.grid_id.in_(list(grid_ids)),
            holds_now(),
            func.upper_inf(below.c.valid),
            is_open(),
            is_visible(session.actor),
        )
        .group_by(GRID_STATE.c.grid_id)
    )
    return {grid_id: OpenCount(*figures) for grid_id, *figures in session.execute(statement)}


def views_of(session: WorkSession, rows: Iterable[Matter]) -> list[MatterView]:
    """Rows as values, their grids read at once."""
    rows = list(rows)
    grids = grids_by_ids(session, (row.grid_id for row in rows if row.grid_id is not None))
    return [view_of(row, grids.get(row.grid_id) if row.grid_id is not None else None) for row in rows]


def view_of(row: Matter, grid: GridView | None) -> MatterView:
    """A row as values."""
    point = _point(row)
    found = kind(row.kind)
    return MatterView(
        id=row.id,
        number=row.number,
        kind=row.kind,
        kind_title=found.title if found else row.kind,
        kind_icon=found.icon if found else ICON,
        title=row.title,
        text=row.text,
        lon=point[0] if point else None,
        lat=point[1] if point else None,
        raw_place=row.raw_place,
        grid=grid,
        source=row.source,
        priority=row.priority,
        state=row.state,
        round=row.round,
        outcome=row.outcome,
        version=row.version,
        reporter=row.reporter,
        reporter_name=row.reporter_name,
        handler=row.handler,
        handler_name=row.handler_name,
        happened_at=row.happened_at,
        reported_at=row.reported_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        last_step=row.last_step,
        last_at=row.last_at,
        summary=tuple(row.summary),
        overdue=row.closed_at is None and row.due_at is not None and row.due_at < clock.now(),
    )


def _point(row: Matter) -> tuple[float, float] | None:
    return told_point(row.place) if row.place is not None else None


def _event_view(row: MatterEvent, photos: list[PhotoView]) -> EventView:
    return EventView(
        row.id,
        row.seq,
        row.step,
        row.from_state,
        row.to_state,
        row.actor,
        row.actor_name,
        row.actor_kind == "job",
        row.at,
        row.device_at,
        row.note,
        row.data,
        tuple(photos),
    )
