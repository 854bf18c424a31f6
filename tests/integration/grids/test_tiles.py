"""Grid tiles on a planted city: what stands in them, that borders meet, and how the store keeps them."""

from __future__ import annotations

import datetime as dt
import gzip
import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import mapbox_vector_tile
import pytest
from sqlalchemy import text

from core.db.session import reading, work
from core.grids.tiles import (
    Rendered,
    TileKey,
    find_tile,
    is_tile,
    levels_by_zoom,
    nearest_level,
    render_ahead,
    render_tile,
)
from tests.integration.grids.planting import FIRST_DAY, SOUTH, TESTER, WEST, node, plant, record_change, rename

SECOND_DAY = FIRST_DAY + dt.timedelta(days=10)


@pytest.fixture(autouse=True)
def _city(database: str) -> None:
    plant()


def tile_at(zoom: int, east: float, north: float) -> TileKey:
    """The tile that holds a point, given from the city's corner; by the textbook's formula."""
    lon, lat = WEST + east, math.radians(SOUTH + north)
    return TileKey(
        zoom,
        math.floor((lon + 180) / 360 * 2**zoom),
        math.floor((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * 2**zoom),
    )


def decoded(key: TileKey, version: int = 1) -> dict[str, Any]:
    with work(TESTER) as session:
        body = render_tile(session, version, key)
    found: dict[str, Any] = mapbox_vector_tile.decode(gzip.decompress(body), default_options={"y_coord_down": True})
    return found


def codes(layer: dict[str, Any]) -> list[str]:
    return sorted(feature["properties"]["code"] for feature in layer["features"])


def rings(layer: dict[str, Any]) -> Iterator[list[tuple[int, int]]]:
    for feature in layer["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        for polygon in polygons:
            for ring in polygon:
                yield [(x, y) for x, y in ring]


def test_a_tile_carries_id_code_name_level_and_nothing_else() -> None:
    tile = decoded(tile_at(9, 0.1, 0.1))
    assert set(tile) == {"grid", "label"}
    for layer in tile.values():
        for feature in layer["features"]:
            assert set(feature["properties"]) == {"id", "code", "name", "level"}
    assert {f["properties"]["name"] for f in tile["grid"]["features"]} == {"西县", "东县"}


@pytest.mark.parametrize(
    ("zoom", "expected"),
    [
        (7, ["139901", "139902"]),
        (9, ["139901", "139902"]),
        (10, ["139901001", "139901002", "139902"]),
        (12, ["139901001001", "139901002001"]),
        (14, ["139901001001", "139901002001"]),
    ],
)
def test_the_level_follows_the_zoom_and_bare_branches_show_their_last_level(zoom: int, expected: list[str]) -> None:
    tile = decoded(tile_at(zoom, 0.1, 0.05 if zoom > 11 else 0.2))
    assert set(expected) <= set(codes(tile["grid"]))
    assert tile["grid"]["extent"] == (4096 if zoom >= 13 else 1024)


def test_the_bare_county_is_served_at_every_zoom() -> None:
    for zoom in (9, 10, 12, 13, 14):
        assert codes(decoded(tile_at(zoom, 0.35, 0.2))["grid"])[-1] == "139902", zoom


def test_each_label_stands_in_one_tile_at_its_point() -> None:
    key = tile_at(12, 0.05, 0.05)
    around = [TileKey(12, key.x + dx, key.y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    counts = Counter(code for tile in around for code in codes(decoded(tile).get("label", {"features": []})))
    assert counts["139901001001"] == 1
    assert codes(decoded(key)["label"]) == ["139901001001"]


def test_neighbours_meet_on_the_tiles_lattice() -> None:
    """Every inner edge is run once each way: no sliver, no overlap, at any zoom."""
    lon, lat = node(1, 2)
    for zoom in (10, 11, 12, 13, 14):
        layer = decoded(tile_at(zoom, lon - WEST, lat - SOUTH))["grid"]
        inside = layer["extent"]
        edges: Counter[tuple[tuple[int, int], tuple[int, int]]] = Counter()
        for ring in rings(layer):
            for a, b in pairwise(ring):
                edges[a, b] += 1
                edges[b, a] -= 1
        left = [edge for edge, n in edges.items() if n]
        seen = [(a, b) for a, b in left if all(0 < value < inside for value in (*a, *b))]
        assert seen == [], f"edges without their reverse inside the tile at {zoom}"
        assert sum(1 for n in edges.values() if n == 0) > 0, "the tile shows an inner border"


def test_exterior_rings_run_as_the_format_asks() -> None:
    for ring in rings(decoded(tile_at(12, 0.1, 0.05))["grid"]):
        twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring))
        assert twice > 0, "positive by the surveyor's formula with y down"


def test_far_away_a_tile_is_empty_and_remembered() -> None:
    key = TileKey(12, 0, 0)
    with work(TESTER) as session:
        assert render_tile(session, 1, key) == b""
    with reading(TESTER) as session:
        assert find_tile(session, 1, key) == Rendered(1, b"")


@pytest.mark.parametrize("key", [TileKey(0, 0, 0), TileKey(1, 0, 0), TileKey(1, 1, 0), TileKey(2, 3, 1)])
def test_tiles_at_the_edge_of_the_world_render(key: TileKey) -> None:
    with work(TESTER) as session:
        body = render_tile(session, 1, key)
    assert bool(body) == (key in {TileKey(0, 0, 0), TileKey(1, 1, 0), TileKey(2, 3, 1)})


def test_the_store_serves_every_later_version_until_the_tile_is_marked() -> None:
    key, other = tile_at(9, 0.3, 0.2), tile_at(9, 5.0, 5.0)
    first = decoded(key)
    decoded_other = None
    with work(TESTER) as session:
        decoded_other = render_tile(session, 1, other)
    rename("139902", "滨海县", 2, SECOND_DAY, all_tiles=False)
    with work(TESTER) as session:
        session.execute(text("insert into core.tile values ('grid', :z, :x, :y, 2, null)"), key._asdict())
    with reading(TESTER) as session:
        assert find_tile(session, 2, key) == Rendered(2, None)
        assert find_tile(session, 2, other) == Rendered(1, decoded_other)
        old = find_tile(session, 1, key)
    assert old is not None
    assert old.body is not None
    second = decoded(key, 2)
    names = {f["properties"]["name"] for f in second["grid"]["features"]}
    assert names == {"西县", "滨海县"}
    assert {f["properties"]["name"] for f in first["grid"]["features"]} == {"西县", "东县"}
    with reading(TESTER) as session:
        kept = find_tile(session, 2, key)
    assert kept is not None
    assert kept.version == 2
    assert kept.body


def test_a_change_of_everything_makes_all_older_tiles_stale() -> None:
    key = tile_at(9, 0.3, 0.2)
    decoded(key)
    rename("139902", "滨海县", 2, SECOND_DAY, all_tiles=True)
    with reading(TESTER) as session:
        assert find_tile(session, 2, key) == Rendered(2, None)


def test_an_unknown_version_is_unknown() -> None:
    with reading(TESTER) as session:
        assert find_tile(session, 2, TileKey(0, 0, 0)) is None
        assert find_tile(session, 0, TileKey(0, 0, 0)) == Rendered(0, None)


def test_two_who_render_at_once_both_succeed_and_the_first_stays() -> None:
    key = tile_at(9, 0.3, 0.2)
    with work(TESTER) as session:
        first = render_tile(session, 1, key)
    with work(TESTER) as session:
        assert render_tile(session, 1, key) == first
        assert session.scalar(text("select count(*) from core.tile")) == 1


def test_render_ahead_fills_the_store_in_steps() -> None:
    frontier = [TileKey(0, 0, 0)]
    steps = 0
    while frontier:
        with work(TESTER) as session:
            frontier = render_ahead(session, 1, frontier, most=40)
        steps += 1
    with reading(TESTER) as session:
        zooms = session.execute(text("select z, count(*) from core.tile where body <> '' group by z order by z")).all()
        rendered = session.scalar(text("select count(*) from core.tile"))
    expected = {}
    for zoom in range(13):
        west, north = tile_at(zoom, -1e-6, 0.4 + 1e-6)[1:]
        east, south = tile_at(zoom, 0.4 + 1e-6, -1e-6)[1:]
        expected[zoom] = (east - west + 1) * (south - north + 1)
    found = {row[0]: row[1] for row in zooms}
    assert set(found) == set(range(13))
    for zoom, least in expected.items():
        assert least <= found[zoom] <= least + 2 * (2 ** max(zoom - 8, 0) + 2) * 2, zoom
    assert steps >= math.floor((rendered or 0) / 40)


def test_render_ahead_of_an_unknown_version_does_nothing() -> None:
    with work(TESTER) as session:
        assert render_ahead(session, 9) == []
        assert session.scalar(text("select count(*) from core.tile")) == 0


def test_a_version_with_no_grid_renders_empty() -> None:
    with work(TESTER) as session:
        record_change(session, 2, SECOND_DAY, all_tiles=True)
        session.execute(text("update core.coverage set version = 2"))
        assert render_tile(session, 0, TileKey(0, 0, 0)) == b""


@pytest.mark.parametrize(
    ("wanted", "existing", "served"),
    [
        ("county", ["city", "county"], "county"),
        ("grid", ["city", "county"], "county"),
        ("county", ["city", "street"], "street"),
        ("street", ["city", "county", "community"], "county"),
        ("county", ["city"], "city"),
        ("community", ["city", "street", "micro"], "street"),
    ],
)
def test_the_nearest_level_is_served(wanted: str, existing: list[str], served: str) -> None:
    assert nearest_level(wanted, existing) == served


def test_levels_by_zoom_say_what_is_served() -> None:
    assert levels_by_zoom(["city", "county", "community"]) == [
        (9, "county"), (11, "county"), (13, "community"), (14, "community"),
    ]  # fmt: skip
    assert levels_by_zoom([]) == []


@pytest.mark.parametrize(
    ("key", "possible"),
    [
        (TileKey(0, 0, 0), True),
        (TileKey(14, 2**14 - 1, 0), True),
        (TileKey(15, 0, 0), False),
        (TileKey(3, 8, 0), False),
        (TileKey(3, 0, 8), False),
    ],
)
def test_only_tiles_of_the_scheme_exist(key: TileKey, possible: bool) -> None:
    assert is_tile(key) is possible
