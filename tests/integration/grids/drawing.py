"""Small layers in GeoJSON around 116° E, 39° N, drawn in tenths of a degree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WEST, SOUTH = 116.0, 39.0
Ring = Sequence[tuple[float, float]]


def ring(corners: Ring) -> list[list[float]]:
    """Corners in tenths of a degree from the corner of the city, closed."""
    points = [[WEST + x / 10, SOUTH + y / 10] for x, y in corners]
    return [*points, points[0]]


def polygon(*rings: Ring) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring(corners) for corners in rings]}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return polygon([(west, south), (east, south), (east, north), (west, north)])


def feature(code: Any, geometry: Mapping[str, Any] | None, name: Any = "网格", **fields: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": name, **fields}, "geometry": geometry}


def collection(*features: Mapping[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def draw(path: Path, *features: Mapping[str, Any]) -> Path:
    path.write_text(collection(*features), encoding="utf-8")
    return path


PLAIN_CITY = feature("139900", box(0, 0, 4, 2), "试验市")
NODED_CITY = feature("139900", polygon([(0, 0), (2, 0), (4, 0), (4, 2), (2, 2), (0, 2)]), "试验市")
"""The same area; the noded one has the vertices in which the counties' border meets the outline."""

COUNTIES = (
    feature("139901", polygon([(0, 0), (2, 0), (2, 1), (2, 2), (0, 2)]), "西县"),
    feature("139902", polygon([(2, 0), (4, 0), (4, 2), (2, 2), (2, 1)]), "东县"),
)
"""Two halves; their border has a vertex in the middle."""


def comb(teeth: int, *, upright: bool) -> dict[str, Any]:
    """A polygon with as many teeth as stand across the western county, or lie in it."""
    places = [(0.0, 0.0)]
    for n in range(teeth):
        places += [(1.0, n / teeth), (1.0, (n + 0.5) / teeth), (0.01, (n + 0.5) / teeth), (0.01, (n + 1) / teeth)]
    ring = [*places[:-1], (0.0, (teeth - 0.5) / teeth), (0.0, 0.0)]
    turned = [(y, x) if upright else (x, y) for x, y in ring]
    return {"type": "Polygon", "coordinates": [[[116.0 + x / 5, 39.0 + y / 10] for x, y in turned]]}
