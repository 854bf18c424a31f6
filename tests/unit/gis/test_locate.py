from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis import locate
from gis.errors import CoverageError, LatticeError
from tests.unit.gis.strategies import ORIGIN, Tiling, tiling, tilings

EAST, NORTH = Fraction(1, 10**12), Fraction(1, 10**30)


def owns(polygon: shapely.Geometry, x: int, y: int) -> bool:
    """The rule in words: move the point east, then far less north, and count the edges straight above it."""
    px, py = x + EAST, y + NORTH
    above = 0
    for part in shapely.get_parts(polygon):
        for ring in (part.exterior, *part.interiors):
            xy = [(int(cx), int(cy)) for cx, cy in ring.coords]
            for (ax, ay), (bx, by) in pairwise(xy):
                if (ax > px) != (bx > px) and ay + (by - ay) * (px - ax) / (bx - ax) > py:
                    above += 1
    return above % 2 == 1


def probes(tiles: Tiling, rng: np.random.Generator, random: int) -> NDArray[np.int64]:
    """Every vertex, whole-numbered middles of edges, the corners' neighbourhood, and random points around."""
    corners = tiles.triangles.reshape(-1, 2)
    middles = (tiles.triangles + np.roll(tiles.triangles, 1, axis=1)).reshape(-1, 2) // 2
    low, high = corners.min(axis=0) - 3, corners.max(axis=0) + 3
    points = np.concatenate([corners, middles, rng.integers(low, high, (random, 2))])
    return np.unique(points, axis=0)


@settings(max_examples=25)
@given(tilings, st.integers(0, 2**32 - 1))
def test_every_point_has_the_one_owner_that_the_rule_says(tiles: Tiling, seed: int) -> None:
    points = probes(tiles, np.random.default_rng(seed), 60)
    labels = np.arange(len(tiles.polygons)) * 10 + 7
    index = locate.LocateIndex.build(tiles.polygons, labels)
    found = index.locate(points)
    for (x, y), label in zip(points.tolist(), found.tolist(), strict=True):
        owners = [int(n) for n, p in zip(labels, tiles.polygons, strict=True) if owns(p, x, y)]
        assert owners == ([label] if label >= 0 else [])
        assert index.owner(x, y) == label
        assert [int(n) for n, p in zip(labels, tiles.polygons, strict=True) if locate.contains(p, x, y)] == owners
        assert locate.contains(tiles.outline, x, y) == (label >= 0)


def test_the_width_of_the_squares_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = tiling(seed=3, points=80, cells=12, size=300_000, holes=True)
    points = probes(tiles, np.random.default_rng(3), 300)
    expected = [
        next((n for n, p in enumerate(tiles.polygons) if locate.contains(p, x, y)), -1) for x, y in points.tolist()
    ]
    for limit in (9, 200, 2**26):
        monkeypatch.setattr(locate, "LARGEST_RASTER", limit)
        index = locate.LocateIndex.build(tiles.polygons, np.arange(len(tiles.polygons)))
        assert index.locate(points).tolist() == expected


def test_a_border_belongs_to_the_east_and_then_to_the_north() -> None:
    west, east, north = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(0, 10, 10, 20)
    index = locate.LocateIndex.build([west, east, north], [1, 2, 3])
    assert [index.owner(*p) for p in ((10, 5), (5, 10), (0, 5), (20, 5), (5, 0), (5, 20))] == [
        2,
        3,
        1,
        -1,
        1,
        -1,
    ]
    assert [index.owner(*p) for p in ((10, 10), (0, 0), (10, 0), (0, 20))] == [-1, 1, 2, -1]


def test_answers_do_not_depend_on_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = tiling(seed=8, points=40, cells=6, size=50_000)
    points = probes(tiles, np.random.default_rng(8), 500)
    index = locate.LocateIndex.build(tiles.polygons, np.arange(len(tiles.polygons)))
    whole = index.locate(points)
    monkeypatch.setattr(locate, "CHUNK", 7)
    assert index.locate(points).tolist() == whole.tolist()


def test_far_away_is_outside() -> None:
    index = locate.LocateIndex.build([shapely.box(0, 0, 10, 10)], [5])
    assert index.locate([[1_800_000_000, 900_000_000], [-1_800_000_000, -900_000_000], [5, 5]]).tolist() == [
        -1,
        -1,
        5,
    ]
    assert index.owner(1_800_000_000, 0) == -1


def test_labels_may_be_as_large_as_a_bigint() -> None:
    index = locate.LocateIndex.build([shapely.box(0, 0, 10, 10)], [2**62])
    assert index.owner(5, 5) == 2**62
    assert index.locate([[5, 5]]).tolist() == [2**62]


def test_no_polygons_and_no_points() -> None:
    nothing = locate.LocateIndex.build([], [])
    assert nothing.locate([[0, 0]]).tolist() == [-1]
    assert nothing.owner(0, 0) == -1
    assert locate.LocateIndex.build([shapely.box(0, 0, 9, 9)], [1]).locate(np.empty((0, 2))).tolist() == []


def test_saved_and_loaded_it_answers_the_same(tmp_path: Path) -> None:
    tiles = tiling(seed=11, points=60, cells=9, size=100_000, holes=True)
    points = probes(tiles, np.random.default_rng(11), 800)
    index = locate.LocateIndex.build(tiles.polygons, np.arange(len(tiles.polygons)) + 100)
    folder = tmp_path / "deep" / "version-1"
    index.save(folder)
    loaded = locate.LocateIndex.load(folder)
    assert loaded.locate(points).tolist() == index.locate(points).tolist()
    assert [loaded.owner(x, y) for x, y in points[:50].tolist()] == index.locate(points[:50]).tolist()
    assert [p.name for p in folder.parent.iterdir()] == ["version-1"]


def test_saving_again_replaces_the_folder_whole(tmp_path: Path) -> None:
    locate.LocateIndex.build([shapely.box(0, 0, 10, 10)], [1]).save(tmp_path / "index")
    (tmp_path / "index" / "stray").touch()
    locate.LocateIndex.build([shapely.box(0, 0, 10, 10)], [2]).save(tmp_path / "index")
    assert locate.LocateIndex.load(tmp_path / "index").owner(5, 5) == 2
    assert not (tmp_path / "index" / "stray").exists()


def test_a_failed_save_leaves_the_old_index_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locate.LocateIndex.build([shapely.box(0, 0, 10, 10)], [1]).save(tmp_path / "index")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(locate.np, "save", full)
    with pytest.raises(OSError, match="No space"):
        locate.LocateIndex.build([shapely.box(0, 0, 10, 10)], [2]).save(tmp_path / "index")
    assert [p.name for p in tmp_path.iterdir()] == ["index"]
    assert locate.LocateIndex.load(tmp_path / "index").owner(5, 5) == 1


def test_overlapping_polygons_make_no_index() -> None:
    square = shapely.box(*ORIGIN.tolist(), *(ORIGIN + 50).tolist())
    with pytest.raises(CoverageError, match=r"116\.4"):
        locate.LocateIndex.build([square, square], [1, 2])


def test_an_edge_round_half_the_world_is_refused() -> None:
    with pytest.raises(LatticeError, match="107 degrees"):
        locate.LocateIndex.build([shapely.box(-1_700_000_000, 0, 1_700_000_000, 10)], [1])


@pytest.mark.parametrize("labels", [[1, 2], [-1]])
def test_labels_must_fit_the_polygons(labels: list[int]) -> None:
    with pytest.raises(LatticeError, match="label"):
        locate.LocateIndex.build([shapely.box(0, 0, 10, 10)], labels)
