from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import lattice
from gis.errors import LatticeError

longitudes = st.floats(-180, 180, allow_subnormal=False)
latitudes = st.floats(-90, 90, allow_subnormal=False)


def test_rounding_goes_up_at_the_half_on_both_sides_of_zero() -> None:
    assert lattice.quantise([[0.5e-7, -0.5e-7], [1.5e-7, -1.5e-7]]).tolist() == [[1, 0], [2, -1]]


@given(longitudes, latitudes)
def test_a_point_lies_within_half_a_unit_of_its_degrees(lon: float, lat: float) -> None:
    x, y = lattice.point(lon, lat)
    assert abs(x - lon * 1e7) <= 0.5 + 1e-6
    assert abs(y - lat * 1e7) <= 0.5 + 1e-6


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 180.1, -181.0])
def test_an_impossible_coordinate_is_named_by_its_index(bad: float) -> None:
    with pytest.raises(LatticeError, match="coordinate 1") as caught:
        lattice.quantise([[116.0, 39.0], [bad, 39.0]])
    assert caught.value.code == "coordinate_out_of_range"
    assert caught.value.params["index"] == 1


def test_a_latitude_over_the_pole_is_refused() -> None:
    with pytest.raises(LatticeError):
        lattice.point(116.0, 90.5)


def test_the_polygon_with_the_impossible_coordinate_is_named() -> None:
    good, bad = shapely.box(116, 39, 117, 40), shapely.box(116, 39, 500_000, 40)
    with pytest.raises(LatticeError, match="polygon 1") as caught:
        lattice.from_degrees([good, bad])
    assert caught.value.params["index"] == 1


def test_a_line_is_refused() -> None:
    with pytest.raises(LatticeError, match="LineString") as caught:
        lattice.from_degrees([shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)])])
    assert caught.value.code == "not_a_polygon"


def test_repeated_vertices_go_and_rings_turn_inside_left() -> None:
    shell = [(0, 0), (0, 1), (1, 1), (1, 1 + 1e-9), (1, 0), (0, 0)]
    hole = [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.4)]
    (made,) = lattice.from_degrees([shapely.Polygon(shell, [hole])])
    assert len(made.exterior.coords) == 5
    assert made.exterior.is_ccw
    assert not made.interiors[0].is_ccw


def test_what_collapses_is_dropped() -> None:
    speck = shapely.Polygon([(2, 2), (2 + 2e-8, 2), (2, 2 + 2e-8)])
    thread = shapely.Polygon([(3, 3), (4, 4), (4, 4 + 1e-8)])
    pinhole = [(0.5, 0.5), (0.5 + 1e-8, 0.5), (0.5, 0.5 + 1e-8)]
    square = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)], [pinhole])
    made = lattice.from_degrees([shapely.MultiPolygon([square, speck, thread]), speck, None])
    assert made[0].equals_exact(shapely.Polygon([(0, 0), (1e7, 0), (1e7, 1e7), (0, 1e7)]), 0)
    assert made[1].is_empty
    assert made[2].is_empty


def test_a_ring_that_returns_on_itself_collapses_but_a_bow_tie_stays_to_be_seen() -> None:
    there_and_back = shapely.Polygon([(0, 0), (1, 1), (2, 2), (1, 1), (0, 0)])
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    made = lattice.from_degrees([there_and_back, bow_tie])
    assert made[0].is_empty
    assert len(made[1].exterior.coords) == 5


def test_heights_are_dropped() -> None:
    (made,) = lattice.from_degrees([shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])])
    assert not made.has_z


rings = st.lists(st.tuples(longitudes, latitudes), min_size=3, max_size=12)


@settings(max_examples=100)
@given(st.lists(rings, min_size=1, max_size=4))
def test_degrees_survive_wkb_and_come_back_bit_for_bit(parts: list[list[tuple[float, float]]]) -> None:
    lat = lattice.from_degrees([shapely.MultiPolygon([shapely.Polygon(p) for p in parts])])
    stored = shapely.from_wkb(shapely.to_wkb(lattice.to_degrees(lat)))
    assert shapely.to_wkb(lattice.from_degrees(stored)).tolist() == shapely.to_wkb(lat).tolist()
