"""The short way to a grid tile: who was noted within the last minute gets a kept tile without the application.

A map asks for dozens of tiles at once, each the same for everybody who is signed in and never changing. So the door
asks the database one question, whether this token lives, and answers from memory. Whatever it cannot answer with yes
(another path, a stranger, a token not noted lately, a tile not kept, a database in trouble) goes the usual way.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie

from core.access.recognising import noted_lately
from web import auth, headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
FOR_A_YEAR: Final = "private, max-age=31536000, immutable"
PATH: Final = re.compile(r"/tiles/grid/(\d{1,19})/(\d{1,2})/(\d{1,6})/(\d{1,6})\.mvt", re.ASCII)
SHELF: Final = "tile-shelf"
SHELF_BYTES: Final = 64_000_000
ENTRY_BYTES: Final = 400
"""What an entry weighs besides its body."""

Key = tuple[int, int, int, int]
"""Coverage version, zoom, column, row."""


class Shelf:
    """Bodies of tiles (gzip, empty where nothing lies) in memory, the longest unused dropped first."""

    def __init__(self, most_bytes: int = SHELF_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> bytes | None:
        """The body, or ``None`` where it is not kept."""
        with self._lock:
            body = self._kept.get(key)
            if body is not None:
                self._kept.move_to_end(key)
            return body

    def put(self, key: Key, body: bytes) -> None:
        """Keep a body."""
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = body
            self._bytes += len(body) + ENTRY_BYTES
            while self._bytes > self._most:
                _key, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped) + ENTRY_BYTES


class TileDoor:
    """WSGI middleware in front of the application whose shelf it reads."""

    def __init__(self, behind: WSGIApplication, app: Flask) -> None:
        self._behind = behind
        self._shelf = app.extensions[SHELF] = Shelf()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """A kept tile, or what the application behind says."""
        found = PATH.fullmatch(environ.get("PATH_INFO", ""))
        if found is None or environ["REQUEST_METHOD"] != "GET" or not _takes_gzip(environ):
            return self._behind(environ, start_response)
        version, z, x, y = (int(part) for part in found.groups())
        body = self._shelf.get((version, z, x, y))
        held = environ.get("HTTP_IF_NONE_MATCH")
        if body is None or held not in {None, f'"{entity_tag(version)}"'} or not _is_known(environ):
            return self._behind(environ, start_response)
        if held:
            return _answer(environ, start_response, "304 NOT MODIFIED", version, b"")
        return _answer(environ, start_response, "200 OK" if body else "204 NO CONTENT", version, body)


def shelf() -> Shelf:
    """The shelf of this application."""
    found = current_app.extensions[SHELF]
    assert isinstance(found, Shelf)
    return found


def entity_tag(version: int) -> str:
    """The tag of every tile of a coverage version."""
    return f"grid-{version}"


def _takes_gzip(environ: WSGIEnvironment) -> bool:
    return "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "").replace(" ", "").split(",")


def _is_known(environ: WSGIEnvironment) -> bool:
    scheme, _space, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    by_bearer = scheme.lower() == "bearer"
    token = bearer.strip() if by_bearer else parse_cookie(environ).get(auth.cookie_name(), "")
    try:
        return bool(token) and noted_lately(token, bearer=by_bearer)
    except SQLAlchemyError:
        return False


def _answer(
    environ: WSGIEnvironment, start_response: StartResponse, status: str, version: int, body: bytes
) -> Iterable[bytes]:
    fields = [
        *headers.FIXED.items(),
        ("Cache-Control", FOR_A_YEAR),
        ("ETag", f'"{entity_tag(version)}"'),
        ("X-Request-Id", headers.request_number(environ.get("HTTP_X_REQUEST_ID", ""))),
    ]
    if not status.startswith("204"):
        fields.append(("Vary", "Accept-Encoding"))
    if body:
        fields += [
            ("Content-Type", MEDIA_TYPE), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body))),
        ]  # fmt: skip
    start_response(status, fields)
    return [body] if body else []
