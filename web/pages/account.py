"""Pages of this place."""

from __future__ import annotations

from apiflask import APIBlueprint

bp = APIBlueprint("account", __name__, enable_openapi=False)
