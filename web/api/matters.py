"""API v1: report matters, read them, take them through their life."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, jsonify, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.matters.commands import ReportMatter, TakeStep
from core.matters.filters import MatterFilter, Tab
from core.matters.kinds import kinds, owner
from core.matters.listing import MOST, PAGE, list_matters
from core.matters.places import Place
from core.matters.queries import events_of, form_of, matter_by_id, steps_now
from core.matters.service import report_matter, take_step
from core.matters.views import EventView, MatterView
from core.text import Text
from core.text import noop as _
from web.db import read, write
from web.plugin_words import word

bp = APIBlueprint("api_matters", __name__, url_prefix="/api/v1", tag="matters")


def _with_offset(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        raise ValueError(_("A time needs its offset, as in 2026-11-24T08:12:00+08:00"))
    return value


Moment = Annotated[dt.datetime, AfterValidator(_with_offset)]


class PlaceIn(BaseModel):
    """A point as the device has it; it is converted and rounded once, here."""

    model_config = ConfigDict(extra="forbid")

    lon: float = Field(description="Longitude in degrees; easting in metres for a projected `crs`.")
    lat: float = Field(description="Latitude in degrees; northing in metres for a projected `crs`.")
    crs: str = Field("EPSG:4490", max_length=40, description="`EPSG:<number>`, `gcj02` or `bd09`.")
    accuracy_m: float | None = Field(None, ge=0, description="Radius in metres that the device gave.")


class ReportIn(BaseModel):
    """A report. The same report sent again gives the same answer."""

    model_config = ConfigDict(extra="forbid")

    id: UUID = Field(description="UUIDv7 made by the client; it is the idempotency key too.")
    kind: str = Field(max_length=80, examples=["general"])
    title: str = Field(description="One line, at most 100 characters.")
    text: str = ""
    place: PlaceIn | None = Field(None, description="Without it, or outside the city, the matter is unlocated.")
    happened_at: Moment | None = None
    device_at: Moment | None = Field(None, description="The device's clock when the report was made.")
    form: dict[str, Any] = Field(default_factory=dict, description="The kind's own fields; see `/api/v1/matter-kinds`.")
    files: list[UUID] = Field(default_factory=list, description="Photos sent before to `/api/v1/files`.")


class StepIn(BaseModel):
    """A step. `version` and the header `If-Match` are the same thing, `id` and `Idempotency-Key` too."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(None, description="The version you read; only a note may leave it out.")
    note: str = ""
    place: PlaceIn | None = Field(None, description="The new place, for `relocate`.")
    files: list[UUID] = Field(default_factory=list)
    device_at: Moment | None = None
    id: UUID | None = Field(None, description="UUIDv7 made by the client: the step taken twice counts once.")


class ListIn(BaseModel):
    """Which matters."""

    model_config = ConfigDict(extra="forbid")

    grid: str = Field("", max_length=64, description="Code of a grid; all below it is meant.")
    state: str = Field("", max_length=20, description="A state, or `open` for all that have not ended.")
    kind: str = Field("", max_length=80)
    q: str = Field("", max_length=100, description="Parts of title, text or number.")
    tab: Tab = Field("area", description="`mine` waits for me, `reported` by me, `area` all I may see, `overdue`.")
    cursor: str = Field("", max_length=200, description="`next` of the page before.")
    limit: int = Field(PAGE, ge=1, le=MOST)


class Receipt(BaseModel):
    """What the reporter gets: the number, and where it fell."""

    id: UUID
    number: str
    grid: str | None
    path: list[str] | None = Field(description="Codes of the grids from the root.")
    state: str
    version: int
    due: dt.datetime | None


class PointOut(BaseModel):
    """A point in degrees, EPSG:4490, on the lattice."""

    lon: float
    lat: float


class MatterOut(Receipt):
    """One matter in a list."""

    kind: str
    title: str
    text: str
    place: PointOut | None
    priority: int
    round: int
    source: str
    reporter: str
    handler: str | None
    happened_at: dt.datetime | None
    reported_at: dt.datetime
    closed_at: dt.datetime | None
    last_step: str
    last_at: dt.datetime
    overdue: bool


class EventOut(BaseModel):
    """One step that was taken."""

    id: UUID
    seq: int
    step: str
    from_state: str
    to_state: str
    actor: str
    at: dt.datetime
    device_at: dt.datetime | None
    note: str
    data: dict[str, Any]
    files: list[UUID]


class MatterDetail(MatterOut):
    """One matter with its form, its life, and what may come next."""

    raw_place: dict[str, Any] | None = Field(description="The place as it was sent.")
    form: dict[str, Any]
    events: list[EventOut]
    steps: list[str] = Field(description="Steps that you may take now.")


class MatterList(BaseModel):
    """A page of matters."""

    items: list[MatterOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class KindOut(BaseModel):
    """A kind of matter; `form` is the JSON schema of its own fields."""

    name: str
    title: str
    description: str
    icon: str
    category: str
    limit: str | None
    priority: int
    evidence: dict[str, int]
    form: dict[str, Any] | None


class KindList(BaseModel):
    """The kinds that can be reported now."""

    items: list[KindOut]


def _problem(description: str) -> Any:
    return {"description": description, "content": {"application/problem+json": {}}}


FORBIDDEN = _problem("You have not the right there")
UNKNOWN = _problem("Unknown, or not in your grids")
FAULTS = _problem("Faults of the input, each with a pointer; or the id was used for something else")
AGAIN: Any = {
    "description": "The same report was answered before: the same answer",
    "content": {"application/json": {}},
}


@bp.post("/matters")
@bp.input(ReportIn)
@bp.output(Receipt, status_code=201)
@bp.doc(summary="Report a matter", responses={200: AGAIN, 403: FORBIDDEN, 422: FAULTS})
def report(json_data: ReportIn) -> tuple[Any, int]:
    """Located, numbered and answered in one transaction; the same id again gives 200 and the same body."""
    command = ReportMatter(
        id=json_data.id,
        kind=json_data.kind,
        title=json_data.title,
        text=json_data.text,
        place=place_of(json_data.place),
        happened_at=json_data.happened_at,
        device_at=json_data.device_at,
        form=json_data.form,
        files=tuple(json_data.files),
    )
    with write() as session:
        answered = report_matter(session, command)
    return dict(answered.body), 200 if answered.again else 201


@bp.get("/matters")
@bp.input(ListIn, location="query")
@bp.output(MatterList)
@bp.doc(summary="List matters", responses={422: FAULTS})
def matters(query_data: ListIn) -> dict[str, Any]:
    """Newest first; `mine` and `overdue` by deadline. Only matters of your grids, and your own."""
    asked = query_data
    wanted = MatterFilter(tab=asked.tab, grid=asked.grid, state=asked.state, kind=asked.kind, q=asked.q)
    with read() as session:
        page = list_matters(session, wanted, asked.cursor, asked.limit)
    return {"items": [matter_values(view) for view in page.items], "next": page.next}


@bp.get("/matters/<uuid:matter_id>")
@bp.output(MatterDetail)
@bp.doc(summary="One matter", responses={404: UNKNOWN})
def matter(matter_id: UUID) -> Response:
    """With its form, its events and the steps you may take now."""
    with read() as session:
        return _detail(session, matter_id)


@bp.post("/matters/<uuid:matter_id>/steps/<step>")
@bp.input(StepIn)
@bp.output(MatterDetail)
@bp.doc(
    summary="Take a step",
    responses={
        403: FORBIDDEN,
        404: UNKNOWN,
        409: _problem("The state forbids it (`errors` say what is possible), or the version is stale (`theirs`)"),
        422: FAULTS,
    },
)
def step(matter_id: UUID, step: str, json_data: StepIn) -> Response:
    """One of accept, reject, settle, close, withdraw, relocate, note; gives the matter after it."""
    command = TakeStep(
        matter_id,
        step,
        version=json_data.version if json_data.version is not None else _if_match(),
        note=json_data.note,
        place=place_of(json_data.place),
        files=tuple(json_data.files),
        device_at=json_data.device_at,
        id=json_data.id or _key(),
    )
    with write() as session:
        return _detail(session, take_step(session, command))


@bp.get("/matter-kinds")
@bp.output(KindList)
@bp.doc(summary="Kinds of matter")
def matter_kinds() -> dict[str, Any]:
    """What the report form offers: the kinds of the enabled plugins, and the general one."""
    return {
        "items": [
            {
                "name": kind.name,
                "title": word(owner(kind.name), kind.title),
                "description": word(owner(kind.name), kind.description) if kind.description else "",
                "icon": kind.icon,
                "category": kind.category,
                "limit": kind.limit,
                "priority": kind.priority,
                "evidence": dict(kind.evidence),
                "form": kind.form.model_json_schema() if kind.form else None,
            }
            for kind in kinds()
        ]
    }


def place_of(given: PlaceIn | None) -> Place | None:
    """The service's value of a place."""
    return Place(given.lon, given.lat, given.crs, given.accuracy_m) if given else None


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
        "steps": [transition.step for transition in steps_now(session, matter_id)],
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


def _detail(session: WorkSession, matter_id: UUID) -> Response:
    values = MatterDetail.model_validate(detail_values(session, matter_id))
    answer = jsonify(values.model_dump(mode="json"))
    answer.set_etag(str(values.version))
    return answer


def _if_match() -> int | None:
    given = request.headers.get("If-Match", "").strip().strip('"')
    if not given:
        return None
    if not given.isdigit():
        raise _fault(Text(_("The header If-Match must be the version in quotes")), "/version")
    return int(given)


def _key() -> UUID | None:
    given = request.headers.get("Idempotency-Key", "").strip()
    try:
        return UUID(given) if given else None
    except ValueError:
        raise _fault(Text(_("The header Idempotency-Key must be a UUID")), "/id") from None


def _fault(text: Text, pointer: str) -> Invalid:
    return Invalid(_("The step has faults"), objections=[Objection(text, pointer=pointer, code="header")])
