"""API v1: report matters, read them, take them through their life."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, jsonify

from core.db.session import WorkSession
from core.matters import life
from core.matters.commands import ReportMatter, TakeStep
from core.matters.figures import count_by_grid
from core.matters.kinds import kinds, owner
from core.matters.listing import list_matters
from core.matters.queries import knows_of
from core.matters.service import report_matter
from web.api.figure_schemas import SIDES, FiguresIn, FiguresOut
from web.api.matter_schemas import (
    KindList,
    ListIn,
    MatterDetail,
    MatterList,
    Receipt,
    ReportIn,
    StepIn,
    step_body,
    step_given,
)
from web.api.preconditions import id_sent, version_sent
from web.db import read, write
from web.matter_figures import values as figure_values
from web.matter_steps import take
from web.matter_values import detail_values, matter_values
from web.plugin_words import word

bp = APIBlueprint("api_matters", __name__, url_prefix="/api/v1", tag="matters")


def _problem(description: str) -> Any:
    return {"description": description, "content": {"application/problem+json": {}}}


FORBIDDEN = _problem("You have not the right there")
UNKNOWN = _problem("Unknown, or not in your grids")
FAULTS = _problem("Faults of the input, each with a pointer; or the id was used for something else")
AGAIN: Any = {
    "description": "The same report was answered before: the same answer",
    "content": {"application/json": {}},
}
STALE = _problem(
    "The state forbids it or the kind's plugin does not run (`errors` say what is possible), "
    "or the version is stale (`theirs`, `mine`, and `base` that both began with)"
)
MOVED: Any = {"description": "Moved out of your grids"}
STEP_ANSWER: Final = (
    "Gives the matter after it, with its tasks and clocks. 204 without a body where it is done, and no longer yours "
    "to see."
)


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
        place=json_data.place.value() if json_data.place else None,
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
    """Newest first; `mine`, `overdue` and `state=open` by deadline. Only matters of your grids, and your own."""
    with read() as session:
        page = list_matters(session, query_data.filter(), query_data.cursor, query_data.limit)
    return {"items": [matter_values(view) for view in page.items], "next": page.next}


@bp.get("/matters/figures")
@bp.input(FiguresIn, location="query")
@bp.output(FiguresOut)
@bp.doc(summary="Matters of a period by grid", responses={422: FAULTS})
def figures(query_data: FiguresIn) -> dict[str, Any]:
    """How many were reported in a period, by the grids of one level, in the boundaries of then or of now.

    Only matters that you may see now are counted, on either side: those of your grids, and your own.
    """
    with read() as session:
        return figure_values(count_by_grid(session, query_data.filter()), SIDES.index(query_data.boundaries))


@bp.get("/matters/<uuid:matter_id>")
@bp.output(MatterDetail)
@bp.doc(summary="One matter", responses={404: UNKNOWN})
def matter(matter_id: UUID) -> Response:
    """With its form, its events and the steps you may take now."""
    with read() as session:
        return _detail(session, matter_id)


def _add_step(step: str, title: str) -> None:
    """The door of one step: its body is what this step takes."""

    @bp.post(f"/matters/<uuid:matter_id>/steps/{step}", endpoint=f"step_{step}")
    @bp.input(step_body(step))
    @bp.output(MatterDetail)
    @bp.doc(
        summary=f"Take a step: {title}",
        description=STEP_ANSWER,
        responses={204: MOVED, 403: FORBIDDEN, 404: UNKNOWN, 409: STALE, 422: FAULTS},
    )
    def door(matter_id: UUID, json_data: StepIn) -> Response:
        command = TakeStep(
            matter_id,
            step,
            version=version_sent(json_data.version),
            given=step_given(step, json_data),
            device_at=json_data.device_at,
            id=id_sent(json_data.id),
        )
        with write() as session:
            taken = take(session, command)
            return _detail(session, taken) if knows_of(session, taken) else Response(status=204)


for _step, _title in life.STEPS.items():
    if _step != "report":
        _add_step(_step, _title)


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
                "stages": [
                    {
                        "name": stage.name,
                        "title": word(owner(kind.name), stage.title),
                        "limit": stage.limit,
                        "starts": stage.starts,
                        "ends": stage.ends,
                    }
                    for stage in kind.stages
                ],
                "priority": kind.priority,
                "evidence": dict(kind.evidence),
                "form": kind.form.model_json_schema() if kind.form else None,
            }
            for kind in kinds()
        ]
    }


def _detail(session: WorkSession, matter_id: UUID) -> Response:
    values = MatterDetail.model_validate(detail_values(session, matter_id))
    answer = jsonify(values.model_dump(mode="json"))
    answer.set_etag(str(values.version))
    return answer
