from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import coverage, defects
from tests.unit.gis.strategies import Tiling, tilings


def kinds(found: list[defects.Defect]) -> list[tuple[str, tuple[int, ...]]]:
    return sorted((d.kind, d.members) for d in found)


def square(x: int, y: int, width: int, height: int) -> shapely.Polygon:
    """A box in thousands of lattice units (11 m) at the equator's zero."""
    return shapely.box(1000 * x, 1000 * y, 1000 * (x + width), 1000 * (y + height))


THOUSAND = 11.132  # metres of longitude in a thousand units at the equator


@settings(max_examples=40)
@given(tilings)
def test_a_tiling_has_no_defects_but_tiny_parts_under_its_parent(tiles: Tiling) -> None:
    assert {d.kind for d in defects.defects(tiles.polygons, tiles.outline)} <= {"tiny_part"}


@settings(max_examples=60)
@given(tilings, st.data())
def test_what_is_not_exact_has_a_defect(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    step = data.draw(st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
    bent = tiles.polygons.copy()
    bent[index] = shapely.transform(bent[index], lambda xy: xy + step)
    for parent in (tiles.outline, None):
        if not coverage.prove(bent, parent).exact:
            assert [d for d in defects.defects(bent, parent) if d.kind != "tiny_part"]


def test_an_overlap_is_a_pair_with_its_size_and_place() -> None:
    found = defects.defects([square(0, 0, 100, 100), square(90, 0, 100, 100)])
    (overlap,) = [d for d in found if d.kind == "overlap"]
    assert overlap.members == (0, 1)
    assert overlap.area_m2 == pytest.approx(10 * THOUSAND * 100 * 11.0574, rel=1e-3)
    assert overlap.width_m == pytest.approx(10 * THOUSAND, rel=0.01)
    assert overlap.geometry.equals(square(90, 0, 10, 100))
    assert 0.009 < (overlap.lon or 0) < 0.01


def test_overlaps_of_pairs_inside_a_larger_overlap_are_all_named() -> None:
    halves = [square(0, 0, 50, 100), square(50, 0, 50, 100)]
    found = defects.defects([*halves, square(20, 20, 60, 60)])
    assert [k for k in kinds(found) if k[0] == "overlap"] == [("overlap", (0, 2)), ("overlap", (1, 2))]


def test_gap_missing_and_outside() -> None:
    parent = square(0, 0, 100, 100)
    holed = square(0, 0, 100, 80) - square(40, 40, 10, 10)
    found = defects.defects([holed, square(90, 80, 20, 20)], parent)
    assert [k for k in kinds(found) if k[0] != "unnoded"] == [
        ("gap", (0,)), ("missing", (0, 1)), ("outside", (1,)),
    ]  # fmt: skip
    size = {d.kind: d.geometry.area / 1e6 for d in found if d.geometry is not None}
    assert size == {"gap": 100, "missing": 90 * 20, "outside": 200}


def test_a_lake_of_the_parent_is_no_gap() -> None:
    around = square(0, 0, 9, 9) - square(3, 3, 3, 3)
    assert defects.defects([around], around) == []
    assert [d.kind for d in defects.defects([around])] == ["gap"]


def test_up_to_one_square_metre_is_a_sliver() -> None:
    found = defects.defects([shapely.box(0, 0, 1000, 1000), shapely.box(995, 0, 2000, 1000)])
    assert [(d.kind, d.detail) for d in found if d.kind != "unnoded"] == [("sliver", "overlap")]


def test_a_border_without_common_vertices_is_unnoded_not_a_gap() -> None:
    found = defects.defects([square(0, 0, 10, 10), square(10, 0, 10, 4), square(10, 4, 10, 6)])
    assert {d.kind for d in found} == {"unnoded"}
    assert {0} < {m for d in found for m in d.members}
    assert (found[0].lon, found[0].lat) == (0.001, 0.0004)


def test_invalid_empty_duplicate_and_tiny() -> None:
    spiked = shapely.Polygon([(0, 0), (9000, 0), (9000, 9000), (9000, 20_000), (9000, 9000), (0, 9000)])
    island = shapely.MultiPolygon([square(30, 0, 5, 5), shapely.box(60_000, 0, 60_100, 100)])
    found = defects.defects([spiked, shapely.Polygon(), island, island, None])
    assert kinds([d for d in found if d.kind != "overlap"]) == [
        ("duplicate", (2, 3)), ("empty", (1,)), ("empty", (4,)), ("invalid", (0,)),
        ("tiny_part", (2,)), ("tiny_part", (3,)),
    ]  # fmt: skip
    (invalid,) = [d for d in found if d.kind == "invalid"]
    assert (invalid.detail, invalid.lon) == ("Self-intersection", pytest.approx(0.0009))
    assert [d.area_m2 for d in found if d.kind == "tiny_part"] == [pytest.approx(1.23, abs=0.01)] * 2
