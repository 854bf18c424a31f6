"""API v1 of this room."""

from __future__ import annotations

from apiflask import APIBlueprint

bp = APIBlueprint("api_grids", __name__, url_prefix="/api/v1")
