"""API v1: photos, handed in before the report or step that names them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from core.files.service import store_photo
from web.auth import takes_upload
from web.db import write
from web.photos import serve_photo

bp = APIBlueprint("api_files", __name__, url_prefix="/api/v1", tag="files")


REFUSED: Any = {"description": "No photo, damaged or too large", "content": {"application/problem+json": {}}}
UNKNOWN: Any = {"description": "Unknown, or not yours to see", "content": {"application/problem+json": {}}}
PHOTO: Any = {"description": "The photo", "content": {"image/jpeg": {}}}


class PhotoIn(BaseModel):
    """A photo as a multipart form."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile = Field(description="JPEG, PNG or WebP; it is turned upright, encoded anew, its metadata removed.")


class FileOut(BaseModel):
    """A stored photo; `sha256` and `bytes` are of what is kept and served."""

    id: UUID
    sha256: str
    bytes: int


@bp.post("/files")
@takes_upload
@bp.input(PhotoIn, location="files")
@bp.output(FileOut, status_code=201)
@bp.doc(summary="Hand in a photo", responses={422: REFUSED})
def upload(files_data: PhotoIn) -> dict[str, Any]:
    """Gives the id to name in `files` of a report or step."""
    data = files_data.file.read()
    with write() as session:
        stored = store_photo(session, data, files_data.file.filename or "photo")
    return {"id": stored.id, "sha256": stored.sha256, "bytes": stored.bytes}


@bp.get("/files/<uuid:file_id>")
@bp.doc(summary="A photo", responses={200: PHOTO, 404: UNKNOWN})
def download(file_id: UUID) -> Response:
    """For its uploader and for those who may see its matter."""
    return serve_photo(file_id)
