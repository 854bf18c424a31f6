"""Pages of this place."""

from __future__ import annotations

from apiflask import APIBlueprint

bp = APIBlueprint("gallery", __name__, enable_openapi=False)
