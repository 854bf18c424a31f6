"""Answers that are made anew are sent packed; built files and tiles are stored packed already."""

from __future__ import annotations

import gzip
from typing import Final

from flask import Flask, Response, request

from web.media import GEOJSON

LEAST_BYTES: Final = 1_000
"""Below this the headers weigh more than what is saved."""
LEVEL: Final = 5
TYPES: Final = frozenset({
    "text/html", "text/csv", "application/json", "application/problem+json", GEOJSON,
})  # fmt: skip


def init_app(app: Flask) -> None:
    """Pack texts for clients that take gzip.

    The length of a packed page tells how often a guess stands in it, so the one secret of our pages, the token of
    forms, is written anew under a random mask in every answer (:func:`web.auth.csrf_token`).
    """
    app.after_request(_pack)


def _pack(answer: Response) -> Response:
    if answer.mimetype not in TYPES or answer.is_streamed or answer.direct_passthrough:
        return answer
    answer.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip") or "Content-Encoding" in answer.headers:
        return answer
    body = answer.get_data()
    if len(body) < LEAST_BYTES:
        return answer
    answer.set_data(gzip.compress(body, LEVEL, mtime=0))
    answer.headers["Content-Encoding"] = "gzip"
    tag, weak = answer.get_etag()
    if tag is not None and not weak:
        answer.set_etag(tag, weak=True)
    return answer
