"""Micro-grids in the tiles: below their grid from zoom 14, with their names."""

from __future__ import annotations

import gzip
from typing import Any

import mapbox_vector_tile
import pytest

from core.db.session import work
from core.grids.tiles import MOST_ZOOM, TileKey, render_tile
from tests.integration.grids.planting import SOUTH, TESTER, WEST, Box, micro_city, outline, plant
from tests.integration.grids.test_tiles import tile_at


@pytest.fixture(autouse=True)
def _city(database: str) -> None:
    plant(micro_city())


def decoded(key: TileKey) -> dict[str, Any]:
    with work(TESTER) as session:
        found: dict[str, Any] = mapbox_vector_tile.decode(gzip.decompress(render_tile(session, 1, key)))
    return found


def names(tile: dict[str, Any], layer: str) -> set[tuple[str, str]]:
    features = tile.get(layer, {"features": []})["features"]
    return {(feature["properties"]["level"], feature["properties"]["name"]) for feature in features}


def test_the_deepest_tile_has_the_grid_and_its_micro_grids() -> None:
    assert names(decoded(tile_at(MOST_ZOOM, 0.05, 0.2)), "grid") == {("grid", "一网格"), ("micro", "柳树巷微网格")}


def test_tiles_above_have_no_micro_grid() -> None:
    assert names(decoded(tile_at(MOST_ZOOM - 1, 0.05, 0.2)), "grid") == {("grid", "一网格")}


def test_a_grid_that_is_not_cut_stands_alone() -> None:
    assert names(decoded(tile_at(MOST_ZOOM, 0.35, 0.2)), "grid") == {("grid", "二网格")}


def test_the_name_of_a_micro_grid_stands_at_its_label() -> None:
    middle = plant_label("139900-01-02")
    assert ("micro", "水塔院微网格") in names(decoded(tile_at(MOST_ZOOM, *middle)), "label")


def plant_label(code: str) -> tuple[float, float]:
    """Where the label was planted, from the corner of the city."""

    def all_of(box: Box) -> dict[str, Box]:
        return {box.code: box} | {key: value for below in box.children for key, value in all_of(below).items()}

    point = outline(all_of(micro_city())[code]).centroid
    return point.x - WEST, point.y - SOUTH
