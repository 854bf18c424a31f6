"""API v1: photos, handed in before the report or step that names them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from core.files.service import store_photo
from core.matters.queries import visible_file
from web.auth import takes_upload
from web.db import read, write

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


def serve_photo(file_id: UUID, *, small: bool = False) -> Response:
    """The bytes of a photo that this person may see, never guessed at, kept by the browser alone."""
    with read() as session:
        found = visible_file(session, file_id)
    path = found.small if small else found.path
    answer = Response(path.read_bytes(), mimetype=found.media_type)
    answer.set_etag(f"{found.sha256}-small" if small else found.sha256)
    answer.headers["Content-Disposition"] = f'inline; filename="{file_id}.jpg"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    answer.make_conditional(request)
    return answer
