"""Outlines and defects as GeoJSON for the maps of pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from gis.formats.draft import drafted
from gis.lattice import Geometries

PIXELS: Final = 1500
"""Outlines for the screen are simplified to this many steps across; what is written into the city is never."""


def write_features(path: Path, features: Iterable[dict[str, Any]]) -> None:
    """Write a feature collection; whoever reads meanwhile has the former one."""
    content = {"type": "FeatureCollection", "features": list(features)}
    with drafted(path) as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def feature(name: str | int, properties: dict[str, Any], shape: Any) -> dict[str, Any]:
    """A GeoJSON feature of a geometry in degrees."""
    geometry = None if shape is None else shapely.geometry.mapping(shape)
    return {"type": "Feature", "id": name, "properties": properties, "geometry": geometry}


def for_screen(shapes: Geometries) -> Geometries:
    """Outlines in degrees, simplified to what a screen shows."""
    if not len(shapes):
        return shapes
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    tolerance = max(east - west, north - south) / PIXELS
    if not np.isfinite(tolerance):
        return shapes
    return np.asarray(shapely.simplify(shapes, tolerance, preserve_topology=True), dtype=object)
