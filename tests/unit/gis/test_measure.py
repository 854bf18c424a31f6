from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from gis import lattice, measure


def in_degrees(*rings: list[tuple[float, float]]) -> object:
    return lattice.from_degrees([shapely.Polygon(rings[0], rings[1:])])


def test_one_degree_square_at_the_equator() -> None:
    # the figure of GeographicLib's Planimeter for WGS 84, whose minor axis differs by 0.1 mm
    square = in_degrees([(0, 0), (1, 0), (1, 1), (0, 1)])
    assert measure.area_m2(square)[0] == pytest.approx(12_308_778_361.469, abs=0.5)


def test_the_whole_octant_is_an_eighth_of_the_ellipsoid() -> None:
    e = math.sqrt(2 / 298.257222101 - 1 / 298.257222101**2)
    surface = 2 * math.pi * 6378137**2 * (1 + (1 - e * e) / e * math.atanh(e))
    octant = in_degrees([(0, 0), (90, 0), (0, 90)])
    assert measure.area_m2(octant)[0] == pytest.approx(surface / 8, rel=1e-9)


def test_holes_are_taken_off_and_the_empty_is_nothing() -> None:
    shell, hole = [(116, 39), (117, 39), (117, 40), (116, 40)], [(116.4, 39.4), (116.6, 39.4), (116.6, 39.6)]
    whole, cut = measure.area_m2(in_degrees(shell))[0], measure.area_m2(in_degrees(shell, hole))[0]
    assert whole - cut == pytest.approx(measure.area_m2(in_degrees(hole))[0], rel=1e-12)
    assert measure.area_m2([shapely.Polygon(), None]).tolist() == [0.0, 0.0]


def test_parts_add_up() -> None:
    west, east = shapely.box(0, 0, 1e7, 1e7), shapely.box(2e7, 0, 3e7, 1e7)
    both = measure.area_m2([shapely.MultiPolygon([west, east])])[0]
    assert both == pytest.approx(measure.area_m2(np.array([west, east])).sum(), rel=1e-12)


def test_a_quarter_meridian_is_ten_thousand_kilometres() -> None:
    line = shapely.LineString([(0, 0), (0, 900_000_000)])
    assert measure.length_m([line])[0] == pytest.approx(10_001_965.729, abs=0.01)  # EPSG Guidance Note 7-2


@pytest.mark.parametrize("latitude", [0, 39.5, 60])
def test_the_width_of_a_strip_is_the_same_in_both_directions(latitude: float) -> None:
    east, north = measure.metres_per_unit(latitude)
    y = latitude * 1e7
    wide = round(200 / east), round(20 / north)
    high = round(20 / east), round(200 / north)
    for dx, dy in (wide, high):
        assert measure.width_m(shapely.box(0, y, dx, y + dy)) == pytest.approx(20, rel=0.002)


def test_the_width_is_that_of_the_widest_part() -> None:
    parts = [shapely.box(0, 0, 100, 100), shapely.box(1000, 1000, 3000, 3000)]
    alone = measure.width_m(parts[1])
    assert measure.width_m(shapely.MultiPolygon(parts)) == pytest.approx(alone, rel=1e-6)
    assert measure.width_m(shapely.Polygon()) == 0.0


@pytest.mark.parametrize("latitude", [0, 39.5, 60])
def test_a_place_of_a_strip_lies_half_its_width_deep_at_most(latitude: float) -> None:
    east, north = measure.metres_per_unit(latitude)
    y = latitude * 1e7
    strip = shapely.box(0, y, round(4000 / east), y + round(429 / north))
    thin = shapely.box(0, y, round(9000 / east), y + round(2 / north))
    assert measure.depth_m(np.array([thin, strip, shapely.Polygon()])) == pytest.approx(214.5, rel=0.02)
    assert measure.depth_m(np.array([thin])) == pytest.approx(1, rel=0.02)


def test_nothing_has_no_depth() -> None:
    assert measure.depth_m(np.array([], dtype=object)) == 0.0
    assert measure.depth_m(np.array([shapely.Polygon()])) == 0.0


def test_the_depth_of_a_disc_is_its_radius() -> None:
    disc = shapely.Point(0, 0).buffer(1e5, quad_segs=64)
    metres = float(np.min(measure.metres_per_unit(0))) * 1e5
    assert measure.depth_m(np.array([disc])) == pytest.approx(metres, rel=0.02)
