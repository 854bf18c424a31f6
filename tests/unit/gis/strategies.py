"""Random coverages made without the code under test, on whole numbers.

Every cell is a union of triangles of a Delaunay triangulation (scipy's Qhull) of whole-numbered points, so
neighbours share vertices by construction. Unions of triangles have holes and several parts, and touch in
points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import Delaunay

ORIGIN = np.array([1_164_000_000, 392_000_000])


@dataclass(frozen=True)
class Tiling:
    """Lattice polygons that tile `outline`; `triangles` int64[n, 3, 2] with the cell each belongs to."""

    polygons: NDArray[Any]
    outline: Any
    triangles: NDArray[np.int64]
    cell: NDArray[np.int64]


def tiling(seed: int, points: int, cells: int, size: int, holes: bool = False) -> Tiling:
    """A tiling of the square [0, size]² moved to Langfang; with `holes` some triangles belong to no cell."""
    rng = np.random.default_rng(seed)
    while True:
        found = _tiling(rng, points, cells, size, holes)
        if found is not None:
            return found


def _tiling(rng: np.random.Generator, points: int, cells: int, size: int, holes: bool) -> Tiling | None:
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]])
    inner = rng.integers(1, size, (points, 2))
    xy = np.unique(np.concatenate([corners, inner]), axis=0)
    triangles = xy[Delaunay(xy).simplices]
    u, v = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    twice = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    if (twice == 0).any() or np.abs(twice).sum() != 2 * size * size:
        return None
    centre = triangles.mean(axis=1)
    seats = rng.integers(0, size + 1, (cells, 2))
    cell = ((centre[:, None] - seats) ** 2).sum(axis=2).argmin(axis=1)
    stray = rng.random(len(cell)) < 0.15
    cell[stray] = rng.integers(0, cells, int(stray.sum()))
    if holes:
        cell[rng.random(len(cell)) < 0.1] = -1
    _, cell[cell >= 0] = np.unique(cell[cell >= 0], return_inverse=True)
    if not (cell >= 0).any():
        return None
    triangles = triangles + ORIGIN
    faces = shapely.polygons(shapely.linearrings(triangles.astype(float)))
    polygons = np.array([shapely.union_all(faces[cell == c]) for c in range(cell.max() + 1)], dtype=object)
    outline = shapely.union_all(faces[cell >= 0])
    if any((shapely.get_coordinates(p) % 1).any() for p in (*polygons, outline)):
        return None
    return Tiling(polygons, outline, triangles[cell >= 0], cell[cell >= 0])


tilings = st.builds(
    tiling,
    seed=st.integers(0, 2**32 - 1),
    points=st.integers(1, 40),
    cells=st.integers(1, 9),
    size=st.sampled_from([8, 40, 3_000, 2_000_000]),
    holes=st.booleans(),
)
