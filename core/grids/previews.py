"""What a checked import looks like, as files beside the upload: outlines and defects, for the map and for download."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from core.grids.draft import Finding, Prepared
from core.grids.exporting import write_findings
from gis.crs import parse_crs, transform_geometries
from gis.errors import GisError
from gis.formats import Layer
from gis.lattice import SCALE, Geometries, to_degrees

OUTLINES: Final = "outlines.geojson"
DEFECTS: Final = "defects.geojson"
DEFECTS_PACKAGE: Final = "defects.gpkg"
PIXELS: Final = 1500
"""Outlines for the screen are simplified to this many steps across; the import itself is never."""
MOST_OUTLINES: Final = 5000
MOST_DEFECTS: Final = 2000


def write_previews(folder: Path, layer: Layer, prepared: Prepared) -> None:
    """Write outlines and defects of a checked import into ``folder``; a defect's id is its position.

    No outlines where nobody knows where the file's polygons lie.
    """
    outlines = _outlines(layer, prepared)
    (folder / OUTLINES).unlink(missing_ok=True)
    if outlines:
        _write(folder / OUTLINES, outlines)
    shown = enumerate(prepared.findings[:MOST_DEFECTS])
    _write(folder / DEFECTS, (_defect(number, finding) for number, finding in shown))
    (folder / DEFECTS_PACKAGE).unlink(missing_ok=True)
    if prepared.findings:
        write_findings(prepared.findings, folder / DEFECTS_PACKAGE)


def _write(path: Path, features: Iterable[dict[str, Any]]) -> None:
    content = {"type": "FeatureCollection", "features": list(features)}
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _outlines(layer: Layer, prepared: Prepared) -> list[dict[str, Any]]:
    """The grids to be born at the layer's own level; where none came of it, the file's polygons as they lie."""
    births = [birth for birth in prepared.births if birth.level == prepared.options.level]
    if births:
        shapes = _for_screen(to_degrees(np.array([birth.polygon for birth in births], dtype=object)))
        names = [(birth.code, birth.name) for birth in births]
    else:
        shapes = _for_screen(_raw(layer, prepared))
        names = [("", str(number + 1)) for number in range(len(shapes))]
    features = []
    for (code, name), shape in zip(names[:MOST_OUTLINES], shapes, strict=False):
        if shape is not None and not shape.is_empty:
            properties = {"title": name, "text": code, "kind": "grid"}
            features.append({"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)})
    return features


def _raw(layer: Layer, prepared: Prepared) -> Geometries:
    stated = prepared.crs or prepared.options.crs or layer.crs
    if stated is None:
        return np.array([], dtype=object)
    try:
        return transform_geometries(layer.geometries, parse_crs(stated))
    except GisError:
        return np.array([], dtype=object)


def _for_screen(shapes: Geometries) -> Geometries:
    if not len(shapes):
        return shapes
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    tolerance = max(east - west, north - south) / PIXELS
    if not np.isfinite(tolerance):
        return shapes
    return np.asarray(shapely.simplify(shapes, tolerance, preserve_topology=True), dtype=object)


def _defect(number: int, finding: Finding) -> dict[str, Any]:
    properties = {
        "kind": finding.kind,
        "title": finding.kind,
        "text": ", ".join(finding.codes),
        "area_m2": finding.area_m2,
        "width_m": finding.width_m,
    }
    shape = _place(finding)
    geometry = None if shape is None else shapely.geometry.mapping(shape)
    return {"type": "Feature", "id": number, "properties": properties, "geometry": geometry}


def _place(finding: Finding) -> Any:
    """The defect in degrees: its geometry, else its point, else nothing."""
    if finding.geometry is not None and not finding.geometry.is_empty:
        return shapely.transform(finding.geometry, lambda xy: xy / SCALE)
    if finding.lon is not None and finding.lat is not None:
        return shapely.Point(finding.lon, finding.lat)
    return None
