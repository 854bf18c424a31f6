"""Headers of every answer: nothing from elsewhere is loaded, framed or guessed at."""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, Response, g, request

from core.db.base import new_id

POLICY: Final = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
    "connect-src 'self'", "font-src 'self'", "worker-src 'self'", "manifest-src 'self'", "form-action 'self'",
    "base-uri 'none'", "frame-ancestors 'self'",
))  # fmt: skip
FIXED: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def init_app(app: Flask) -> None:
    """Number every request and set the headers of every answer."""
    app.before_request(_number)
    app.after_request(_finish)


def request_number(given: str) -> str:
    """The number that a proxy gave the request, else a new one."""
    return given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else str(new_id())


def _number() -> None:
    g.request_id = request_number(request.headers.get("X-Request-Id", ""))


def _finish(answer: Response) -> Response:
    for name, value in FIXED.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "private, no-store")
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    return answer
