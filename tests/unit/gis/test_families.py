from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import coverage
from gis.chain import dissolve
from gis.families import prove_families
from tests.unit.gis.strategies import Tiling, tilings


def tree(tiles: Tiling, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """The outline, its parts in some groups, and the cells below those."""
    group = np.unique(np.arange(len(tiles.polygons)) % groups, return_inverse=True)[1]
    middle = [dissolve(tiles.polygons[group == g]) for g in range(int(group.max()) + 1)]
    polygons = np.array([tiles.outline, *middle, *tiles.polygons], dtype=object)
    return polygons, np.array([-1, *np.zeros(len(middle), int), *(group + 1)])


@settings(max_examples=60)
@given(tilings, st.integers(1, 3))
def test_a_tree_that_tiles_at_every_level_is_proven(tiles: Tiling, groups: int) -> None:
    polygons, parents = tree(tiles, groups)
    proof = prove_families(polygons, parents)
    assert proof.valid.all()
    assert not proof.unmatched.any()


@settings(max_examples=80)
@given(tilings, st.integers(1, 3), st.data())
def test_each_family_is_judged_as_it_is_alone(tiles: Tiling, groups: int, data: st.DataObject) -> None:
    polygons, parents = tree(tiles, groups)
    index = data.draw(st.integers(0, len(polygons) - 1))
    step = data.draw(st.tuples(st.integers(-3, 3), st.integers(-3, 3)))
    polygons[index] = shapely.transform(
        polygons[index], lambda xy: np.where((xy == xy[0]).all(axis=1)[:, None], xy + step, xy)
    )
    proof = prove_families(polygons, parents)
    assert (proof.valid == coverage.is_valid(polygons)).all()
    for parent in np.unique(parents[parents >= 0]).tolist():
        alone = coverage.prove(polygons[parents == parent], polygons[parent])
        assert proof.unmatched[parent] == alone.unmatched


def test_a_polygon_alone_has_nothing_to_match() -> None:
    square = shapely.box(0, 0, 10, 10)
    proof = prove_families([square], [-1])
    assert (proof.edges, proof.valid.tolist(), proof.unmatched.tolist()) == (0, [True], [0])
    assert prove_families([], np.empty(0, np.int64)).edges == 0
