"""More vertices than are worked on at once: the same answers as for few."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from gis.chain import boundary, dissolve_by
from gis.coverage import prove
from gis.defects import defects
from gis.errors import CoverageError, LatticeError
from gis.lattice import from_degrees, to_degrees
from gis.portions import PORTION, by_place, in_order

ACROSS, SIDE, STEP = 40, 175, 100
"""Squares in a row, vertices along a side of each, lattice units from one to the next."""


def ring(along: int) -> NDArray[np.int64]:
    """A square with so many vertices along each side."""
    steps, zeros, full = np.arange(along), np.zeros(along, int), np.full(along, along)
    sides = ((steps, zeros), (full, steps), (along - steps, full), (zeros, along - steps))
    return np.concatenate([*(np.stack(side, 1) for side in sides), [[0, 0]]]) * STEP


@pytest.fixture(scope="module")
def squares() -> NDArray[np.object_]:
    """Squares with many vertices, shuffled."""
    corner = np.stack(np.meshgrid(np.arange(ACROSS), np.arange(ACROSS)), axis=-1).reshape(-1, 2) * SIDE * STEP
    found = shapely.polygons((ring(SIDE) + corner[:, None]).astype(float))
    assert shapely.get_num_coordinates(found).sum() > PORTION
    return np.asarray(np.random.default_rng(3).permutation(found), dtype=object)


def rows_of(squares: NDArray[np.object_]) -> NDArray[np.int64]:
    return (shapely.bounds(squares)[:, 1] // (SIDE * STEP)).astype(np.int64)


def test_all_that_is_left_is_the_outline(squares: NDArray[np.object_]) -> None:
    left, whole = boundary(squares), ACROSS * SIDE * STEP
    assert len(left) == 4 * ACROSS * SIDE
    assert ((left.a == 0) | (left.a == whole)).any(axis=1).all()
    west, south, east, north = shapely.bounds(squares[left.owner]).T
    x, y = left.a.T
    assert ((west <= x) & (x <= east) & (south <= y) & (y <= north)).all()
    assert prove(squares, shapely.Polygon(ring(ACROSS * SIDE))).exact


def test_one_square_less_is_found(squares: NDArray[np.object_]) -> None:
    lost = squares[(rows_of(squares) == 7) & (shapely.bounds(squares)[:, 0] == 9 * SIDE * STEP)][0]
    [gap] = defects(squares[squares != lost])
    assert gap.kind == "gap"
    assert shapely.equals(gap.geometry, lost)


def test_groups_are_dissolved_each_for_itself(squares: NDArray[np.object_]) -> None:
    south, none, north = dissolve_by(squares, np.where(rows_of(squares) < ACROSS // 4, 0, 2))
    whole = ACROSS * SIDE * STEP
    assert none.is_empty
    assert shapely.equals(south, shapely.box(0, 0, whole, whole / 4))
    assert shapely.equals(north, shapely.box(0, whole / 4, whole, whole))


def test_a_group_that_tiles_no_area_is_named(squares: NDArray[np.object_]) -> None:
    twice = np.append(squares, squares[:1])
    with pytest.raises(CoverageError) as caught:
        dissolve_by(twice, np.append(rows_of(squares), rows_of(squares)[:1]))
    assert caught.value.params["group"] == rows_of(squares)[0]


def test_a_wrong_coordinate_is_named_by_its_polygon_among_all(squares: NDArray[np.object_]) -> None:
    degrees = to_degrees(squares)
    assert (from_degrees(degrees) == squares).all()
    degrees[-2] = shapely.box(200, 0, 201, 1)
    with pytest.raises(LatticeError, match=f"polygon {len(squares) - 2}"):
        from_degrees(degrees)


def test_portions_hold_everything_once_and_what_lies_together(squares: NDArray[np.object_]) -> None:
    found = list(by_place(squares, most=100_000))
    assert sorted(np.concatenate(found).tolist()) == list(range(len(squares)))
    assert all(shapely.get_num_coordinates(squares[some]).sum() < 101_000 for some in found)
    assert all(len(boundary(squares[some])) <= 8 * len(some) ** 0.5 * SIDE for some in found)


def test_no_run_ends_inside_a_group() -> None:
    boxes = shapely.box(np.arange(9), 0, np.arange(9) + 1, 1)
    groups = np.array([0, 0, 0, 0, 1, 2, 2, 2, 5])
    runs = [groups[run].tolist() for run in in_order(boxes, most=10, groups=groups)]
    assert runs == [[0, 0, 0, 0, 1], [2, 2, 2, 5]]
