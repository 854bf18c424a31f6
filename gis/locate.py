"""Points to leaves, exactly: a raster of labels that keeps the crossing edges where squares are not pure.

The rule of ownership: a point on the lattice counts as moved infinitesimally *east first, then north*
(by (d, e) with 0 < e << d), so it lies on no edge and has one owner, the same at all levels.

The index is a raster of squares 2**k units wide, each with the label at its centre. A square that edges cross
keeps those edges, each with the labels of its two sides XORed. Walking from a point to its square's centre
along an L, every edge crossed swaps its two labels; XOR forgets the order, so
label(point) = label(centre) XOR the edges crossed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.chain import edges, sides, spans
from gis.errors import LatticeError
from gis.lattice import Integers, as_array, rings_of

SMALLEST = 11
"""Least power of two for the width of a square: 2,048 units are about 23 m."""

LARGEST_RASTER = 2**26
"""Most squares a raster may have; wider squares are taken until they fit."""

CHUNK = 250_000
"""Points answered at a time, so that memory stays bounded."""

_LONGEST = 2**30
_NAMES = ("head", "raster", "start", "centre", "edge", "labels")


class LocateIndex:
    """Which leaf of a proven coverage owns a point: one point in microseconds, millions in seconds.

    Build it with `build`, keep it with `save`, map it into memory with `load`. Labels are whole numbers ≥ 0
    (state ids); −1 means outside.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self._k, self._x0, self._y0, self._nx, self._ny = (int(v) for v in arrays["head"])
        self._raster, self._start = arrays["raster"], arrays["start"]
        self._centre, self._edge, self._labels = arrays["centre"], arrays["edge"], arrays["labels"]

    @classmethod
    def build(cls, polygons: object, labels: object) -> LocateIndex:
        """The index of lattice polygons that do not overlap, labelled int64[n].

        Raises CoverageError where an edge has two polygons on one side, LatticeError where an edge is longer
        than 107 degrees or a label is negative.
        """
        array = as_array(polygons)
        label = np.asarray(labels, np.int64)
        if len(label) != len(array) or (label < 0).any():
            raise LatticeError("give one label of 0 or more to each polygon", code="bad_labels")
        low, high, left, right = sides(edges(array))
        if len(low) and max(int(np.abs(high - low).max()), 0) > _LONGEST:
            raise LatticeError("an edge is longer than 107 degrees: add vertices to it", code="edge_too_long")
        upward = (low[:, 1] < high[:, 1]) | ((low[:, 1] == high[:, 1]) & (low[:, 0] < high[:, 0]))
        a, b = np.where(upward[:, None], low, high), np.where(upward[:, None], high, low)
        return cls(_rasterise(a, b, (left + 1) ^ (right + 1), label))

    def save(self, folder: str | Path) -> None:
        """Write the index as .npy files into `folder`, whole or not at all: a temporary folder is renamed."""
        target = Path(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            for name in _NAMES:
                np.save(fresh / f"{name}.npy", self._arrays[name])
            fresh.chmod(0o755)
            if target.exists():
                shutil.rmtree(target)
            fresh.rename(target)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    @classmethod
    def load(cls, folder: str | Path) -> LocateIndex:
        """Map a saved index into memory, shared by all processes that do; raises FileNotFoundError."""
        read = {n: np.load(Path(folder) / f"{n}.npy", mmap_mode="r", allow_pickle=False) for n in _NAMES}
        return cls({name: array.view(np.ndarray) for name, array in read.items()})

    def locate(self, points: object) -> Integers:
        """Labels int64[n] of lattice points int64[n, 2]; −1 outside."""
        xy = np.asarray(points, np.int64).reshape(-1, 2)
        result = np.empty(len(xy), np.int64)
        for at in range(0, len(xy), CHUNK):
            result[at : at + CHUNK] = self._labels[self._query(xy[at : at + CHUNK])]
        return result

    def owner(self, x: int, y: int) -> int:
        """Label of one lattice point, −1 outside: plain integers, no array is made."""
        k = self._k
        i, j = (x >> k) - self._x0, (y >> k) - self._y0
        if not (0 <= i < self._nx and 0 <= j < self._ny):
            return -1
        value = int(self._raster[j * self._nx + i])
        if value < 0:
            square = ~value
            value = int(self._centre[square])
            half = (1 << k) - 1
            cx, cy = ((x >> k) << (k + 1)) + half, ((y >> k) << (k + 1)) + half
            for edge in self._edge[self._start[square] : self._start[square + 1]].tolist():
                if _crossed(edge, x, y, cx, cy):
                    value ^= edge[4]
        return int(self._labels[value])

    def _query(self, xy: Integers) -> NDArray[np.int32]:
        """Positions in `_labels` of lattice points."""
        k = self._k
        x, y = xy[:, 0], xy[:, 1]
        i, j = (x >> k) - self._x0, (y >> k) - self._y0
        within = (i >= 0) & (i < self._nx) & (j >= 0) & (j < self._ny)
        value = self._raster[np.where(within, j * self._nx + i, 0)]  # square 0 is outside by construction
        mixed = np.flatnonzero(value < 0)
        if len(mixed):
            square = ~value[mixed]
            begin = self._start[square].astype(np.int64)
            size = self._start[square + 1] - begin
            edge = self._edge[spans(begin, size)]
            toggle = _toggles(edge, xy[np.repeat(mixed, size)], k)
            value[mixed] = self._centre[square] ^ np.bitwise_xor.reduceat(toggle, np.cumsum(size) - size)
        return value


def _crossed(edge: list[int], px: int, py: int, cx: int, cy: int) -> bool:
    """Whether an L-shaped walk crosses an upward edge an odd number of times.

    The walk leads from the point (px, py) along its parallel to the meridian of the centre, then along that
    to the centre; cx, cy are the centre doubled, both odd, so no vertex lies on the centre's lines.
    """
    ax, ay, bx, by, _ = edge
    dx, dy = bx - ax, by - ay
    odd = False
    if ay <= py < by:
        g = dx * (py - ay)
        odd = (g > dy * (px - ax)) != (2 * g > dy * (cx - 2 * ax))
    if (2 * ax > cx) != (2 * bx > cx):
        u = (cx - 2 * ax) * dy
        w, z = u - 2 * (py - ay) * dx, u - (cy - 2 * ay) * dx
        if dx > 0:
            return odd ^ ((w > 0 or (w == 0 and dy > 0)) != (z > 0 or (z == 0 and dy > 0)))
        return odd ^ ((w < 0) != (z < 0))
    return odd


def _toggles(edge: NDArray[np.int32], points: Integers, k: int) -> NDArray[np.int32]:
    """`_crossed` for many pairs of edge and point: the edge's label pair where crossed, else 0."""
    ax, ay, bx, by = edge[:, :4].T.astype(np.int64)
    px, py = points.T
    half = (1 << k) - 1
    cx, cy = ((px >> k) << (k + 1)) + half, ((py >> k) << (k + 1)) + half
    dx, dy = bx - ax, by - ay
    g = dx * (py - ay)
    odd = (ay <= py) & (py < by) & ((g > dy * (px - ax)) != (2 * g > dy * (cx - 2 * ax)))
    span = np.flatnonzero((2 * ax > cx) != (2 * bx > cx))
    ax, ay, dx, dy = ax[span], ay[span], dx[span], dy[span]
    u = (cx[span] - 2 * ax) * dy
    w, z = u - 2 * (py[span] - ay) * dx, u - (cy[span] - 2 * ay) * dx
    rising = dy > 0
    east = ((w > 0) | ((w == 0) & rising)) != ((z > 0) | ((z == 0) & rising))
    odd[span] ^= np.where(dx > 0, east, (w < 0) != (z < 0))
    return np.where(odd, edge[:, 4], np.int32(0))


def _rasterise(a: Integers, b: Integers, pair: Integers, labels: Integers) -> dict[str, NDArray[Any]]:
    """The arrays of an index from upward edges a→b and their label pairs (position + 1, 0 outside)."""
    ends = np.concatenate([a, b]) if len(a) else np.zeros((1, 2), np.int64)
    lowest, highest = ends.min(axis=0), ends.max(axis=0)
    k = SMALLEST
    while int(np.prod((highest >> k) - (lowest >> k) + 3)) > LARGEST_RASTER:
        k += 1
    x0, y0 = ((lowest >> k) - 1).tolist()
    nx, ny = ((highest >> k) - (lowest >> k) + 3).tolist()
    raster = _centres(a, b, pair, k, (x0, y0, nx, ny))
    square, crossing = _touched(a, b, k, (x0, y0, nx))
    order = np.argsort(square, kind="stable")
    square, crossing = square[order], crossing[order]
    first = np.flatnonzero(np.concatenate([[True], square[1:] != square[:-1]])) if len(square) else order
    mixed = square[first]
    centre = raster[mixed].copy()
    raster[mixed] = ~np.arange(len(first), dtype=np.int32)
    edge = np.column_stack([a[crossing], b[crossing], pair[crossing]]).astype(np.int32)
    return {
        "head": np.array([k, x0, y0, nx, ny], np.int64),
        "raster": raster,
        "start": np.append(first, len(square)).astype(np.int64),
        "centre": centre,
        "edge": edge,
        "labels": np.concatenate([[-1], labels]),
    }


def _centres(a: Integers, b: Integers, pair: Integers, k: int, box: tuple[int, int, int, int]) -> NDArray[np.int32]:
    """The label at the centre of every square: along each row, the label pairs of the edges passed."""
    x0, y0, nx, ny = box
    width, half = 1 << (k + 1), (1 << k) - 1
    ax, ay, dx, dy = a[:, 0], a[:, 1], b[:, 0] - a[:, 0], b[:, 1] - a[:, 1]
    row0, row1 = (2 * ay - half) // width + 1, (2 * b[:, 1] - half) // width + 1
    size = row1 - row0
    edge, row = np.repeat(np.arange(len(a)), size), spans(row0, size)
    # doubled: where the edge meets the row's line of centres, then the first centre not west of it
    cross = (2 * ax[edge] - half) * dy[edge] + (row * width + half - 2 * ay[edge]) * dx[edge]
    column = -(-cross // (dy[edge] * width))
    raster = np.zeros((ny, nx), np.int32)
    np.bitwise_xor.at(raster.reshape(-1), (row - y0) * nx + column - x0, pair[edge].astype(np.int32))
    np.bitwise_xor.accumulate(raster, axis=1, out=raster)
    return raster.reshape(-1)


def _touched(a: Integers, b: Integers, k: int, box: tuple[int, int, int]) -> tuple[Integers, Integers]:
    """All pairs of square and edge that may meet (a few too many do no harm)."""
    x0, y0, nx = box
    ax, ay, bx, by = a[:, 0], a[:, 1], b[:, 0], b[:, 1]
    size = (by >> k) - (ay >> k) + 1
    edge, row = np.repeat(np.arange(len(a)), size), spans(ay >> k, size)
    low, high = np.maximum(ay[edge], row << k), np.minimum(by[edge], (row + 1) << k)
    dx, rise = bx[edge] - ax[edge], np.maximum(by[edge] - ay[edge], 1)
    level = by[edge] == ay[edge]
    enter = np.where(level, ax[edge], ax[edge] + (low - ay[edge]) * dx // rise)
    leave = np.where(level, bx[edge], ax[edge] + (high - ay[edge]) * dx // rise)
    west, east = np.minimum(enter, leave) >> k, (np.maximum(enter, leave) + 1) >> k
    size = east - west + 1
    again = np.repeat(np.arange(len(edge)), size)
    return (row[again] - y0) * nx + spans(west, size) - x0, edge[again]


def contains(polygon: Any, x: int, y: int) -> bool:
    """Whether a lattice polygon owns a lattice point: an exact walk round its rings, by the index's rule."""
    rings = rings_of(polygon)
    xy = rings.xy.astype(np.int64)
    closing = np.zeros(len(xy), bool)
    closing[rings.start[1:] - 1] = True
    index = np.flatnonzero(~closing)
    a, b = xy[index], xy[index + 1]
    straddle = (a[:, 1] > y) != (b[:, 1] > y)
    a, b = a[straddle], b[straddle]
    up = (a[:, 1] < b[:, 1])[:, None]
    a, b = np.where(up, a, b), np.where(up, b, a)
    # an edge through the point itself does not count: moved east, the point lies beyond it
    beyond = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) > (b[:, 1] - a[:, 1]) * (x - a[:, 0])
    return bool(int(beyond.sum()) % 2)
