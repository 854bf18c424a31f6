"""API v1: plans and files: layers drawn in another program come in, what a plan would make goes out."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import Response, send_file
from pydantic import BaseModel, ConfigDict, Field

from core.grids.plans.exporting import export_leaves, export_plan
from core.grids.plans.files import FileOptions
from core.grids.views import Level
from web.api.describing import Responses, problems
from web.api.inputs import Input
from web.api.plan_schemas import MendedOut, PlanOut
from web.api.preconditions import version_seen
from web.auth import takes_upload
from web.db import write
from web.i18n import translate_text
from web.media import GEOPACKAGE
from web.plan_layers import take_layer
from web.plan_values import mended_values, plan_values

bp = APIBlueprint("api_plan_files", __name__, url_prefix="/api/v1", tag="files of plans")

PACKAGE: Final[Responses] = {200: {"description": "OK", "content": {GEOPACKAGE: {"schema": {"type": "string"}}}}}
Name = Annotated[str, Field(min_length=1, max_length=100)]


class LayerIn(BaseModel):
    """A layer as a multipart form."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile = Field(description="GeoPackage, Shapefile in a zip, GeoJSON, TopoJSON, FlatGeobuf or KML.")


class LayerQuery(Input):
    """The version of the plan that was seen (the header `If-Match` is the same thing), and how the layer is read."""

    version: int | None = None
    parent: Name | None = Field(None, description="Code of the grid whose leaves it holds; unset: the plan's.")
    layer: Name | None = None
    code_field: Name | None = None
    name_field: Name | None = None
    crs: str | None = Field(None, max_length=40)
    encoding: str | None = Field(None, max_length=40)
    level: Level | None = Field(None, description="Of new grids; unset: as the others there.")

    def to_options(self) -> FileOptions:
        """As the core takes them."""
        return FileOptions(**self.model_dump(exclude={"version", "parent"}))


class LoadedOut(PlanOut):
    """The plan with the layer drawn; `rows_left_out` are codes of grids that have others of the file below them."""

    rows_left_out: list[str]
    warnings: list[str]
    mended: list[MendedOut]


@bp.post("/plans/<uuid:plan_id>/layer")
@takes_upload
@bp.input(LayerIn, location="files")
@bp.input(LayerQuery, location="query")
@bp.output(LoadedOut)
@bp.doc(summary="Replace all leaves by a layer drawn elsewhere", responses=problems(403, 404, 409, 422))
def load(plan_id: UUID, files_data: LayerIn, query_data: LayerQuery) -> dict[str, Any]:
    """A row with a code is that grid, without one it is a new grid, and grids without a row end. Gaps and overlaps up
    to 10 cm wide are mended and told; 409 with the wider ones and where they are.
    """
    taken = take_layer(
        plan_id, version_seen(query_data.version), files_data.file, query_data.to_options(), query_data.parent or ""
    )
    return {
        **plan_values(taken.plan),
        "rows_left_out": list(taken.made.left_out),
        "warnings": [translate_text(warning) for warning in taken.made.warnings],
        "mended": mended_values(taken.mended),
    }


@bp.get("/plans/<uuid:plan_id>/leaves.gpkg")
@bp.doc(
    summary="The leaves of the plan's grid as the city has them, to be drawn on in another program",
    responses={**PACKAGE, **problems(403, 404, 409)},
)
def leaves(plan_id: UUID) -> Response:
    """A GeoPackage as `POST /plans/{plan_id}/layer` takes it back. 409 where the plan's grid is retired."""
    with tempfile.TemporaryDirectory(prefix="plan-") as folder:
        path = Path(folder) / "leaves.gpkg"
        with write() as session:
            code = export_leaves(session, plan_id, path)
        content = io.BytesIO(path.read_bytes())
    return send_file(content, mimetype=GEOPACKAGE, as_attachment=True, download_name=f"leaves-{code}.gpkg")


@bp.get("/plans/<uuid:plan_id>/export.gpkg")
@bp.doc(summary="The grids before and after the plan", responses={**PACKAGE, **problems(403, 404, 409)})
def export(plan_id: UUID) -> Response:
    """A GeoPackage with the layers `before` and `after`: the grids that it changes, with what becomes of each. 409
    where the plan does not fit.
    """
    with tempfile.TemporaryDirectory(prefix="plan-") as folder:
        path = Path(folder) / "plan.gpkg"
        with write() as session:
            export_plan(session, plan_id, path)
        content = io.BytesIO(path.read_bytes())
    return send_file(content, mimetype=GEOPACKAGE, as_attachment=True, download_name=f"plan-{plan_id}.gpkg")
