from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.coverage import prove
from gis.errors import CoverageError
from gis.pieces import NOBODY, Piece, survey
from gis.repair import effects, settle
from tests.unit.gis.strategies import ORIGIN, Tiling, tiling

wide = st.builds(
    tiling,
    seed=st.integers(0, 2**32 - 1),
    points=st.integers(1, 30),
    cells=st.integers(2, 8),
    size=st.sampled_from([3_000, 2_000_000]),
    holes=st.booleans(),
)
"""Tilings on which a lattice unit is small."""


def box(west: int, south: int, east: int, north: int) -> Any:
    """A box in tens of thousands of lattice units (about 100 m), for eyes that read these tests."""
    return shapely.transform(shapely.box(west, south, east, north), lambda xy: xy * 10_000 + ORIGIN)


def nearest(piece: Piece) -> int:
    return piece.takers[0][0] if piece.takers else NOBODY


def planar(pieces: list[Piece], kind: str) -> float:
    return float(sum(shapely.area(p.geometry) for p in pieces if kind in (p.kind, p.detail)))


@settings(max_examples=60)
@given(wide)
def test_nothing_is_found_in_a_tiling(tiles: Tiling) -> None:
    found = survey(tiles.polygons, tiles.outline)
    assert (found.pieces, found.broken, found.loose) == ((), (), ())
    made = settle(found, [])
    assert made.outline is tiles.outline
    assert shapely.equals(made.polygons, tiles.polygons).all()


@settings(max_examples=150)
@given(wide, st.data())
def test_pieces_are_what_shapely_says_and_any_owners_of_them_tile(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    cell = tiles.polygons[index]
    vertex = data.draw(st.sampled_from(sorted(set(map(tuple, shapely.get_coordinates(cell).tolist())))))
    reach = int(shapely.length(tiles.outline) / 40)
    step = data.draw(st.tuples(st.integers(-reach, reach), st.integers(-reach, reach)))
    bent = tiles.polygons.copy()
    bent[index] = shapely.transform(cell, lambda xy: np.where((xy == vertex).all(axis=1)[:, None], xy + step, xy))
    assume(shapely.is_valid(bent[index]))

    found = survey(bent, tiles.outline)
    off = 2 * sum(shapely.length(p) for p in (*bent, tiles.outline)) + 10
    union = shapely.union_all(bent)
    pieces = list(found.pieces)
    uncovered = planar(pieces, "gap") + planar(pieces, "missing")
    assert uncovered == pytest.approx(shapely.area(shapely.difference(tiles.outline, union)), abs=off)
    assert planar(pieces, "outside") == pytest.approx(shapely.area(shapely.difference(union, tiles.outline)), abs=off)
    inside = shapely.area(shapely.intersection(bent, tiles.outline)).sum()
    twice = inside - shapely.area(shapely.intersection(union, tiles.outline))
    assert planar(pieces, "overlap") == pytest.approx(twice, abs=off)
    owners = [data.draw(st.sampled_from([who for who, _m in p.takers] or [NOBODY])) for p in pieces]
    try:
        made = settle(found, owners)
    except CoverageError as error:
        refused = error.code
        assume(refused not in ("nothing_left", "not_noded"))
        raise
    assert prove(made.polygons, made.outline).exact
    assert shapely.area(made.polygons).sum() == pytest.approx(shapely.area(tiles.outline), abs=off)


def test_a_gap_goes_to_whoever_is_chosen_and_the_longest_border_comes_first() -> None:
    west, east, north = box(0, 0, 4, 4), box(5, 0, 9, 4), box(0, 4, 9, 5)
    (gap,) = survey([west, east, north], box(0, 0, 9, 5)).pieces
    assert (gap.kind, gap.members, gap.may_leave) == ("missing", (), False)
    assert [who for who, _metres in gap.takers] == [0, 1, 2]
    assert gap.takers[0][1] == pytest.approx(4 * 10_000 * 0.0111, rel=0.02)
    assert gap.takers[2][1] == pytest.approx(10_000 * 0.0087, rel=0.02)
    assert effects(gap, 2) == {2: gap.area_m2}
    for owner, whole in ((0, box(0, 0, 5, 4)), (1, box(4, 0, 9, 4))):
        made = settle(survey([west, east, north], box(0, 0, 9, 5)), [owner])
        assert shapely.equals(made.polygons[owner], whole)


def test_an_overlap_is_one_piece_of_all_that_cover_it() -> None:
    layer = [box(0, 0, 5, 4), box(4, 0, 9, 4), box(4, 2, 5, 4)]
    found = survey(layer, box(0, 0, 9, 4))
    members = {piece.members: piece for piece in found.pieces}
    assert set(members) == {(0, 1), (0, 1, 2)}
    assert effects(members[0, 1], 0) == {1: -members[0, 1].area_m2}
    assert found.homeless == (2,)
    owners = [2 if 2 in piece.members else 0 for piece in found.pieces]
    made = settle(found, owners)
    assert shapely.equals(made.polygons[2], layer[2])
    assert shapely.equals(made.polygons[1], box(5, 0, 9, 4))
    with pytest.raises(CoverageError) as caught:
        settle(found, [0, 0])
    assert (caught.value.code, caught.value.params["index"]) == ("nothing_left", 2)


def test_what_lies_outside_is_cut_or_the_outline_follows() -> None:
    layer, outline = [box(0, 0, 4, 4), box(4, 0, 10, 4)], box(0, 0, 9, 4)
    (outside,) = survey(layer, outline).pieces
    assert (outside.takers, outside.may_leave) == ((), True)
    assert shapely.equals(settle(survey(layer, outline), [NOBODY]).outline, outline)
    free = survey(layer, outline, fixed=False)
    assert free.pieces[0].takers[0][0] == 1
    assert effects(free.pieces[0], 1) == {NOBODY: free.pieces[0].area_m2}
    assert shapely.equals(settle(free, [1]).outline, box(0, 0, 10, 4))


def test_a_part_far_away_goes_to_the_nearest_or_to_who_is_named() -> None:
    island = box(20, 0, 22, 2)
    outline = shapely.union_all([box(0, 0, 8, 4), island])
    found = survey([box(0, 0, 4, 4), box(4, 0, 8, 4)], outline)
    (missing,) = found.pieces
    assert missing.takers == ((1, 0.0),)
    made = settle(found, [0])
    assert shapely.equals(made.polygons[0], shapely.union_all([box(0, 0, 4, 4), island]))


def test_a_missing_vertex_is_put_in_and_needs_no_decision() -> None:
    layer = [box(0, 0, 4, 2), box(0, 2, 4, 4), box(4, 0, 8, 4)]
    found = survey(layer, shapely.union_all(layer))
    assert found.pieces == ()
    assert [set(each.members) for each in found.loose]
    made = settle(found, [])
    assert prove(made.polygons, made.outline).exact
    assert shapely.get_num_coordinates(made.polygons[2]) == 6


def test_a_crossing_outline_is_made_valid_first() -> None:
    corners = shapely.get_coordinates(box(0, 0, 4, 4))
    bow = shapely.Polygon(corners[[0, 2, 1, 3]])
    found = survey([bow, box(4, 0, 8, 4)], box(0, 0, 8, 4))
    assert [(each.kind, each.members) for each in found.broken] == [("invalid", (0,))]
    made = settle(found, [nearest(piece) for piece in found.pieces])
    assert prove(made.polygons, made.outline).exact


def test_without_an_outline_what_is_enclosed_may_stay_a_hole() -> None:
    ring = [box(0, 0, 2, 6), box(4, 0, 6, 6), box(2, 0, 4, 2), box(2, 4, 4, 6)]
    found = survey(ring)
    (gap,) = found.pieces
    assert (gap.kind, gap.may_leave) == ("gap", True)
    assert len(shapely.get_rings(settle(found, [NOBODY]).outline)) == 2
    assert shapely.equals(settle(found, [0]).outline, box(0, 0, 6, 6))
