"""After each kind of change the store's tiles are those of a full rendering, and most of them were kept."""

from __future__ import annotations

import gzip
import math
from collections.abc import Mapping
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from shapely.geometry import shape

from core.db.session import WorkSession, work
from core.grids.reading import coverage_version
from core.grids.tiles import TileKey, find_tile, render_tile
from tests.integration.grids.plans import run
from tests.integration.grids.planting import SOUTH, TESTER, WEST, node, plant

ZOOMS = (0, 5, 8, 9, 10, 11, 12, 13, 14)
EAST, NORTH = WEST + 0.4, SOUTH + 0.4
CHANGES: tuple[Mapping[str, Any], ...] = (
    {"op": "split", "grid": "139901001001", "line": [[115.99, 39.05], [116.12, 39.05]]},
    {"op": "move_vertex", "from": node(1, 2), "to": (116.11, 39.21)},
    {"op": "merge", "grids": ["139901002003", "139901002004"]},
    {"op": "rename", "grid": "139901001", "name": "东关街道"},
    {"op": "recode", "grid": "139901002001", "code": "139901002009"},
    {"op": "move", "grid": "139901002009", "parent": "139901001"},
    {"op": "carve", "from": ["139902"], "name": "园区", "polygon": {
        "type": "Polygon", "coordinates": [[[116.3, 39.1], [116.33, 39.1], [116.33, 39.13], [116.3, 39.1]]]}},
)  # fmt: skip


def keys() -> list[TileKey]:
    """All tiles of the city, and those around it in which its border is drawn."""
    found = []
    for zoom in ZOOMS:
        (west, north), (east, south) = tile(zoom, WEST, NORTH), tile(zoom, EAST, SOUTH)
        for x in range(max(0, west - 1), min(2**zoom - 1, east + 1) + 1):
            found += [TileKey(zoom, x, y) for y in range(max(0, north - 1), min(2**zoom - 1, south + 1) + 1)]
    return found


def tile(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    """By the textbook's formula."""
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return math.floor((lon + 180) / 360 * 2**zoom), math.floor(row)


def told(body: bytes) -> dict[str, list[Any]]:
    """What a tile shows, without the order of features and where rings begin."""
    if not body:
        return {}
    layers = mapbox_vector_tile.decode(gzip.decompress(body), default_options={"y_coord_down": True})
    return {
        name: sorted(
            (sorted(feature["properties"].items()), shapely.normalize(shape(feature["geometry"])).wkt)
            for feature in layer["features"]
        )
        for name, layer in layers.items()
    }


def kept_or_rendered(session: WorkSession, version: int, key: TileKey) -> tuple[bytes, bool]:
    """A tile as the pages get it, and whether it had to be rendered."""
    stored = find_tile(session, version, key)
    assert stored is not None
    if stored.body is not None:
        return stored.body, False
    return render_tile(session, stored.version, key), True


def fresh(session: WorkSession, version: int, key: TileKey) -> bytes:
    """The tile rendered from the shapes of a version, whatever the store has."""
    aside = session.begin_nested()
    body = render_tile(session, version, key)
    aside.rollback()
    return body


@pytest.mark.usefixtures("database")
def test_the_tiles_after_each_change_are_those_of_a_full_rendering() -> None:
    plant()
    city = keys()
    with work(TESTER) as session:
        for key in city:
            kept_or_rendered(session, 1, key)
    for change in CHANGES:
        run("139900", change)
        with work(TESTER, statement_timeout_s=0) as session:
            version = coverage_version(session)
            found = {key: kept_or_rendered(session, version, key) for key in city}
            wrong = [key for key in city if told(found[key][0]) != told(fresh(session, version, key))]
        assert wrong == [], change
        rendered = sum(anew for _body, anew in found.values())
        assert 0 < rendered < len(city) / 2, change
