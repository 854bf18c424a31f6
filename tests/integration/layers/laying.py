"""Reference layers brought in as the command does it, and their tiles as an outside program reads them."""

from __future__ import annotations

import gzip
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

from core.actor import Actor, command_line
from core.db.session import work
from core.layers import service, tiles
from core.layers.reading import opened
from core.layers.service import Brought
from core.layers.views import LayerOptions

TESTER = command_line("tester")
MERCATOR = Transformer.from_crs(4326, 3857, always_xy=True)
WORLD = 2 * math.pi * 6378137


def lay(path: Path, kind: Any, actor: Actor = TESTER, **options: Any) -> Brought:
    """Bring a file in."""
    wanted = LayerOptions(kind, **options)
    with opened(path, wanted) as found, work(actor) as session:
        return service.import_layer(session, found, wanted, path.name)


def save(
    path: Path,
    shapes: Sequence[Any],
    columns: Mapping[str, Sequence[Any]],
    crs: str | None = "EPSG:4490",
    **options: Any,
) -> Path:
    """Write a layer by pyogrio alone; ``None`` is a row without a shape."""
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    pyogrio.raw.write(
        path,
        geometry=np.array([None if shape is None else shapely.to_wkb(shape) for shape in shapes], dtype=object),
        field_data=[column(values) for values in columns.values()],
        fields=list(columns),
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=crs,
        **options,
    )
    return path


def column(values: Sequence[Any]) -> Any:
    numbers = all(isinstance(value, float) for value in values)
    return np.array(list(values), dtype=float if numbers else object)


def at(zoom: int, lon: float, lat: float) -> tuple[int, int, int]:
    """The tile that holds a point, by the textbook's formula."""
    north = math.asinh(math.tan(math.radians(lat)))
    return zoom, math.floor((lon + 180) / 360 * 2**zoom), math.floor((1 - north / math.pi) / 2 * 2**zoom)


def drawn(code: str, key: tuple[int, int, int]) -> list[dict[str, Any]]:
    """Features of a tile: properties, and shapes in web mercator metres; none where nothing lies."""
    with work(TESTER) as session:
        stored = tiles.find_tile(session, code, *key)
        assert stored is not None
        body = stored.body if stored.body is not None else tiles.render_tile(session, stored, *key)
    if not body:
        return []
    found = mapbox_vector_tile.decode(gzip.decompress(body), default_options={"y_coord_down": True})
    (layer,) = found.values()
    west, _south, east, north = frame(key)
    scale = (east - west) / layer["extent"]

    def placed(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([west + xy[:, 0] * scale, north - xy[:, 1] * scale])

    return [
        {**each["properties"], "shape": shapely.transform(shapely.geometry.shape(each["geometry"]), placed)}
        for each in layer["features"]
    ]


def frame(key: tuple[int, int, int]) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in web mercator metres."""
    zoom, x, y = key
    size = WORLD / 2**zoom
    west, north = -WORLD / 2 + x * size, WORLD / 2 - y * size
    return west, north - size, west + size, north


def mercator(shape: Any) -> Any:
    """A shape in degrees, in web mercator metres."""
    return shapely.transform(shape, lambda xy: np.column_stack(MERCATOR.transform(xy[:, 0], xy[:, 1])))
