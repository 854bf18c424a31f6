from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import clean, coverage, lattice
from gis.errors import LatticeError
from tests.unit.gis.strategies import Tiling, tilings

METRE = 90  # lattice units, roughly


def bent(tiles: Tiling, seed: int, reach: int, lost: float) -> list[shapely.Geometry]:
    """The tiling in degrees, every polygon's vertices shaken apart from its neighbours', some rows lost."""
    rng = np.random.default_rng(seed)
    rows = tiles.polygons[rng.random(len(tiles.polygons)) >= lost]

    def shaken(ring: shapely.LinearRing) -> np.ndarray:
        corners = shapely.get_coordinates(ring)[:-1]
        return corners + rng.integers(-reach, reach + 1, corners.shape)

    def row(polygon: shapely.Geometry) -> shapely.MultiPolygon:
        parts = shapely.get_parts(polygon)
        return shapely.MultiPolygon(
            [shapely.Polygon(shaken(q.exterior), [shaken(h) for h in q.interiors]) for q in parts]
        )

    return list(lattice.to_degrees([row(p) for p in rows]))


@settings(max_examples=50)
@given(tilings, st.integers(0, 2**32 - 1), st.integers(0, 40_000), st.sampled_from([0.0, 0.3]), st.booleans())
def test_what_is_called_exact_is_exact_and_without_a_parent_all_is(
    tiles: Tiling, seed: int, reach: int, lost: float, under_parent: bool
) -> None:
    parent = tiles.outline if under_parent else None
    made = clean.clean(bent(tiles, seed, reach, lost), parent, 0.0)
    kept = made.polygons[~shapely.is_empty(made.polygons)]
    if len(kept) and (parent is None or not made.uncovered):
        assert made.exact
    if made.exact:
        assert coverage.prove(kept, made.parent).exact
        assert shapely.union_all(kept).symmetric_difference(made.parent).area == 0
        assert sum(shapely.area(kept)) == pytest.approx(made.parent.area, rel=1e-12)
    else:
        assert made.uncovered or not len(kept)


@settings(max_examples=25)
@given(tilings, st.integers(0, 2**32 - 1), st.integers(0, 3_000))
def test_with_a_wide_gap_width_the_parent_is_always_filled(tiles: Tiling, seed: int, reach: int) -> None:
    made = clean.clean(bent(tiles, seed, reach, 0.0), tiles.outline, 100_000.0)
    if shapely.is_empty(made.polygons).all():
        return
    # an outline with a neck as narrow as the lattice may be cut in two by rounding
    whole = shapely.get_num_geometries(tiles.outline) == 1 and shapely.minimum_clearance(tiles.outline) > 3
    if whole:
        assert made.exact
    # snap rounding moves no point of an edge by more than a unit
    assert made.parent.symmetric_difference(tiles.outline).area <= tiles.outline.length


@settings(max_examples=30)
@given(tilings)
def test_an_exact_layer_is_left_alone(tiles: Tiling) -> None:
    for parent in (tiles.outline, None):
        made = clean.clean(lattice.to_degrees(tiles.polygons), parent, 500.0)
        assert (made.method, made.exact, made.mended, made.left_out) == ("none", True, (), ())
        assert made.max_shift_m == 0.0
        assert not made.changed_area_m2.any()
        for before, after in zip(tiles.polygons, made.polygons, strict=True):
            assert before.equals(after)


def squares(*boxes: tuple[float, float, float, float]) -> list[shapely.Geometry]:
    """Boxes given in units of 0.01 degree (about a kilometre) near the equator, in degrees."""
    return [shapely.box(*(v / 100 for v in b)) for b in boxes]


def test_mending_alone_where_it_suffices() -> None:
    touching = shapely.Polygon([(0, 0), (0.02, 0), (0.02, 0.02), (0.01, 0.01), (0.01, 0.015), (0.01, 0.01), (0, 0.02)])
    made = clean.clean([touching, *squares((2, 0, 3, 2))])
    assert (made.method, made.mended, made.exact) == ("mended", (0,), True)


def test_the_empty_row_is_left_out_and_named() -> None:
    made = clean.clean([shapely.Polygon(), *squares((0, 0, 1, 1)), None])
    assert (made.left_out, made.exact, len(made.polygons)) == ((0, 2), True, 3)


def test_nothing_at_all_is_not_exact() -> None:
    assert not clean.clean([None]).exact


def test_an_overlap_goes_to_one_of_the_two_and_is_reported_to_the_square_metre() -> None:
    made = clean.clean(squares((0, 0, 2, 2), (1, 0, 3, 2)))
    assert (made.method, made.exact) == ("cleaned", True)
    overlap = float(clean.area_m2(lattice.from_degrees(squares((1, 0, 2, 2))))[0])
    assert made.lost_m2.sum() == pytest.approx(overlap, rel=1e-6)
    assert made.gained_m2.sum() == pytest.approx(0, abs=1)
    assert made.changed_area_m2.tolist() == (made.gained_m2 - made.lost_m2).tolist()
    assert made.max_shift_m == pytest.approx(1105 / 2, abs=15), "a strip of one unit changed hands"


def test_a_part_that_vanishes_far_away_is_no_shift() -> None:
    speck = shapely.box(0.5, 0.5, 0.500003, 0.500003)
    rows = [shapely.MultiPolygon([*squares((0, 0, 1, 1)), speck]), *squares((0.99, 0, 2, 1))]
    made = clean.clean(rows)
    assert made.exact
    assert shapely.get_num_geometries(made.polygons[0]) == 1
    assert made.max_shift_m is not None
    assert made.max_shift_m < 20


def test_a_narrow_gap_is_closed_and_a_wide_one_listed() -> None:
    around = shapely.box(0, 0, 0.1, 0.1) - shapely.box(0.01, 0.01, 0.0101, 0.02) - shapely.box(0.05, 0.05, 0.06, 0.06)
    half = [around & shapely.box(0, 0, 0.055, 0.1), around & shapely.box(0.055, 0, 0.1, 0.1)]
    parent = lattice.from_degrees(squares((0, 0, 10, 10)))[0]
    made = clean.clean(half, parent, 50.0)
    assert not made.exact
    (gap,) = made.uncovered
    assert gap.kind == "gap"
    assert gap.width_m == pytest.approx(1106, abs=5)
    assert made.gained_m2.sum() == pytest.approx(11.1 * 1106, rel=0.02)
    assert clean.clean(half, parent, 1200.0).exact


def test_what_lies_beyond_the_parent_is_cut() -> None:
    parent = lattice.from_degrees(squares((0, 0, 4, 4)))[0]
    made = clean.clean(squares((0, 0, 2, 5), (2, -1, 5, 4)), parent)
    assert (made.method, made.exact) == ("fitted", True)
    assert made.polygons[0].equals(shapely.box(0, 0, 200_000, 400_000))
    assert made.polygons[1].equals(shapely.box(200_000, 0, 400_000, 400_000))
    assert made.gained_m2.sum() == 0


def test_the_parent_keeps_its_vertices_and_gains_those_where_borders_meet_it() -> None:
    parent = shapely.Polygon([(0, 0), (400_001, 77), (390_000, 400_003), (55, 380_000)])
    made = clean.clean(squares((-1, -1, 2, 5), (2, -1, 5, 5)), parent)
    assert made.exact
    vertices = set(made.parent.exterior.coords)
    assert set(parent.exterior.coords) < vertices
    assert {x for x, _ in vertices - set(parent.exterior.coords)} == {200_000.0}
    assert made.parent.hausdorff_distance(parent) <= 1


def test_a_row_wholly_outside_is_left_out() -> None:
    parent = shapely.box(0, 0, 400_000, 400_000)
    made = clean.clean(squares((0, 0, 4, 4), (6, 6, 7, 7)), parent)
    assert (made.exact, made.left_out) == (True, (1,))


def test_impossible_coordinates_are_refused() -> None:
    with pytest.raises(LatticeError, match="polygon 0"):
        clean.clean([shapely.box(500_000, 4_000_000, 500_100, 4_000_100)])


def test_fitting_mends_slivers_and_moves_no_vertex_else() -> None:
    west = shapely.Polygon([(0, 0), (100, 0), (100, 50), (100, 100), (0, 100)])
    east = shapely.Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (101, 50)])
    parent = shapely.Polygon([(0, 0), (100, 0), (200, 0), (200, 100), (100, 100), (0, 100)])
    made = clean.fit(np.array([west, east], dtype=object), parent, 0.1)
    assert made.exact
    assert shapely.area(made.polygons).sum() == 20_000
    assert ((made.gained_m2 > 0) | (made.lost_m2 > 0)).sum() == 1
    corners = {(0, 0), (100, 0), (100, 50), (101, 50), (100, 100), (0, 100), (200, 0), (200, 100)}
    assert set(map(tuple, shapely.get_coordinates(made.polygons).tolist())) <= corners
