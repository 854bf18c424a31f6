"""Made-up reference layers fit the made-up city: roads along its borders, buildings inside its grids on dry land."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from core.demo.city import make_city
from core.demo.layers import Drawn, make_layers
from core.grids.acts import Birth
from gis.lattice import SCALE


@pytest.fixture(scope="module")
def city() -> list[Birth]:
    return make_city()


@pytest.fixture(scope="module")
def layers(city: list[Birth]) -> dict[str, Drawn]:
    return {layer.kind: layer for layer in make_layers(city)}


def outlines(city: list[Birth], level: str) -> np.ndarray:
    whole = np.array([grid.polygon for grid in city if grid.level == level], dtype=object)
    return np.asarray(shapely.transform(whole, lambda xy: xy / SCALE))


def test_roads_are_the_borders_of_the_grids_and_each_is_there_once(city: list[Birth], layers: dict[str, Drawn]) -> None:
    grids, (whole,) = outlines(city, "grid"), outlines(city, "city")
    borders = (shapely.length(grids).sum() + whole.length) / 2
    assert shapely.length(layers["roads"].shapes).sum() == pytest.approx(borders, rel=1e-9)


def test_the_ring_road_goes_round_the_city(city: list[Birth], layers: dict[str, Drawn]) -> None:
    roads = layers["roads"]
    ring = [shape for shape, name in zip(roads.shapes, roads.names, strict=True) if name == "环城路"]
    (whole,) = outlines(city, "city")
    assert shapely.length(ring).sum() == pytest.approx(whole.length, rel=1e-9)


def test_roads_between_counties_rank_highest_inside(city: list[Birth], layers: dict[str, Drawn]) -> None:
    roads = layers["roads"]
    first = shapely.union_all([s for s, klass in zip(roads.shapes, roads.classes, strict=True) if klass == "primary"])
    counties = outlines(city, "county")
    middle = shapely.line_interpolate_point(shapely.get_parts(first)[0], 0.5, normalized=True)
    assert (shapely.distance(counties, middle) < 1e-9).sum() == 2


def test_buildings_stand_inside_a_micro_grid_and_in_no_water(city: list[Birth], layers: dict[str, Drawn]) -> None:
    buildings, water = layers["buildings"].shapes, shapely.union_all(layers["water"].shapes)
    tree = shapely.STRtree(outlines(city, "micro"))
    standing, _cells = tree.query(buildings, predicate="covered_by")
    assert sorted(standing.tolist()) == list(range(len(buildings)))
    assert not shapely.intersects(water, buildings).any()
    assert len(buildings) == len(layers["housenumbers"].shapes) > 3000


def test_the_same_city_has_the_same_layers(city: list[Birth], layers: dict[str, Drawn]) -> None:
    for layer in make_layers(city):
        assert shapely.equals_exact(layer.shapes, layers[layer.kind].shapes).all()
