from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from gis import coverage, edit, vertices
from gis.errors import CoverageError, EditError
from gis.lattice import SCALE
from gis.noding import insert, is_noded
from tests.unit.gis.strategies import ORIGIN, Tiling, tiling

SIDE = 2_000_000
"""Lattice units, about 20 km."""

cities = st.builds(
    tiling,
    seed=st.integers(0, 2**32 - 1),
    points=st.integers(3, 40),
    cells=st.integers(2, 9),
    size=st.just(SIDE),
    holes=st.booleans(),
)
places = st.tuples(st.integers(-SIDE // 10, SIDE + SIDE // 10), st.integers(-SIDE // 10, SIDE + SIDE // 10))


def line(*corners: tuple[int, int]) -> Any:
    return shapely.LineString([ORIGIN + corner for corner in corners])


def box(west: int, south: int, east: int, north: int) -> Any:
    x, y = ORIGIN.tolist()
    return shapely.Polygon([(x + west, y + south), (x + east, y + south), (x + east, y + north), (x + west, y + north)])


def attempt(codes: tuple[str, ...], act: Callable[..., edit.Edited], *args: Any, **options: Any) -> edit.Edited | None:
    """What the operation made; nothing where it was refused for one of the reasons allowed."""
    try:
        return act(*args, **options)
    except EditError as error:
        if error.code not in codes:
            raise
        return None


def check(tiles: Tiling, chosen: list[int], made: edit.Edited) -> list[Any]:
    """The coverage with the operation applied, proven under the city's outline with the vertices it got.

    Where a vertex, rounded, would lie on the other side of a corner of a neighbour, the operation is refused.
    """
    others = np.delete(tiles.polygons, chosen)
    try:
        rest, _ = insert(others, made.inserted)
        outline, _ = insert([tiles.outline], made.inserted)
    except CoverageError as refused:
        if refused.code != "not_noded":
            raise
        reject()
    now = [polygon for polygon in (*made.polygons, *made.born) if not polygon.is_empty]
    proof = coverage.prove([*rest, *now], outline[0])
    assert proof.exact, (proof.unmatched, proof.invalid)
    before = shapely.area(tiles.polygons[chosen]).sum()
    assert sum(polygon.area for polygon in now) == pytest.approx(before, abs=SIDE * 4)
    assert shapely.hausdorff_distance(outline[0], tiles.outline) <= 1
    return now


@settings(max_examples=80, deadline=None)
@given(cities, st.data())
def test_a_split_leaves_two_parts_that_the_line_parts(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    cut = line(*data.draw(st.lists(places, min_size=2, max_size=4, unique=True)))
    assume(cut.is_simple)
    made = attempt(("no_cut", "many_cuts", "sliver", "too_near"), edit.split, tiles.polygons[index], cut)
    if made is None:
        return
    first, second = check(tiles, [index], made)
    border = shapely.get_parts(shapely.intersection(first, second))
    border = border[shapely.length(border) > 0]
    assert len(border)
    assert shapely.covers(shapely.buffer(cut, 3), border).all()


@settings(max_examples=60, deadline=None)
@given(cities, st.data())
def test_subdividing_makes_all_faces_between_the_lines(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    ends = data.draw(
        st.lists(st.tuples(places, places).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=5)
    )
    made = attempt(
        ("no_cut", "sliver", "too_near"), edit.subdivide, tiles.polygons[index], [line(*pair) for pair in ends]
    )
    if made is None:
        return
    assert made.polygons[0].is_empty
    assert len(check(tiles, [index], made)) > shapely.get_num_geometries(tiles.polygons[index])


@settings(max_examples=30, deadline=None)
@given(cities, st.data(), st.sampled_from([1_500, 4_000, 9_000]))
def test_a_net_makes_cells_none_of_which_is_a_crumb(tiles: Tiling, data: st.DataObject, width: int) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    made = attempt(("net_too_wide", "too_near"), edit.net, tiles.polygons[index], width)
    if made is None:
        return
    cells = check(tiles, [index], made)
    islands = shapely.get_num_geometries(tiles.polygons[index])
    whole = (width * SCALE / 111_000) ** 2 / np.cos(np.radians(39.2))
    crumbs = [cell for cell in cells if cell.area < 0.2 * whole]
    assert len(crumbs) <= islands


@settings(max_examples=60, deadline=None)
@given(cities, st.data())
def test_a_merge_is_the_union_of_neighbours(tiles: Tiling, data: st.DataObject) -> None:
    count = len(tiles.polygons)
    assume(count >= 2)
    chosen = data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=4, unique=True))
    multipart = data.draw(st.booleans())
    union = shapely.union_all(tiles.polygons[chosen])
    made = attempt(() if multipart else ("not_neighbours",), edit.merge, tiles.polygons[chosen], multipart=multipart)
    if made is None:
        return
    [merged] = check(tiles, chosen, made)
    assert shapely.equals(merged, union)


@settings(max_examples=80, deadline=None)
@given(cities, st.data())
def test_reshaping_moves_a_strip_between_two_grids(tiles: Tiling, data: st.DataObject) -> None:
    target = data.draw(st.integers(0, len(tiles.polygons) - 1))
    near = [
        i for i in range(len(tiles.polygons)) if i != target and tiles.polygons[i].intersects(tiles.polygons[target])
    ]
    chosen = [target, *near]
    cut = line(*data.draw(st.lists(places, min_size=2, max_size=4, unique=True)))
    assume(cut.is_simple)
    made = attempt(
        ("no_cut", "many_cuts", "no_strip", "sliver", "too_near"), edit.reshape, tiles.polygons[chosen], 0, cut
    )
    if made is None:
        return
    check(tiles, chosen, made)
    change = shapely.area(made.polygons) - shapely.area(tiles.polygons[chosen])
    moved = np.flatnonzero(np.abs(change) > SIDE * 4)
    assert len(moved) <= 2
    assert abs(float(change.sum())) <= SIDE * 4


@settings(max_examples=60, deadline=None)
@given(cities, places, st.integers(SIDE // 50, SIDE // 3), st.integers(3, 8))
def test_carving_takes_the_area_out_of_all_it_lies_in(
    tiles: Tiling, at: tuple[int, int], wide: int, corners: int
) -> None:
    turns = np.arange(corners) * 2 * np.pi / corners
    ring = ORIGIN + at + np.round(wide * np.stack([np.cos(turns), np.sin(turns)], axis=1))
    area = shapely.Polygon(ring)
    chosen = np.flatnonzero(shapely.intersects(tiles.polygons, area)).tolist()
    assume(chosen)
    made = attempt(("outside", "sliver", "too_near"), edit.carve, tiles.polygons[chosen], area)
    if made is None:
        return
    check(tiles, chosen, made)
    assert made.born[0].symmetric_difference(area).area <= area.length * 2


@settings(max_examples=80, deadline=None)
@given(cities, st.data())
def test_a_moved_vertex_moves_in_all_that_have_it_or_not_at_all(tiles: Tiling, data: st.DataObject) -> None:
    every = sorted(set(map(tuple, shapely.get_coordinates(tiles.polygons).astype(int).tolist())))
    at = data.draw(st.sampled_from(every))
    step = data.draw(st.tuples(st.integers(-SIDE // 9, SIDE // 9), st.integers(-SIDE // 9, SIDE // 9)))
    assume(step != (0, 0))
    chosen = [
        i for i, cell in enumerate(tiles.polygons) if at in set(map(tuple, shapely.get_coordinates(cell).tolist()))
    ]
    made = attempt(
        ("crosses", "on_outline"), vertices.move_vertex, tiles.polygons[chosen], at, (at[0] + step[0], at[1] + step[1])
    )
    if made is None:
        return
    others = np.delete(tiles.polygons, chosen)
    assert coverage.prove([*others, *made.polygons], tiles.outline).exact
    assert not (shapely.get_coordinates(made.polygons) == at).all(axis=1).any()


@settings(max_examples=60, deadline=None)
@given(cities, st.data())
def test_a_vertex_put_in_stands_on_the_border_and_can_be_taken_out_again(tiles: Tiling, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tiles.polygons) - 1))
    ring = data.draw(st.sampled_from(shapely.get_rings(shapely.get_parts(tiles.polygons[index])).tolist()))
    corners = shapely.get_coordinates(ring).astype(int)
    i = data.draw(st.integers(0, len(corners) - 2))
    beside = data.draw(st.sampled_from([(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)]))
    middle = (corners[i] + corners[i + 1]) // 2 + beside
    put = attempt(("no_edge", "vertex_there"), vertices.insert_vertex, tiles.polygons, (int(middle[0]), int(middle[1])))
    if put is None:
        assert shapely.length(shapely.LineString(corners[i : i + 2])) < 9
        return
    outline, _ = insert([tiles.outline], put.inserted)
    assert coverage.prove(put.polygons, outline[0]).exact
    ((edge, (at,)), *_back) = put.inserted.items()
    assert shapely.distance(shapely.LineString(edge), shapely.Point(at)) <= 1
    owners = [n for n, cell in enumerate(put.polygons) if (shapely.get_coordinates(cell) == at).all(axis=1).any()]
    taken = attempt(("on_outline",), vertices.delete_vertex, put.polygons[owners], at)
    if taken is None:
        assert len(owners) == 1
        return
    assert shapely.equals_exact(shapely.normalize(taken.polygons), shapely.normalize(tiles.polygons[owners])).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 999), min_size=2, max_size=12, unique=True), st.integers(-400, 400))
def test_vertices_put_in_one_after_another_leave_the_outline_noded(shares: list[int], rise: int) -> None:
    start, end, top, below = ORIGIN + np.array([(0, 0), (1000_00, rise), (500_00, 900_00), (300_00, -500)])
    before = shapely.Polygon([start, end, top])
    after = before
    for share in shares:
        at = np.round(start + (end - start) * share / 1000).astype(int)
        after = vertices.insert_vertex([after], (int(at[0]), int(at[1]))).polygons[0]
    assert shapely.get_num_coordinates(after) == shapely.get_num_coordinates(before) + len(shares)
    assert is_noded(before, after)
    assert not is_noded(before, shapely.Polygon([start, below, end, top]))


def zigzag(legs: int) -> Any:
    """To and fro over a kilometre of slope, each leg close beside the one before, none crossing another."""
    return line(*((10 * leg + 1000_00 * (leg % 2), 1000_00 * (leg % 2)) for leg in range(legs)))


def serpentine(rows: int, *, upright: bool) -> Any:
    """A line that goes back and forth across the western half."""
    places = [(x, 2000_00 * (n + 0.5) / rows) for n in range(rows) for x in ((-9, 1000_09), (1000_09, -9))[n % 2]]
    return line(*(((y / 2, x * 2) if upright else (x, y)) for x, y in places))


HALVES = np.array([box(0, 0, 1000_00, 2000_00), box(1000_00, 0, 2000_00, 2000_00)], dtype=object)
"""West and east, each about 1 by 2 km."""


def test_the_part_on_the_left_of_the_line_takes_the_place() -> None:
    upward = edit.split(HALVES[0], line((500_00, -10), (500_00, 2000_10)))
    assert shapely.equals(upward.polygons[0], box(0, 0, 500_00, 2000_00))
    downward = edit.split(HALVES[0], line((500_00, 2000_10), (500_00, -10)))
    assert shapely.equals(downward.polygons[0], box(500_00, 0, 1000_00, 2000_00))


def test_a_line_that_bulges_out_takes_and_one_that_bulges_in_gives() -> None:
    taken = edit.reshape(HALVES, 0, line((900_00, 500_00), (1200_00, 1000_00), (900_00, 1500_00)))
    assert taken.polygons[0].area > HALVES[0].area
    given_ = edit.reshape(HALVES, 0, line((1100_00, 500_00), (800_00, 1000_00), (1100_00, 1500_00)))
    assert given_.polygons[0].area < HALVES[0].area
    assert given_.polygons[1].area > HALVES[1].area


def test_cells_are_numbered_from_the_north_west() -> None:
    made = edit.subdivide(
        box(0, 0, 2000_00, 2000_00), [line((1000_00, -9), (1000_00, 2000_09)), line((-9, 1000_00), (2000_09, 1000_00))]
    )
    corners = [tuple((shapely.bounds(cell)[:2] - ORIGIN).astype(int).tolist()) for cell in made.born]
    assert corners == [(0, 1000_00), (1000_00, 1000_00), (0, 0), (1000_00, 0)]


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("no_cut", lambda: edit.split(HALVES[0], line((10, 10), (500_00, 500_00)))),
        ("no_cut", lambda: edit.subdivide(HALVES[0], [line((-50, -50), (-10, 900))])),
        (
            "many_crossings",
            lambda: edit.subdivide(HALVES[0], [serpentine(300, upright=False), serpentine(300, upright=True)]),
        ),
        ("many_beside", lambda: edit.subdivide(HALVES[0], [zigzag(6_000)])),
        (
            "many_cells",
            lambda: edit.subdivide(HALVES[0], [serpentine(105, upright=False), serpentine(105, upright=True)]),
        ),
        ("net_too_wide", lambda: edit.net(HALVES[0], 50_000)),
        ("net_too_wide", lambda: edit.net(shapely.union_all([HALVES[0], box(5000_00, 0, 5000_90, 90)]), 100_000)),
        ("net_too_fine", lambda: edit.net(HALVES[0], 1)),
        ("many_cuts", lambda: edit.split(HALVES[0], line((-9, 100_00), (1500_00, 200_00), (-9, 300_00)))),
        ("sliver", lambda: edit.split(HALVES[0], line((5, -10), (5, 2000_10)))),
        ("sliver", lambda: edit.split(HALVES[0], line((-100, -9), (20, 1000_00), (-100, 2000_09)))),
        ("not_neighbours", lambda: edit.merge([HALVES[0], box(5000_00, 0, 6000_00, 9)])),
        ("no_strip", lambda: edit.reshape(HALVES, 0, line((-9, 500_00), (300_00, 700_00), (-9, 900_00)))),
        ("no_cut", lambda: edit.reshape(HALVES, 0, line((900_00, 500_00), (1200_00, 1000_00)))),
        ("outside", lambda: edit.carve(HALVES, box(-10, 100_00, 500_00, 500_00))),
        ("no_vertex", lambda: vertices.move_vertex(HALVES, (1, 1), (2, 2))),
        ("on_outline", lambda: vertices.move_vertex(HALVES[:1], tuple(ORIGIN.tolist()), tuple((ORIGIN - 50).tolist()))),
        ("vertex_there", lambda: vertices.insert_vertex(HALVES, tuple(ORIGIN.tolist()))),
        ("no_edge", lambda: vertices.insert_vertex(HALVES, tuple((ORIGIN + 700).tolist()))),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_its_place(code: str, act: Any) -> None:
    with pytest.raises(EditError) as raised:
        act()
    assert raised.value.code == code
    assert {"lon", "lat"} <= raised.value.params.keys()
