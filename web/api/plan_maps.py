"""API v1: what plans look like on a map."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import jsonify
from flask.typing import ResponseReturnValue
from pydantic import Field

from core.errors import Invalid
from core.grids.plans.showing import plan_sheet
from core.grids.plans.sides import plan_sides
from core.text import noop as _
from web.api.describing import problems
from web.api.grid_schemas import GEOJSON
from web.api.inputs import Input
from web.db import read
from web.plan_maps import sheet_values, side_values

bp = APIBlueprint("api_plan_maps", __name__, url_prefix="/api/v1", tag="maps of plans")

BAD_BOX: Final = _("Give bbox as west,south,east,north in degrees, such as 116.1,39.4,116.9,39.8")


class BoxQuery(Input):
    """Which part of the city."""

    bbox: Annotated[str, Field(max_length=200, description="west,south,east,north in degrees")]


@bp.get("/plans/<uuid:plan_id>/sheet")
@bp.input(BoxQuery, location="query")
@bp.doc(summary="The leaves of an area as the plan draws them", responses={**GEOJSON, **problems(404, 422)})
def sheet(plan_id: UUID, query_data: BoxQuery) -> ResponseReturnValue:
    """Beside the features: `plan`, `names` of the grids above, `unfit` operations, `hidden` (how many leaves there
    are, when these are too many to be shown: ask for a smaller area).
    """
    with read() as session:
        return jsonify(sheet_values(plan_sheet(session, plan_id, _box(query_data.bbox))))


@bp.get("/plans/<uuid:plan_id>/<any(before, after):side>")
@bp.doc(summary="What a plan changes, and what lies around it", responses={**GEOJSON, **problems(404)})
def sides(plan_id: UUID, side: str) -> ResponseReturnValue:
    """`fate` of each feature: kept, changed, born, retired or divided; `above`: names of the grids above it on that
    side, the nearest first. Leaves, and of the grids above them those
    that get another name, code or parent, with those beside them.
    """
    with read() as session:
        before, after = plan_sides(session, plan_id)
        return jsonify(side_values(before if side == "before" else after))


def _box(value: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError as error:
        raise Invalid(BAD_BOX) from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise Invalid(BAD_BOX)
    return west, south, east, north
