"""The application of a web worker, made after the fork."""

from __future__ import annotations

from web.app import create_app
from web.logs import configure

configure()
app = create_app()
