"""API v1: plans of boundaries: drawn as operations, checked, submitted, decided on, applied."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from werkzeug.http import quote_etag

from core.db.base import new_id
from core.grids.plans import drafts, queries, service
from core.grids.plans.drafts import NewPlan
from core.grids.plans.previewing import preview_plan
from core.grids.plans.verdict import check_plan
from web.api.describing import problems
from web.api.plan_schemas import (
    AppliedOut,
    ApproveIn,
    CheckedOut,
    DraftStepIn,
    OperationsIn,
    PlanIn,
    PlanOut,
    PlansOut,
    PlansQuery,
    PreviewOut,
    RebasedOut,
    ReturnIn,
    RevertedOut,
    RevertIn,
    VersionIn,
)
from web.api.preconditions import id_sent, version_seen
from web.db import read, write
from web.i18n import translate_text
from web.plan_values import applied_values, line_values, misfit_values, plan_values, preview_values, verdict_values

bp = APIBlueprint("api_plans", __name__, url_prefix="/api/v1", tag="plans")


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
def one(plan_id: UUID) -> Any:
    """Operations are told as they were drawn; the header `ETag` is the version."""
    with read() as session:
        plan = queries.plan_by_id(session, plan_id)
    return plan_values(plan), 200, {"ETag": quote_etag(str(plan.version))}


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
    """All of them fit, or none is kept: 409 with the first that does not fit, and where. `detail` tells its number in
    the plan, `pointer` its place in this request; without a pointer it is a step that the plan has already.

    An `id` that was taken already answers with the plan as it stands, whatever version is named.
    """
    asked = json_data
    with write() as session:
        return plan_values(
            drafts.add_operations(session, plan_id, version_seen(asked.version), asked.operations, id_sent(asked.id))
        )


@bp.post("/plans/<uuid:plan_id>/<any(undo, redo):act>")
@bp.input(DraftStepIn)
@bp.output(PlanOut)
@bp.doc(summary="Take the last operation back, or draw it again", responses=problems(403, 404, 409, 422))
def step(plan_id: UUID, act: str, json_data: DraftStepIn) -> dict[str, Any]:
    """409 where there is none, the version is not the present one, or a grid changed since it was drawn.

    An `id` that was taken already answers with the plan as it stands, whatever version is named.
    """
    acts = {"undo": drafts.undo, "redo": drafts.redo}
    with write() as session:
        return plan_values(acts[act](session, plan_id, version_seen(json_data.version), id_sent(json_data.id)))


@bp.post("/plans/<uuid:plan_id>/<any(submit, recall, withdraw):act>")
@bp.input(VersionIn)
@bp.output(PlanOut)
@bp.doc(summary="Submit, take back what was submitted, or give up for good", responses=problems(403, 404, 409))
def go(plan_id: UUID, act: str, json_data: VersionIn) -> dict[str, Any]:
    """409 where the state forbids it, the version is not the present one, or a grid changed since it was drawn.

    `recall` is for those who drew: the plan is `returned`, and they go on. A plan that was given up stays on record.
    """
    acts = {
        "submit": service.submit,
        "recall": service.recall,
        "withdraw": service.withdraw,
    }
    with write() as session:
        return plan_values(acts[act](session, plan_id, version_seen(json_data.version)))


@bp.post("/plans/<uuid:plan_id>/return")
@bp.input(ReturnIn)
@bp.output(PlanOut)
@bp.doc(summary="Give a submitted plan back", responses=problems(403, 404, 409, 422))
def give_back(plan_id: UUID, json_data: ReturnIn) -> dict[str, Any]:
    """By somebody other than who drew it."""
    with write() as session:
        return plan_values(service.return_plan(session, plan_id, version_seen(json_data.version), json_data.comment))


@bp.post("/plans/<uuid:plan_id>/approve")
@bp.input(ApproveIn)
@bp.output(PlanOut)
@bp.doc(summary="Approve a submitted plan", responses=problems(403, 404, 409, 422))
def approve(plan_id: UUID, json_data: ApproveIn) -> dict[str, Any]:
    """By somebody other than who drew it, with the right at the higher level."""
    at, day = json_data.apply_at, json_data.effective_on
    with write() as session:
        return plan_values(
            service.approve(session, plan_id, version_seen(json_data.version), apply_at=at, effective_on=day)
        )


@bp.post("/plans/<uuid:plan_id>/apply")
@bp.input(VersionIn)
@bp.output(AppliedOut)
@bp.doc(summary="Make an approved plan the city's boundaries", responses=problems(403, 404, 409))
def apply(plan_id: UUID, json_data: VersionIn) -> dict[str, Any]:
    """409 with both states where a grid changed since the plan was drawn."""
    began = time.monotonic()
    with write() as session:
        applied = service.apply_plan(session, plan_id, version_seen(json_data.version))
    return applied_values(applied, time.monotonic() - began)


@bp.post("/plans/<uuid:plan_id>/rebase")
@bp.input(VersionIn)
@bp.output(RebasedOut)
@bp.doc(summary="Draw a plan anew on the city as it stands", responses=problems(403, 404, 409))
def rebase(plan_id: UUID, json_data: VersionIn) -> dict[str, Any]:
    """What no longer fits falls out and is told in `unfit`; the plan keeps it in `left_out` until it is submitted."""
    with write() as session:
        plan, unfit = drafts.rebase(session, plan_id, version_seen(json_data.version))
    return {**plan_values(plan), "unfit": [misfit_values(misfit) for misfit in unfit]}
