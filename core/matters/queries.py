"""Reads of the matters' room; nobody is told of a matter outside their grids that is not their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core import clock
from core.access.outside import GRID_STATE, holds_now
from core.access.policy import may
from core.db.session import WorkSession
from core.errors import NotFound
from core.files.queries import FileView, file_by_id, names_of
from core.grids.points import told_point
from core.grids.queries import grid_by_id, grids_by_ids
from core.grids.views import GridView
from core.matters.conditions import is_due_within, is_open, is_overdue, is_visible
from core.matters.forms import read_all_details, read_details
from core.matters.kinds import ICON, kind
from core.matters.models import Matter, MatterEvent, MatterFile
from core.matters.views import EventView, MatterView, OpenCount, PhotoView
from core.text import noop as _
from gis.lattice import SRID

METRES_IN_DEGREE = 50_000
"""Less than a degree of longitude measures anywhere below 63° north: a box that holds the circle."""


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
