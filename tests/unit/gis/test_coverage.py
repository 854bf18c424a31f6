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


def kinds(found: list[coverage.Defect]) -> list[tuple[str, tuple[int, ...]]]:
    return sorted((d.kind, d.members) for d in found)


def square(x: int, y: int, width: int, height: int) -> shapely.Polygon:
    """A box in thousands of lattice units (11 m) at the equator's zero."""
    return shapely.box(1000 * x, 1000 * y, 1000 * (x + width), 1000 * (y + height))


THOUSAND = 11.132  # metres of longitude in a thousand units at the equator


@settings(max_examples=40)
@given(tilings)
def test_a_tiling_has_no_defects_but_tiny_parts_under_its_parent(tiles: Tiling) -> None:
    assert {d.kind for d in coverage.defects(tiles.polygons, tiles.outline)} <= {"tiny_part"}


@settings(max_examples=60)
@given(tilings, st.data())
def test_what_is_not_exact_has_a_defect(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    step = data.draw(st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
    bent = tiles.polygons.copy()
    bent[index] = shapely.transform(bent[index], lambda xy: xy + step)
    for parent in (tiles.outline, None):
        if not coverage.prove(bent, parent).exact:
            assert [d for d in coverage.defects(bent, parent) if d.kind != "tiny_part"]


def test_an_overlap_is_a_pair_with_its_size_and_place() -> None:
    found = coverage.defects([square(0, 0, 100, 100), square(90, 0, 100, 100)])
    (overlap,) = [d for d in found if d.kind == "overlap"]
    assert overlap.members == (0, 1)
    assert overlap.area_m2 == pytest.approx(10 * THOUSAND * 100 * 11.0574, rel=1e-3)
    assert overlap.width_m == pytest.approx(10 * THOUSAND, rel=0.01)
    assert overlap.geometry.equals(square(90, 0, 10, 100))
    assert 0.009 < (overlap.lon or 0) < 0.01


def test_overlaps_of_pairs_inside_a_larger_overlap_are_all_named() -> None:
    halves = [square(0, 0, 50, 100), square(50, 0, 50, 100)]
    found = coverage.defects([*halves, square(20, 20, 60, 60)])
    assert [k for k in kinds(found) if k[0] == "overlap"] == [("overlap", (0, 2)), ("overlap", (1, 2))]


def test_gap_missing_and_outside() -> None:
    parent = square(0, 0, 100, 100)
    holed = square(0, 0, 100, 80) - square(40, 40, 10, 10)
    found = coverage.defects([holed, square(90, 80, 20, 20)], parent)
    assert [k for k in kinds(found) if k[0] != "unnoded"] == [
        ("gap", (0,)), ("missing", (0, 1)), ("outside", (1,)),
    ]  # fmt: skip
    size = {d.kind: d.geometry.area / 1e6 for d in found if d.geometry is not None}
    assert size == {"gap": 100, "missing": 90 * 20, "outside": 200}


def test_a_lake_of_the_parent_is_no_gap() -> None:
    around = square(0, 0, 9, 9) - square(3, 3, 3, 3)
    assert coverage.defects([around], around) == []
    assert [d.kind for d in coverage.defects([around])] == ["gap"]


def test_up_to_one_square_metre_is_a_sliver() -> None:
    found = coverage.defects([shapely.box(0, 0, 1000, 1000), shapely.box(995, 0, 2000, 1000)])
    assert [(d.kind, d.detail) for d in found if d.kind != "unnoded"] == [("sliver", "overlap")]


def test_a_border_without_common_vertices_is_unnoded_not_a_gap() -> None:
    found = coverage.defects([square(0, 0, 10, 10), square(10, 0, 10, 4), square(10, 4, 10, 6)])
    assert {d.kind for d in found} == {"unnoded"}
    assert {0} < {m for d in found for m in d.members}
    assert (found[0].lon, found[0].lat) == (0.001, 0.0004)


def test_invalid_empty_duplicate_and_tiny() -> None:
    spiked = shapely.Polygon([(0, 0), (9000, 0), (9000, 9000), (9000, 20_000), (9000, 9000), (0, 9000)])
    island = shapely.MultiPolygon([square(30, 0, 5, 5), shapely.box(60_000, 0, 60_100, 100)])
    found = coverage.defects([spiked, shapely.Polygon(), island, island, None])
    assert kinds([d for d in found if d.kind != "overlap"]) == [
        ("duplicate", (2, 3)), ("empty", (1,)), ("empty", (4,)), ("invalid", (0,)),
        ("tiny_part", (2,)), ("tiny_part", (3,)),
    ]  # fmt: skip
    (invalid,) = [d for d in found if d.kind == "invalid"]
    assert (invalid.detail, invalid.lon) == ("Self-intersection", pytest.approx(0.0009))
    assert [d.area_m2 for d in found if d.kind == "tiny_part"] == [pytest.approx(1.23, abs=0.01)] * 2
