from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis import coverage
from tests.unit.gis.strategies import ORIGIN, Tiling, tilings


@settings(max_examples=60)
@given(tilings)
def test_a_tiling_is_proven_with_and_without_its_parent(tiles: Tiling) -> None:
    for parent in (tiles.outline, None):
        proof = coverage.prove(tiles.polygons, parent)
        assert proof.exact
        assert (proof.unmatched, proof.invalid) == (0, ())


@settings(max_examples=100)
@given(tilings, st.data())
def test_one_vertex_of_one_cell_moved_is_always_found(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    cell = tiles.polygons[index]
    vertex = data.draw(st.sampled_from(sorted(set(map(tuple, shapely.get_coordinates(cell).tolist())))))
    step = data.draw(st.tuples(st.integers(-3, 3), st.integers(-3, 3)).filter(lambda s: s != (0, 0)))

    def moved(xy: np.ndarray) -> np.ndarray:
        return np.where((xy == vertex).all(axis=1)[:, None], xy + step, xy)

    bent = tiles.polygons.copy()
    bent[index] = shapely.transform(cell, moved)
    assert not coverage.prove(bent, tiles.outline).exact
    assert not coverage.is_replacement(tiles.polygons, bent)


@settings(max_examples=40)
@given(tilings, st.data())
def test_a_missing_and_a_doubled_cell_are_found(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    fewer = np.delete(tiles.polygons, index)
    more = np.append(tiles.polygons, tiles.polygons[index : index + 1])
    assert not coverage.prove(fewer, tiles.outline).exact
    assert not coverage.prove(more, tiles.outline).exact
    assert not coverage.prove(more).exact


@settings(max_examples=40)
@given(tilings, st.integers(1, 3))
def test_a_merge_is_a_replacement(tiles: Tiling, into: int) -> None:
    assume(len(tiles.polygons) > into)
    group = np.arange(len(tiles.polygons)) % into
    merged = [shapely.union_all(tiles.polygons[group == g]) for g in range(into)]
    assert coverage.is_replacement(tiles.polygons, merged)
    assert coverage.is_replacement(merged, tiles.polygons)


@pytest.mark.parametrize(
    ("wkt", "valid"),
    [
        ("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))", True),
        ("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (0 0, 2 1, 1 2, 0 0))", True),
        ("MULTIPOLYGON (((0 0, 2 0, 2 2, 0 0)), ((2 2, 4 2, 4 4, 2 2)))", True),
        ("POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))", False),
        ("POLYGON ((0 0, 4 0, 4 4, 4 9, 4 4, 0 4, 0 0))", False),
        ("MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), ((0 0, 4 0, 4 4, 0 0)))", False),
        ("POLYGON EMPTY", False),
        ("LINESTRING (0 0, 1 1)", False),
    ],
)
def test_validity(wkt: str, valid: bool) -> None:
    assert coverage.is_valid([shapely.from_wkt(wkt)]).tolist() == [valid]


def test_a_spike_that_no_chain_can_see_is_invalid() -> None:
    spiked = shapely.Polygon([(0, 0), (4, 0), (4, 4), (4, 9), (4, 4), (0, 4)])
    proof = coverage.prove([spiked], shapely.box(0, 0, 4, 4))
    assert (proof.unmatched, proof.invalid, proof.exact) == (0, (0,), False)


def test_an_empty_or_missing_polygon_is_invalid() -> None:
    square = shapely.box(*ORIGIN.tolist(), *(ORIGIN + 5).tolist())
    assert coverage.prove([square, shapely.Polygon(), None], square).invalid == (1, 2)


def test_nothing_is_no_coverage() -> None:
    assert not coverage.prove([]).exact
    assert not coverage.prove([], shapely.box(0, 0, 1, 1)).exact


def test_an_invalid_parent_proves_nothing() -> None:
    twice = shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(0, 0, 2, 2)])
    assert not coverage.prove([shapely.box(0, 0, 2, 2), shapely.box(0, 0, 2, 2)], twice).exact


def test_without_a_parent_a_lake_is_part_of_the_outline() -> None:
    around = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    assert coverage.prove([around]).exact
    assert not coverage.prove([around], shapely.box(0, 0, 9, 9)).exact


def test_a_cell_within_another_has_no_outline() -> None:
    proof = coverage.prove([shapely.box(0, 0, 9, 9), shapely.box(3, 3, 6, 6)])
    assert (proof.exact, proof.unmatched) == (False, 8)


def test_a_replacement_must_be_valid() -> None:
    square, spiked = (
        shapely.box(0, 0, 4, 4),
        shapely.Polygon([(0, 0), (4, 0), (4, 4), (4, 9), (4, 4), (0, 4)]),
    )
    assert not coverage.is_replacement([square], [spiked])
    assert not coverage.is_replacement([square], [square, shapely.Polygon()])
