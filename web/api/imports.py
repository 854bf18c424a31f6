"""API v1: boundary files: upload, options and dry run, outlines and defects, approval."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from core.grids.imports import uploads
from core.grids.imports.looking import UNSEEN_M, UNSEEN_M2
from core.grids.imports.uploads import UploadView
from web.api.describing import problems
from web.api.grid_schemas import GEOJSON
from web.api.inputs import Input
from web.auth import takes_upload
from web.boundary_files import OptionsIn, readable, send_preview, start_apply, start_check
from web.db import read, write

bp = APIBlueprint("api_imports", __name__, url_prefix="/api/v1", tag="imports")


class ImportOut(BaseModel):
    """An upload as it stands; `report` is the answer of `wangge grid import --json` with layers and fields added."""

    id: UUID
    file: str
    bytes: int
    state: Literal["new", "checking", "ready", "refused", "applying", "applied", "failed"]
    options: dict[str, Any]
    report: dict[str, Any]
    made_at: dt.datetime
    change: UUID | None


class UploadIn(BaseModel):
    """A boundary file as a multipart form."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile = Field(description="GeoPackage, Shapefile in a zip, GeoJSON, TopoJSON, FlatGeobuf or KML.")


class ApproveIn(Input):
    """What the person who approves says, in the address."""

    seen: bool = Field(
        False,
        description="That a person has looked at what mending moved: `changes.geojson`, and `changes` of the report. "
        f"Needed where a border moves more than {UNSEEN_M} m or more than {UNSEEN_M2} m² change hands.",
    )


@bp.post("/imports")
@takes_upload
@bp.input(UploadIn, location="files")
@bp.output(ImportOut, status_code=201)
@bp.doc(summary="Upload a boundary file and check it as it is likely meant", responses=problems(403, 422))
def upload(files_data: UploadIn) -> dict[str, Any]:
    """GeoPackage, Shapefile in a zip, GeoJSON, TopoJSON, FlatGeobuf, KML. Writes no grid."""
    with write() as session:
        key = uploads.store_upload(session, files_data.file.filename or "", files_data.file.stream)
    with read() as session:
        options = uploads.upload_view(session, key).options
    return import_values(start_check(key, options))


@bp.get("/imports/<uuid:key>")
@bp.output(ImportOut)
@bp.doc(summary="One upload with its report", responses=problems(404))
def one(key: UUID) -> dict[str, Any]:
    """Ask again while the state is `checking` or `applying`."""
    with read() as session:
        return import_values(uploads.upload_view(session, key))


@bp.put("/imports/<uuid:key>/options")
@bp.input(OptionsIn)
@bp.output(ImportOut)
@bp.doc(summary="Set the options and check again; writes no grid", responses=problems(404, 409))
def set_options(key: UUID, json_data: OptionsIn) -> dict[str, Any]:
    """A large file is checked by a job: the answer then says `checking`."""
    return import_values(start_check(key, json_data.to_options()))


@bp.post("/imports/<uuid:key>/approve")
@bp.input(ApproveIn, location="query")
@bp.output(ImportOut)
@bp.doc(summary="Apply a checked upload as one recorded change", responses=problems(404, 409, 422))
def approve(key: UUID, query_data: ApproveIn) -> dict[str, Any]:
    """409 unless the last check found it exact, 422 where mending moved much and `seen` is not set. A large file is
    applied by a job.
    """
    return import_values(start_apply(key, seen=query_data.seen))


@bp.post("/imports/<uuid:key>/stop")
@bp.output(ImportOut)
@bp.doc(summary="No longer wait for a check or an apply", responses=problems(404, 409))
def stop(key: UUID) -> dict[str, Any]:
    """What is still under way writes nothing; the state is `failed` then, and it can be checked again. 409 while the
    grids are being written, and when nothing is under way.
    """
    with write() as session:
        return import_values(uploads.stop_upload(session, key))


@bp.get("/imports/<uuid:key>/<any('outlines.geojson', 'changes.geojson', 'defects.geojson', 'defects.gpkg'):name>")
@bp.doc(summary="Outlines, changes by mending, and defects of the last check", responses={**GEOJSON, **problems(404)})
def preview_file(key: UUID, name: str) -> Response:
    """GeoJSON for a map (the largest defects), all defects as a GeoPackage."""
    return send_preview(key, name)


def import_values(view: UploadView) -> dict[str, Any]:
    """An upload as JSON values, its texts in the reader's language."""
    return {
        "id": view.id,
        "file": view.file_name,
        "bytes": view.bytes,
        "state": view.state,
        "options": view.options.as_json(),
        "report": readable(view.report),
        "made_at": view.made_at,
        "change": view.change_id,
    }
