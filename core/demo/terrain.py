"""The ground of the demonstration city: cells with crooked borders that fit exactly, by construction.

Seeds are strewn inside a bean-shaped outline, denser towards two centres; their Voronoi cells give the borders.
Every border is drawn once, as a crooked line that stays inside the two triangles (seed, end, end) on its sides, and
both cells use the same line, so nothing can cross, gape or overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis import lattice

FloatArray = NDArray[np.float64]

CENTRE: Final = (119.80, 38.90)
"""Longitude and latitude of the middle: in the sea, so that no real place is meant."""
RADIUS_DEG: Final = (0.135, 0.100)
PADDING_SHARE: Final = 1.2
RELAXATIONS: Final = 4
POINT_EVERY_M: Final = 60.0
METRES_PER_DEGREE: Final = 111_320.0


@dataclass(frozen=True)
class Terrain:
    """Cells and where they were sown.

    :param seeds: degrees, shape (n, 2).
    :param cells: lattice polygons, shape (n,).
    """

    seeds: FloatArray
    cells: NDArray[np.object_]


def make_terrain(cells: int, seed: int, *, point_every_m: float = POINT_EVERY_M) -> Terrain:
    """``cells`` polygons that tile one area without a hole; the same for the same ``seed``.

    :param point_every_m: distance between the vertices of a border, in metres.
    """
    generator = np.random.default_rng(seed)
    inner, outer = _strew(cells, generator)
    for _ in range(RELAXATIONS):
        inner = _relax(inner, outer)
    polygons = _voronoi(np.vstack([inner, outer]))[:cells]
    return Terrain(inner, _crooked(polygons, inner, point_every_m))


def _radius(angle: FloatArray) -> FloatArray:
    """The outline: how far it reaches in each direction, as a share of the ellipse."""
    waves = ((2, 0.10, 0.4), (3, 0.07, 2.1), (5, 0.04, 1.0), (8, 0.02, 4.0))
    return 1.0 + sum((share * np.sin(count * angle + phase) for count, share, phase in waves), np.zeros_like(angle))


def _inside(points: FloatArray, scale: float = 1.0) -> NDArray[np.bool_]:
    offset = (points - CENTRE) / RADIUS_DEG
    reach = _radius(np.arctan2(offset[:, 1], offset[:, 0])) * scale
    return np.asarray(np.hypot(offset[:, 0], offset[:, 1]) < reach)


def _strew(count: int, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    towns = np.array(CENTRE) + np.array([(-0.045, 0.012), (0.060, -0.020)])
    kept: list[FloatArray] = []
    while sum(map(len, kept)) < count:
        spread = generator.uniform(-1.3, 1.3, (count, 2)) * RADIUS_DEG + CENTRE
        near = towns[generator.integers(0, 2, count)] + generator.normal(size=(count, 2)) * (0.030, 0.024)
        points = np.where(generator.random((count, 1)) < 0.55, near, spread)
        kept.append(points[_inside(points)])
    outer = generator.uniform(-1.9, 1.9, (int(count * PADDING_SHARE) * 3, 2)) * RADIUS_DEG + CENTRE
    outer = outer[~_inside(outer, 1.02)][: int(count * PADDING_SHARE)]
    return np.concatenate(kept)[:count], outer


def _voronoi(points: FloatArray) -> NDArray[np.object_]:
    return np.asarray(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True)))


def _relax(inner: FloatArray, outer: FloatArray) -> FloatArray:
    """Half a step of Lloyd's relaxation, so that cells get alike in shape."""
    cells = _voronoi(np.vstack([inner, outer]))[: len(inner)]
    return np.asarray(0.5 * inner + 0.5 * shapely.get_coordinates(shapely.centroid(cells)))


def _crooked(cells: NDArray[np.object_], seeds: FloatArray, point_every_m: float) -> NDArray[np.object_]:
    """The cells with each straight border replaced by its crooked line, on the lattice."""
    rings = [lattice.quantise(shapely.get_coordinates(cell.exterior)[:-1]) for cell in shapely.normalize(cells)]
    units = lattice.quantise(seeds)
    sides: dict[tuple[int, ...], list[int]] = {}
    for number, ring in enumerate(rings):
        for a, b in zip(ring, np.roll(ring, -1, 0), strict=True):
            sides.setdefault(_key(a, b), []).append(number)
    lines = {key: _line(key, units[owners], point_every_m) for key, owners in sides.items()}
    return np.array([shapely.Polygon(_walk(ring, lines)) for ring in rings], dtype=object)


def _key(a: NDArray[Any], b: NDArray[Any]) -> tuple[int, ...]:
    """The undirected border between two corners."""
    return tuple(map(int, (*a, *b))) if tuple(a) < tuple(b) else tuple(map(int, (*b, *a)))


def _walk(ring: NDArray[np.int64], lines: dict[tuple[int, ...], FloatArray]) -> FloatArray:
    parts = []
    for a, b in zip(ring, np.roll(ring, -1, 0), strict=True):
        if tuple(a) == tuple(b):
            continue
        line = lines[_key(a, b)]
        parts += [a[None, :], line if tuple(a) < tuple(b) else line[::-1]]
    return np.concatenate(parts)


def _line(key: tuple[int, ...], seeds: NDArray[np.int64], point_every_m: float) -> FloatArray:
    """Inner vertices of a border from its lesser corner to its greater, whole numbers, shape (k, 2)."""
    a, b = np.array(key[:2], float), np.array(key[2:], float)
    along = b - a
    length = float(np.hypot(*along))
    count = min(int(length / lattice.SCALE * METRES_PER_DEGREE / point_every_m), 40)
    if count == 0:
        return np.empty((0, 2))
    direction = along / length
    normal = np.array([-direction[1], direction[0]])
    share = np.arange(1, count + 1) / (count + 1)
    room = np.full(count, np.inf)
    for seed in seeds.astype(float):
        foot = float((seed - a) @ direction) / length
        height = abs(float((seed - a) @ normal))
        if foot > 0:
            room = np.minimum(room, height / foot * share)
        if foot < 1:
            room = np.minimum(room, height / (1 - foot) * (1 - share))
    generator = np.random.default_rng(np.random.SeedSequence([value & 0xFFFFFFFF for value in key]))
    wave = np.zeros(count)
    for frequency in (1, 2, 3, 5, 9):
        wave += generator.normal() / frequency * np.sin(np.pi * frequency * share + generator.uniform(0, np.pi))
    offset = np.clip(np.tanh(wave) * 0.12 * length, -0.55 * room, 0.55 * room)
    return np.asarray(np.floor(a + along * share[:, None] + normal * offset[:, None] + 0.5))
