"""API v1: plans of boundaries: drawn as operations, checked, submitted, decided on, applied."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from core.db.base import new_id
from core.grids.plans import drafts, queries, service
from core.grids.plans.drafts import NewPlan
from core.grids.plans.previewing import preview_plan
from core.grids.plans.remarks import FindingKind
from core.grids.plans.verdict import check_plan
from core.grids.plans.wording import LONGEST_NOTE, LONGEST_TITLE
from core.grids.views import Level, PlanState
from web.api.describing import problems
from web.api.inputs import Input, PageSize, Whole
from web.db import read, write
from web.i18n import translate_text
from web.offsets import OffsetTime
from web.plan_values import applied_values, line_values, misfit_values, plan_values, preview_values, verdict_values

bp = APIBlueprint("api_plans", __name__, url_prefix="/api/v1", tag="plans")

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


class PlanOut(PlanFactsOut):
    """A plan as it stands."""

    operations: list[dict[str, Any]]
    undone: int = Field(description="How many operations can be drawn again.")


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
    """One grid before and after: area, and rows located in it or below it, by table."""

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


class LeftOut(BaseModel):
    """An operation that no longer fits, and why."""

    operation: dict[str, Any]
    reason: str


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
    """The version of the plan that was seen."""

    version: Whole


class OperationsIn(VersionIn):
    """Operations to be drawn, as `wangge plan add` takes them."""

    operations: list[dict[str, Any]] = Field(min_length=1, max_length=drafts.MOST_STEPS)


class ReturnIn(VersionIn):
    """What shall be changed."""

    comment: str = Field(min_length=1, max_length=LONGEST_NOTE)


class ApproveIn(VersionIn):
    """When it shall hold."""

    apply_at: OffsetTime | None = Field(None, description="A job applies it then; without it somebody does.")
    effective_on: dt.date | None = Field(None, description="The legal date, for the record.")


class PlansQuery(Input):
    """Which plans."""

    state: PlanState | Literal[""] = Field("", description="Empty: all.")
    after: int = Field(0, ge=0, le=1_000_000, description="How many to skip.")
    limit: PageSize = PAGE


@bp.post("/plans")
@bp.input(PlanIn)
@bp.output(PlanOut, status_code=201)
@bp.doc(summary="Begin a draft", responses=problems(403, 404, 409, 422))
def create(json_data: PlanIn) -> dict[str, Any]:
    """The plan may change grids below `parent` alone."""
    command = NewPlan(json_data.id or new_id(), json_data.parent, json_data.title, json_data.reason)
    with write() as session:
        return plan_values(drafts.create_plan(session, command))


@bp.post("/plans/revert")
@bp.input(RevertIn)
@bp.output(RevertedOut, status_code=201)
@bp.doc(summary="Begin a draft that takes a change back", responses=problems(403, 404, 409, 422))
def revert(json_data: RevertIn) -> dict[str, Any]:
    """The draft holds what fits the city as it stands; `unfit` says why the rest does not."""
    with write() as session:
        parent = json_data.parent or queries.place_of_change(session, json_data.change)
        command = NewPlan(json_data.id or new_id(), parent, json_data.title, json_data.reason)
        plan, unfit = drafts.revert_change(session, command, json_data.change)
        return {**plan_values(plan), "unfit": [translate_text(why) for why in unfit]}


@bp.get("/plans")
@bp.input(PlansQuery, location="query")
@bp.output(PlansOut)
@bp.doc(summary="The plans, the latest first")
def listed(query_data: PlansQuery) -> dict[str, Any]:
    """Without their operations, which each plan tells."""
    asked = query_data
    with read() as session:
        found = queries.plans(session, state=asked.state or None, after=asked.after, limit=asked.limit + 1)
    page = found[: asked.limit]
    following = asked.after + len(page) if len(found) > len(page) else None
    return {"items": [line_values(plan) for plan in page], "next": following}


@bp.get("/plans/<uuid:plan_id>")
@bp.output(PlanOut)
@bp.doc(summary="One plan with its operations", responses=problems(404))
def one(plan_id: UUID) -> dict[str, Any]:
    """Operations are told as they were drawn."""
    with read() as session:
        return plan_values(queries.plan_by_id(session, plan_id))


@bp.get("/plans/<uuid:plan_id>/check")
@bp.output(CheckedOut)
@bp.doc(summary="What the plan would do to the city as it stands; writes nothing", responses=problems(404, 409))
def check(plan_id: UUID) -> dict[str, Any]:
    """409 with the first operation that does not fit, and where."""
    with read() as session:
        return verdict_values(check_plan(session, plan_id))


@bp.get("/plans/<uuid:plan_id>/preview")
@bp.output(PreviewOut)
@bp.doc(summary="Who would be moved from where to where; nothing is kept", responses=problems(404, 409))
def preview(plan_id: UUID) -> dict[str, Any]:
    """The plan is applied inside a transaction, looked at, and taken back."""
    with write() as session:
        return preview_values(preview_plan(session, plan_id))


@bp.post("/plans/<uuid:plan_id>/operations")
@bp.input(OperationsIn)
@bp.output(PlanOut)
@bp.doc(summary="Draw further operations", responses=problems(403, 404, 409, 422))
def add(plan_id: UUID, json_data: OperationsIn) -> dict[str, Any]:
    """All of them fit, or none is kept: 409 with the first that does not fit, and where."""
    with write() as session:
        return plan_values(drafts.add_operations(session, plan_id, json_data.version, json_data.operations))


@bp.post("/plans/<uuid:plan_id>/<any(undo, redo, submit, recall, withdraw):act>")
@bp.input(VersionIn)
@bp.output(PlanOut)
@bp.doc(
    summary="Take a step back, draw it again, submit, take back what was submitted, or give up for good",
    responses=problems(403, 404, 409),
)
def step(plan_id: UUID, act: str, json_data: VersionIn) -> dict[str, Any]:
    """409 where the state forbids it, the version is not the present one, or a grid changed since it was drawn.

    `recall` is for those who drew: the plan is `returned`, and they go on. A plan that was given up stays on record.
    """
    acts = {
        "undo": drafts.undo,
        "redo": drafts.redo,
        "submit": service.submit,
        "recall": service.recall,
        "withdraw": service.withdraw,
    }
    with write() as session:
        return plan_values(acts[act](session, plan_id, json_data.version))


@bp.post("/plans/<uuid:plan_id>/return")
@bp.input(ReturnIn)
@bp.output(PlanOut)
@bp.doc(summary="Give a submitted plan back", responses=problems(403, 404, 409, 422))
def give_back(plan_id: UUID, json_data: ReturnIn) -> dict[str, Any]:
    """By somebody other than who drew it."""
    with write() as session:
        return plan_values(service.return_plan(session, plan_id, json_data.version, json_data.comment))


@bp.post("/plans/<uuid:plan_id>/approve")
@bp.input(ApproveIn)
@bp.output(PlanOut)
@bp.doc(summary="Approve a submitted plan", responses=problems(403, 404, 409, 422))
def approve(plan_id: UUID, json_data: ApproveIn) -> dict[str, Any]:
    """By somebody other than who drew it, with the right at the higher level."""
    at, day = json_data.apply_at, json_data.effective_on
    with write() as session:
        return plan_values(service.approve(session, plan_id, json_data.version, apply_at=at, effective_on=day))


@bp.post("/plans/<uuid:plan_id>/apply")
@bp.input(VersionIn)
@bp.output(AppliedOut)
@bp.doc(summary="Make an approved plan the city's boundaries", responses=problems(403, 404, 409))
def apply(plan_id: UUID, json_data: VersionIn) -> dict[str, Any]:
    """409 with both states where a grid changed since the plan was drawn."""
    began = time.monotonic()
    with write() as session:
        applied = service.apply_plan(session, plan_id, json_data.version)
    return applied_values(applied, time.monotonic() - began)


@bp.post("/plans/<uuid:plan_id>/rebase")
@bp.input(VersionIn)
@bp.output(RebasedOut)
@bp.doc(summary="Draw a plan anew on the city as it stands", responses=problems(403, 404, 409))
def rebase(plan_id: UUID, json_data: VersionIn) -> dict[str, Any]:
    """What no longer fits falls out and is told in `unfit`."""
    with write() as session:
        plan, unfit = drafts.rebase(session, plan_id, json_data.version)
    return {**plan_values(plan), "unfit": [misfit_values(misfit) for misfit in unfit]}
