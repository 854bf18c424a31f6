"""Tiles of a real city: what the counties leave uncancelled is exactly the city's own outline, at every zoom."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import mapbox_vector_tile
import pytest

from core.db.session import WorkSession, work
from core.grids.imports import importing
from core.grids.imports.draft import ImportOptions
from core.grids.tiles import TileKey, render_ahead, render_tile
from core.intake.reading import read
from tests.integration.grids.planting import TESTER
from tests.integration.grids.test_tiles import rings

Edge = tuple[tuple[int, int], tuple[int, int]]


def inner_edges(session: WorkSession, version: int, key: TileKey) -> Counter[Edge]:
    """Edges of the tile's polygons that lie inside it, each less its reverse."""
    body = render_tile(session, version, key)
    if not body:
        return Counter()
    layer = mapbox_vector_tile.decode(gzip.decompress(body), default_options={"y_coord_down": True}).get("grid")
    edges: Counter[Edge] = Counter()
    for ring in rings(layer) if layer else ():
        for a, b in pairwise(ring):
            if all(0 < value < layer["extent"] for value in (*a, *b)):
                edges[a, b] += 1
                edges[b, a] -= 1
    return +edges


@pytest.mark.real
def test_counties_meet_without_slivers(database: str, real_data: Callable[[str], Path]) -> None:
    layers = (
        ("admin/langfang_city_tianditu_4490.geojson", ImportOptions(level="city")),
        ("admin/langfang_counties_tianditu_4490.geojson", ImportOptions(level="county", parent="131000")),
    )
    for name, options in layers:
        layer = read(real_data(name), options)
        with work(TESTER) as session:
            importing.apply(session, importing.prepare(session, layer, options))
    frontier = [TileKey(0, 0, 0)]
    seen: list[TileKey] = []
    with work(TESTER) as session:
        while frontier:
            seen.append(frontier[-1])
            frontier = render_ahead(session, 2, frontier, most=1)
        compared = 0
        for key in seen:
            left = inner_edges(session, 2, key)
            assert left == inner_edges(session, 1, key), key
            compared += sum(left.values())
    assert compared > 1000
