"""Vector tiles of grids and matters, and base map tiles from a file."""

from __future__ import annotations

from apiflask import APIBlueprint

bp = APIBlueprint("tiles", __name__, enable_openapi=False)
