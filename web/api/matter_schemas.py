"""What the API takes and gives of matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, create_model, model_validator

from core.matters.filters import FORM, MatterFilter, Tab
from core.matters.inputs import StepInput, input_of
from core.matters.listing import MOST, PAGE
from core.matters.places import Place
from web.api.grid_schemas import PointOut
from web.api.inputs import Input, Number, Whole
from web.offsets import OffsetTime

MOST_METRES: Final = 20_000_000
"""Half the way around the earth."""


class PlaceIn(Input):
    """A point as the device has it; it is converted and rounded once, here."""

    lon: Number = Field(description="Longitude in degrees; easting in metres for a projected `crs`.")
    lat: Number = Field(description="Latitude in degrees; northing in metres for a projected `crs`.")
    crs: str = Field("EPSG:4490", max_length=40, description="`EPSG:<number>`, `gcj02` or `bd09`.")
    accuracy_m: Annotated[Number, Field(ge=0, le=MOST_METRES)] | None = Field(
        None, description="Radius in metres that the device gave."
    )

    def value(self) -> Place:
        """The service's value of it."""
        return Place(self.lon, self.lat, self.crs, self.accuracy_m)


class ReportIn(Input):
    """A report. The same report sent again gives the same answer."""

    id: UUID = Field(description="UUIDv7 made by the client; it is the idempotency key too.")
    kind: str = Field(max_length=80, examples=["general"])
    title: str = Field(description="One line, at most 100 characters.")
    text: str = ""
    place: PlaceIn | None = Field(None, description="Without it, or outside the city, the matter is unlocated.")
    happened_at: OffsetTime | None = None
    device_at: OffsetTime | None = Field(None, description="The device's clock when the report was made.")
    form: dict[str, Any] = Field(default_factory=dict, description="The kind's own fields; see `/api/v1/matter-kinds`.")
    files: list[UUID] = Field(default_factory=list, description="Photos sent before to `/api/v1/files`.")


class StepIn(Input):
    """What comes with every step: `version` and `If-Match` are the same thing, `id` and `Idempotency-Key` too."""

    version: Whole | None = Field(None, description="The version you read; only a note may leave it out.")
    device_at: OffsetTime | None = None
    id: UUID | None = Field(None, description="UUID made by the client: the step taken twice counts once.")


def step_body(step: str) -> type[StepIn]:
    """The body of a step: what comes with every step, and what this one takes."""
    own = input_of(step)
    name = "".join(part.capitalize() for part in ("step", *step.split("_"), "in"))
    changed: dict[str, Any] = {}
    if "place" in own.model_fields:
        changed["place"] = (PlaceIn | None, Field(None, description=own.model_fields["place"].description))
    bases: tuple[Any, ...] = (StepIn, own)
    return create_model(name, __base__=bases, __doc__=own.__doc__, **changed)


def step_given(step: str, body: StepIn) -> StepInput:
    """The input of a step out of its body."""
    own = input_of(step)
    given = {name: getattr(body, name) for name in own.model_fields}
    if isinstance(place := given.get("place"), PlaceIn):
        given["place"] = place.value()
    return own.model_validate(given)


class ListIn(Input):
    """Which matters."""

    grid: str = Field("", max_length=64, description="Code of a grid; all below it is meant.")
    state: str = Field("", max_length=20, description="A state, or `open` for all that have not ended.")
    kind: str = Field("", max_length=80)
    q: str = Field("", max_length=100, description="Parts of title, text or number.")
    due: str = Field(
        "", max_length=4, description="`late`, or a number of days: open ones due until the end of that day."
    )
    since: str = Field("", max_length=10, description="First day, as 2026-10-01, on which they were reported.")
    form: dict[str, str] = Field(
        default_factory=dict,
        description="Fields of the kind's form, each as its own parameter: `form.level=grave`; `*` is any value.",
    )
    tab: Tab = Field("area", description="`mine` waits for me, `reported` by me, `area` all I may see, `overdue`.")
    cursor: str = Field("", max_length=200, description="`next` of the page before.")
    limit: int = Field(PAGE, ge=1, le=MOST)

    @model_validator(mode="before")
    @classmethod
    def _gather_form(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters named ``form.<field>`` as one mapping."""
        own = {name: value for name, value in data.items() if not name.startswith(FORM)}
        fields = {name.removeprefix(FORM): value for name, value in data.items() if name.startswith(FORM)}
        return own | ({"form": fields} if fields else {})

    def filter(self) -> MatterFilter:
        """The filter that is asked for."""
        form = tuple(self.form.items())
        return MatterFilter(self.tab, self.grid, self.state, self.kind, self.q, self.due, self.since, form)


class Receipt(BaseModel):
    """What the reporter gets: the number, and where it fell."""

    id: UUID
    number: str
    grid: str | None
    path: list[str] | None = Field(description="Codes of the grids from the root.")
    state: str
    version: int
    due: dt.datetime | None


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
    outcome: str | None = Field(description="What the check of the result found.")
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


class ClockOut(BaseModel):
    """A time limit of a matter."""

    name: str = Field(
        description="`handle` for the whole, `claim` and `task` for a department to take up its task and to do it, "
        "`verify` for the check of the result, otherwise the name of a stage of the kind."
    )
    due: dt.datetime
    left: int = Field(
        description="Seconds of its own time that are left, negative when it is late: working time where it runs while "
        "offices work, natural time otherwise."
    )
    state: Literal["running", "paused", "ended"]
    provisional: bool = Field(description="`due` was counted through a year whose holidays are not known.")
    task: UUID | None = Field(description="The task that it measures.")


class TaskOut(BaseModel):
    """A part of the work on a matter."""

    id: UUID
    department: str | None = Field(description="Code of the department; null for what the grid does itself.")
    name: str = Field(description="Name of the department.")
    role: Literal["lead", "assist", "self"]
    state: Literal["offered", "claimed", "declined", "done", "waived"]
    round: int
    version: int
    handler: str | None
    binding: bool = Field(description="An arbiter gave it: it cannot be declined.")
    proposed: str | None = Field(description="Name of the department that was proposed when it was declined.")
    offered_at: dt.datetime
    claimed_at: dt.datetime | None
    ended_at: dt.datetime | None


class MatterDetail(MatterOut):
    """One matter with its form, its life, and what may come next."""

    raw_place: dict[str, Any] | None = Field(description="The place as it was sent.")
    form: dict[str, Any]
    events: list[EventOut]
    clocks: list[ClockOut]
    tasks: list[TaskOut]
    steps: list[str] = Field(description="Steps that you may take now.")


class MatterList(BaseModel):
    """A page of matters."""

    items: list[MatterOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class StageOut(BaseModel):
    """A time limit of its own for a part of the work."""

    name: str
    title: str
    limit: str
    starts: str = Field(description="The step with which its clock starts.")
    ends: str = Field(description="The step that ends it by itself; empty: it is ticked off.")


class KindOut(BaseModel):
    """A kind of matter; `form` is the JSON schema of its own fields."""

    name: str
    title: str
    description: str
    icon: str
    category: str
    limit: str | None
    stages: list[StageOut]
    priority: int
    evidence: dict[str, int]
    form: dict[str, Any] | None


class KindList(BaseModel):
    """The kinds that can be reported now."""

    items: list[KindOut]
