"""Photos of matters as answers: the API and the pages serve them alike."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from core.matters.queries import visible_file
from web.db import read


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
