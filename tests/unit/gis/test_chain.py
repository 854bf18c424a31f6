from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import chain
from gis.errors import CoverageError, LatticeError
from tests.unit.gis.strategies import Tiling, tiling, tilings


def net(edges: chain.Edges) -> Counter[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The chain as a plain mapping from edge (smaller end first) to whole number: the slow oracle."""
    count: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    for a, b in zip(map(tuple, edges.a.tolist()), map(tuple, edges.b.tolist()), strict=True):
        count[min(a, b), max(a, b)] += 1 if a < b else -1
    return Counter({edge: n for edge, n in count.items() if n})


@settings(max_examples=60)
@given(tilings)
def test_the_cells_chain_is_the_outlines(tiles: Tiling) -> None:
    left = chain.cancel(chain.edges(tiles.polygons))
    assert net(left) == net(chain.edges([tiles.outline]))
    both = chain.join(chain.edges(tiles.polygons), chain.edges([tiles.outline]).reversed())
    assert len(chain.cancel(both)) == 0


def test_rings_wound_either_way_give_the_same_chain() -> None:
    square = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]])
    assert net(chain.edges([square])) == net(chain.edges([square.reverse()]))
    assert net(chain.edges([square]))[(0, 0), (4, 0)] == 1


def test_edges_keep_their_owner_and_skip_the_empty() -> None:
    found = chain.edges([shapely.box(0, 0, 1, 1), shapely.Polygon(), None, shapely.box(5, 5, 6, 6)])
    assert found.owner.tolist() == [0] * 4 + [3] * 4


def test_degrees_are_refused_where_lattice_units_are_due() -> None:
    with pytest.raises(LatticeError, match="from_degrees"):
        chain.edges([shapely.Point(116.5, 39.5).buffer(0.1)])


def small_chains() -> st.SearchStrategy[chain.Edges]:
    point = st.tuples(st.integers(0, 2), st.integers(0, 2))
    edge = st.tuples(point, point).filter(lambda e: e[0] != e[1])
    return st.lists(edge, max_size=40).map(
        lambda found: chain.Edges(
            np.array([e[0] for e in found], np.int64).reshape(-1, 2),
            np.array([e[1] for e in found], np.int64).reshape(-1, 2),
            np.arange(len(found), dtype=np.int32),
        )
    )


@given(small_chains())
def test_cancelling_keeps_multiplicities(edges: chain.Edges) -> None:
    left = chain.cancel(edges)
    assert net(left) == net(edges)
    assert len(left) == sum(map(abs, net(edges).values()))
    for a, b, owner in zip(left.a, left.b, left.owner, strict=True):
        assert (edges.a[owner] == a).all()
        assert (edges.b[owner] == b).all()


@given(small_chains(), st.data())
def test_groups_cancel_apart(edges: chain.Edges, data: st.DataObject) -> None:
    group = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(edges), max_size=len(edges))), np.int64)
    left = chain.cancel(edges, within=group)
    for g in range(3):
        assert net(left[group[left.owner] == g]) == net(edges[group == g])


def test_colliding_hashes_are_told_apart_by_coordinates(monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = tiling(seed=5, points=60, cells=8, size=1000)
    monkeypatch.setattr(chain, "mix", lambda words: words & np.uint64(0) | np.uint64(1) << np.uint64(60))
    assert net(chain.cancel(chain.edges(tiles.polygons))) == net(chain.edges([tiles.outline]))


@settings(max_examples=60)
@given(tilings)
def test_fingerprints_add_up_to_the_outlines(tiles: Tiling) -> None:
    total = sum(chain.fingerprints(tiles.polygons).tolist())
    assert (total - chain.fingerprints([tiles.outline])[0].item()) % 2**64 == 0


def test_the_fingerprint_is_the_published_formula() -> None:
    def mix(word: int) -> int:
        word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        word = (word ^ word >> 27) * 0x94D049BB133111EB % 2**64
        return word ^ word >> 31

    def key(x: int, y: int) -> int:
        return (x + 2**31 << 32) + y + 2**31

    ring = [(-7, 3), (1_164_000_000, -5), (20, 899_999_999), (-7, 3)]
    total = 0
    for a, b in pairwise(key(x, y) for x, y in ring):
        word = mix((mix((min(a, b) + 0x9E3779B97F4A7C15) % 2**64) + max(a, b)) % 2**64)
        total += word if a < b else -word
    expected = (total + 2**63) % 2**64 - 2**63
    assert chain.MIXER == 1
    assert chain.fingerprints([shapely.Polygon(ring), shapely.Polygon()]).tolist() == [expected, 0]


@settings(max_examples=60)
@given(tilings)
def test_dissolving_is_the_union(tiles: Tiling) -> None:
    made = chain.dissolve(tiles.polygons)
    assert made.is_valid
    assert made.symmetric_difference(shapely.union_all(tiles.polygons)).area == 0
    assert net(chain.edges([made])) == net(chain.edges([tiles.outline]))


@settings(max_examples=60)
@given(tilings, st.integers(1, 4))
def test_dissolving_by_groups_is_the_union_of_each(tiles: Tiling, groups: int) -> None:
    group = np.arange(len(tiles.polygons)) % groups
    made = chain.dissolve_by(tiles.polygons, group)
    assert len(made) == group.max() + 1
    for g, polygon in enumerate(made):
        assert polygon.is_valid
        assert polygon.symmetric_difference(shapely.union_all(tiles.polygons[group == g])).area == 0


def test_a_group_without_polygons_is_empty() -> None:
    made = chain.dissolve_by([shapely.box(0, 0, 1, 1)], [2])
    assert [p.is_empty for p in made] == [True, True, False]


def test_linking_a_ring_inside_a_hole() -> None:
    outer = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 8, 8))
    island = shapely.box(4, 4, 6, 6)
    made = chain.link(chain.edges([outer, island]))
    assert made.equals(shapely.union(outer, island))


@pytest.mark.parametrize(
    "polygons",
    [
        [shapely.box(0, 0, 2, 2), shapely.box(0, 0, 2, 2)],
        [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)],
        [shapely.box(0, 0, 4, 4), shapely.box(1, 1, 2, 2)],
        [shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 1)],
    ],
    ids=["twice", "crossing", "inside-another", "unnoded"],
)
def test_what_does_not_tile_does_not_dissolve(polygons: list[shapely.Polygon]) -> None:
    with pytest.raises(CoverageError) as caught:
        chain.dissolve(polygons)
    assert caught.value.code == "no_outline"


def test_the_group_that_does_not_dissolve_is_named() -> None:
    with pytest.raises(CoverageError, match="group 1") as caught:
        chain.dissolve_by([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 7, 7), shapely.box(6, 6, 8, 8)], [0, 1, 1])
    assert caught.value.params["group"] == 1
