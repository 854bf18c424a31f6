"""API v1: boundary files: upload, options and dry run, outlines and defects, approval."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import Response, send_file
from pydantic import BaseModel, ConfigDict, Field

from core.errors import NotFound
from core.grids import uploads
from core.grids.codes import DEFAULT_SCHEME
from core.grids.draft import ImportOptions
from core.grids.previews import DEFECTS, DEFECTS_PACKAGE, OUTLINES
from core.grids.uploads import UploadView
from core.text import noop as _
from web.api.describing import problems
from web.api.grid_schemas import GEOJSON, Level
from web.auth import takes_upload
from web.db import actor, read, write
from web.i18n import translate_text

bp = APIBlueprint("api_imports", __name__, url_prefix="/api/v1", tag="imports")

Name = Annotated[str, Field(max_length=100)]
FILES = {
    "outlines.geojson": (OUTLINES, "application/geo+json"),
    "defects.geojson": (DEFECTS, "application/geo+json"),
    "defects.gpkg": (DEFECTS_PACKAGE, "application/geopackage+sqlite3"),
}


class NestIn(BaseModel):
    """A coarser level made by dissolving on a field."""

    model_config = ConfigDict(extra="forbid")

    field: Name
    level: Level


class OptionsIn(BaseModel):
    """How the layer shall become grids; the names are those of `wangge grid import`."""

    model_config = ConfigDict(extra="forbid")

    level: Level
    parent: Name | None = None
    root: str | None = Field(None, max_length=200, pattern=r"^[^:]+:.+$", description="`CODE:NAME`, on an empty tree.")
    nest: list[NestIn] = Field([], max_length=5, description="Coarsest first.")
    layer: Name | None = None
    code_field: Name | None = None
    name_field: Name | None = None
    crs: str | None = Field(None, max_length=40)
    encoding: str | None = Field(None, max_length=40)
    scheme: str = Field(DEFAULT_SCHEME, max_length=40)
    duplicate_codes: Literal["refuse", "merge"] = "refuse"
    clean: bool = False
    gap_width_m: float = Field(0.0, ge=0, le=100_000, allow_inf_nan=False)
    valid_from: dt.datetime | None = None
    reason: str = Field("", max_length=500)

    def to_options(self) -> ImportOptions:
        """The options as the core takes them."""
        values = self.model_dump(exclude={"nest"})
        return ImportOptions(**values, nest=tuple((part.field, part.level) for part in self.nest))


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
    return start_check(key, options)


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
    return start_check(key, json_data.to_options())


@bp.post("/imports/<uuid:key>/approve")
@bp.output(ImportOut)
@bp.doc(summary="Apply a checked upload as one recorded change", responses=problems(404, 409))
def approve(key: UUID) -> dict[str, Any]:
    """409 unless the last check found it exact. A large file is applied by a job."""
    return start_apply(key)


@bp.post("/imports/<uuid:key>/stop")
@bp.output(ImportOut)
@bp.doc(summary="No longer wait for a check or an apply", responses=problems(404, 409))
def stop(key: UUID) -> dict[str, Any]:
    """What is still under way writes nothing; the state is `failed` then, and it can be checked again."""
    with write() as session:
        return import_values(uploads.stop_upload(session, key))


@bp.get("/imports/<uuid:key>/<any('outlines.geojson', 'defects.geojson', 'defects.gpkg'):name>")
@bp.doc(summary="Outlines and defects of the last check", responses={**GEOJSON, **problems(404)})
def preview_file(key: UUID, name: str) -> Response:
    """GeoJSON for a map (the largest defects), all defects as a GeoPackage."""
    with read() as session:
        uploads.upload_view(session, key)
    file, media_type = FILES[name]
    path = uploads.folder_of(key) / file
    if not path.is_file():
        raise NotFound(_("The last check wrote no such file"))
    return send_file(path, mimetype=media_type, as_attachment=name.endswith(".gpkg"), download_name=name)


def start_check(key: UUID, options: ImportOptions) -> dict[str, Any]:
    """Check now, or let a job do it; the upload as it then stands."""
    with write() as session:
        view = uploads.request_check(session, key, options)
    if not view.large:
        uploads.check_upload(actor(), key)
    return one_now(key)


def start_apply(key: UUID) -> dict[str, Any]:
    """Apply now, or let a job do it; the upload as it then stands."""
    with write() as session:
        view = uploads.request_apply(session, key)
    if not view.large:
        uploads.apply_upload(actor(), key)
    return one_now(key)


def one_now(key: UUID) -> dict[str, Any]:
    """An upload as the API shows it."""
    with write() as session:
        return import_values(uploads.upload_view(session, key))


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


def readable(report: dict[str, Any]) -> dict[str, Any]:
    """A kept report with its texts in the reader's language."""
    shown = dict(report)
    if shown.get("reason"):
        shown["reason"] = _said(shown["reason"])
    for name in ("warnings", "mend"):
        shown[name] = [_said(text) for text in shown.get(name, [])]
    shown["defects"] = [
        {**defect, "detail": _said(defect["detail"]) if defect.get("detail") else ""}
        for defect in shown.get("defects", [])
    ]
    return shown


def _said(text: str) -> str:
    return translate_text(uploads.decoded(text))
