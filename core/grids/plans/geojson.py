"""Polygons of operations as they are written in JSON: what stands there is asked at the door, and nothing else kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

import shapely
from pydantic import BeforeValidator, Field

from core.errors import Refused
from core.text import noop as _
from gis.beside import refuse_beside
from gis.lattice import from_degrees

_RINGS: Final = {"Polygon": 1, "MultiPolygon": 2}
"""How many lists hold the rings of each type."""
_SHORTEST: Final = 4
"""Places of the smallest ring, the first of them twice."""
_NO_POLYGON: Final = _("Give a GeoJSON geometry of type Polygon or MultiPolygon")


def _polygon(value: object) -> object:
    """Type and coordinates alone; whatever else a GeoJSON geometry may hold is left out.

    :raises ValueError: in words, where the coordinates are not nested as the type asks, or are no numbers.
    """
    if not isinstance(value, Mapping):
        return value
    kind = value.get("type")
    depth = _RINGS.get(kind) if isinstance(kind, str) else None
    if depth is None:
        raise ValueError(_NO_POLYGON)
    rings: list[Any] = [value.get("coordinates")]
    for _level in range(depth):
        if not all(isinstance(part, list | tuple) for part in rings):
            raise ValueError(_("The coordinates are not nested as the type of the polygon asks"))
        rings = [part for parts in rings for part in parts]
    for ring in rings:
        _refuse_no_ring(ring)
    return {"type": kind, "coordinates": value["coordinates"]}


GeoPolygon = Annotated[dict[str, Any], BeforeValidator(_polygon), Field(description="A GeoJSON polygon in degrees.")]
"""A GeoJSON Polygon or MultiPolygon with its type and coordinates alone, closed rings of numbers."""


def _refuse_no_ring(ring: object) -> None:
    if not isinstance(ring, list | tuple) or not all(_is_place(place) for place in ring):
        raise ValueError(
            _("Each ring of the polygon is a list of places, each place longitude and latitude in numbers")
        )
    if len(ring) < _SHORTEST or ring[0][:2] != ring[-1][:2]:
        raise ValueError(_("Each ring of the polygon needs at least four places, the last the same as the first"))


def _is_place(place: object) -> bool:
    if not isinstance(place, list | tuple) or not 2 <= len(place) <= 4:
        return False
    return all(isinstance(part, int | float) and not isinstance(part, bool) for part in place)


def geometry_of(geojson: Mapping[str, Any]) -> Any:
    """The geometry in degrees; refuses what is no polygon."""
    try:
        geometry = shapely.from_geojson(json.dumps(geojson))
    except (shapely.GEOSException, ValueError) as error:
        raise Refused(_NO_POLYGON) from error
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise Refused(_NO_POLYGON)
    return geometry


def polygon_of(geojson: Mapping[str, Any]) -> Any:
    """The valid lattice polygon.

    :raises Refused: where there is none; EditError where looking whether it is valid would take too long.
    """
    polygon = from_degrees([geometry_of(geojson)])[0]
    refuse_beside([polygon])
    if polygon.is_empty or not shapely.is_valid(polygon):
        raise Refused(_("The polygon crosses or touches itself, or has no area: draw it anew"))
    return polygon
