"""Polygons of operations as they are written in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely

from core.errors import Refused
from core.text import noop as _
from gis.beside import refuse_beside
from gis.lattice import from_degrees


def geometry_of(geojson: Mapping[str, Any]) -> Any:
    """The geometry in degrees; refuses what is no polygon."""
    try:
        geometry = shapely.from_geojson(json.dumps(geojson))
    except (shapely.GEOSException, ValueError) as error:
        raise Refused(_("The polygon is no GeoJSON geometry: %(detail)s"), detail=str(error)[:200]) from error
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise Refused(_("Give a GeoJSON geometry of type Polygon or MultiPolygon"))
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
