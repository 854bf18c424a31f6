"""Plans as API v1 takes and tells them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from core.grids.plans.drafts import MOST_STEPS
from core.grids.plans.operations import adapter
from core.grids.plans.remarks import FindingKind
from core.grids.plans.wording import LONGEST_NOTE, LONGEST_TITLE
from core.grids.views import Level, PlanState
from web.api.inputs import Input, PageSize, Whole
from web.offsets import OffsetTime, WrittenDate

PAGE = 100


class PlanFactsOut(BaseModel):
    """What is known of a plan besides what is drawn."""

    id: UUID
    title: str
    reason: str
    state: PlanState
    version: int
    comment: str = Field(description="Why somebody gave it back last.")
    refusal: str = Field(description="Why it could not be applied at its moment.")
    taken_back: bool = Field(description="It is `returned` because whoever drew it took it back.")
    made_by: str
    decided_by: str | None = Field(description="Who approved it, gave or took it back, or gave it up.")
    change: UUID | None
    made_at: dt.datetime
    submitted_at: dt.datetime | None
    decided_at: dt.datetime | None
    apply_at: dt.datetime | None
    effective_on: dt.date | None


class LeftOut(BaseModel):
    """An operation that no longer fits, and why."""

    operation: dict[str, Any]
    reason: str


class PlanOut(PlanFactsOut):
    """A plan as it stands."""

    operations: list[dict[str, Any]]
    undone: int = Field(description="How many operations can be drawn again.")
    left_out: list[LeftOut] = Field(
        description="Operations that no longer fitted when it was drawn anew; none once it is submitted."
    )


class PlanLineOut(PlanFactsOut):
    """A plan of the list."""

    steps: int = Field(description="How many operations it has; the plan itself tells them.")


class PlansOut(BaseModel):
    """A page of plans, the latest first."""

    items: list[PlanLineOut]
    next: int | None = Field(description="`after` of the next page; null on the last one.")


class MendedOut(BaseModel):
    """What the mending of a loaded layer did to one grid."""

    code: str
    name: str
    gained_m2: float
    lost_m2: float


class FindingOut(BaseModel):
    """Something about one grid that a person should look at; a blocking one stops the submission."""

    kind: FindingKind
    grid: str
    text: str
    lon: float | None
    lat: float | None
    blocking: bool


class MendOut(BaseModel):
    """One more operation that would settle a finding, in words and as it is added to the plan."""

    text: str
    operation: dict[str, Any]


class CheckedFindingOut(FindingOut):
    """A finding, with what would settle it where that can be known."""

    mend: MendOut | None


class CheckedOut(BaseModel):
    """What a plan would do, as codes of grids; `noded` only get vertices that a neighbour's border puts in."""

    born: list[str]
    retired: list[str]
    touched: list[str]
    noded: list[str]
    names: dict[str, str] = Field(description="Code → name of all these.")
    operations: int
    mended: list[MendedOut]
    findings: list[CheckedFindingOut]


class AppliedOut(BaseModel):
    """What an applied plan did."""

    plan: UUID
    change: UUID
    version: int
    operations: int
    born: list[str]
    retired: list[str]
    touched: list[str]
    rehomed: dict[str, int]
    exact: bool
    seconds: float


class EffectOut(BaseModel):
    """One grid before and after: area, and open rows located in it or below it, by table."""

    code: str
    name: str
    level: Level
    before_m2: float | None
    after_m2: float | None
    before: dict[str, int]
    after: dict[str, int]
    old_code: str = Field(description="The code that it bears now; of a grid that is born, the one it is to bear.")
    old_name: str


class FollowingOut(BaseModel):
    """What lies below grids that go under another parent: how many grids, and rows by table; they keep their grid."""

    grids: int
    rows: dict[str, int]


class MoveOut(BaseModel):
    """Rows that would go from one grid to another."""

    model_config = ConfigDict(populate_by_name=True)

    table: str
    source: str | None = Field(alias="from")
    target: str | None = Field(alias="to")
    rows: int


class ObjectionOut(BaseModel):
    """What stands against a plan, who says so, and what would remove it."""

    text: str
    mend: str
    plugin: str


class PreviewOut(BaseModel):
    """What a plan would do.

    `ended` counts rows that end with retired grids, `copied` those that begin in the grids that come in their place.
    """

    grids: list[EffectOut]
    moves: list[MoveOut]
    following: FollowingOut
    ended: dict[str, int]
    copied: dict[str, int]
    objections: list[ObjectionOut]
    findings: list[FindingOut]
    exact: bool


class RebasedOut(PlanOut):
    """A plan drawn anew."""

    unfit: list[LeftOut]


class RevertedOut(PlanOut):
    """A draft that takes a change back, and why some of that no longer fits."""

    unfit: list[str]


class PlanIn(Input):
    """A plan to be drawn. `id` is a UUIDv7 made by the client; the same again gives the same plan."""

    id: UUID | None = None
    parent: str = Field(min_length=1, max_length=64, description="Code of the grid inside which it stays.")
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    reason: str = Field("", max_length=LONGEST_NOTE)


class RevertIn(Input):
    """A change to be taken back. Without `parent` the draft stays in the grid in which the change's plan stayed."""

    id: UUID | None = None
    change: UUID
    parent: str = Field("", max_length=64)
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    reason: str = Field("", max_length=LONGEST_NOTE)


class VersionIn(Input):
    """The version of the plan that was seen; the header `If-Match` is the same thing."""

    version: Whole | None = None


class DraftStepIn(VersionIn):
    """A step of whoever draws; `id` and the header `Idempotency-Key` are the same thing."""

    id: UUID | None = Field(None, description="UUID made by the client: the step sent again counts once.")


class _AnyOperation:
    """Tells the schema of an operation, which the core itself reads: its faults are of its own words."""

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(adapter.core_schema)


OperationIn = Annotated[dict[str, Any], _AnyOperation]


class OperationsIn(DraftStepIn):
    """Operations to be drawn, as `wangge plan add` takes them."""

    operations: list[OperationIn] = Field(min_length=1, max_length=MOST_STEPS)


class ReturnIn(VersionIn):
    """What shall be changed."""

    comment: str = Field(min_length=1, max_length=LONGEST_NOTE)


class ApproveIn(VersionIn):
    """When it shall hold."""

    apply_at: OffsetTime | None = Field(None, description="A job applies it then; without it somebody does.")
    effective_on: WrittenDate | None = Field(None, description="The legal date, for the record.")


class PlansQuery(Input):
    """Which plans."""

    state: PlanState | Literal[""] = Field("", description="Empty: all.")
    after: int = Field(0, ge=0, le=1_000_000, description="How many to skip.")
    limit: PageSize = PAGE
