"""Pages of this place."""

from __future__ import annotations

from apiflask import APIBlueprint

bp = APIBlueprint("plugins", __name__, enable_openapi=False)
