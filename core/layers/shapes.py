"""Shapes of a file as they are drawn: in degrees, near the city, mended or left out and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from core.layers.mending import Mender
from core.layers.views import MOST_ZOOM, Family
from gis.crs import Crs, transform_geometries

FAMILY: Final[tuple[Family | None, ...]] = (
    "point", "line", "line", "polygon", "point", "line", "polygon", None,
)  # fmt: skip
"""By shapely's type ids."""
LEAST_PX: Final = 3
"""What is smaller on the screen is drawn from a later zoom on."""
TILE_PX: Final = 256
FEW: Final = 1_000
"""Up to so many vertices it takes no time to see whether a shape is valid."""
DECIMALS: Final = 1e-7
MARGIN_DEG: Final = 0.02
"""How far from the city's box, some two kilometres, features are still kept: what borders on it helps to find it."""

Box = tuple[float, float, float, float]


@dataclass
class Counts:
    """What became of the rows so far.

    :param left_out: by reason.
    """

    read: int = 0
    kept: int = 0
    mended: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    west: float = np.inf
    south: float = np.inf
    east: float = -np.inf
    north: float = -np.inf

    def widen(self, geometries: NDArray[np.object_]) -> None:
        """Take the extent of further shapes in."""
        west, south, east, north = shapely.total_bounds(geometries)
        self.west, self.south = min(self.west, west), min(self.south, south)
        self.east, self.north = max(self.east, east), max(self.north, north)

    @property
    def extent(self) -> list[float]:
        """West, south, east, north of all that was kept, in degrees."""
        return [float(round(value, 7)) for value in (self.west, self.south, self.east, self.north)]


def from_file(wkb: NDArray[np.object_], counts: Counts) -> NDArray[np.object_]:
    """The shapes in the file's own coordinates, ``None`` for those that are empty or broken, which are counted."""
    with np.errstate(invalid="ignore"):
        shapes: NDArray[np.object_] = shapely.from_wkb(wkb, on_invalid="ignore")
    given = np.array([each is not None for each in wkb], dtype=bool)
    counts.read += len(wkb)
    broken = given & shapely.is_missing(shapes)
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    broken[row[~np.isfinite(xy).all(axis=1)]] = True
    empty = ~broken & (~given | shapely.is_empty(shapes))
    _drop(shapes, broken, "broken", counts)
    _drop(shapes, empty, "empty", counts)
    return shapes


def placed_near(shapes: NDArray[np.object_], crs: Crs, near: Box | None, counts: Counts) -> NDArray[np.object_]:
    """The shapes in CGCS2000 degrees; those that lie beyond ``near`` (the city's box) and its margin are left out.

    A shape that touches it is kept whole: a road that leaves the city tells where it leads.
    Raises CrsError where the coordinates cannot be those of ``crs``.
    """
    moved = transform_geometries(shapes, crs)
    if near is None:
        return moved
    west, south, east, north = near
    bounds = shapely.bounds(moved)
    with np.errstate(invalid="ignore"):
        outside = (
            (bounds[:, 2] < west - MARGIN_DEG) | (bounds[:, 0] > east + MARGIN_DEG)
            | (bounds[:, 3] < south - MARGIN_DEG) | (bounds[:, 1] > north + MARGIN_DEG)
        )  # fmt: skip
    _drop(moved, outside, "outside", counts)
    return moved


def drawn(
    shapes: NDArray[np.object_], families: frozenset[Family], *, as_points: bool, counts: Counts, mender: Mender
) -> NDArray[np.object_]:
    """Those of the fitting shapes, valid ones; as points, each by one inside it.

    Raises FormatError where one takes more than the mender has to be mended.
    """
    kinds = np.array([*FAMILY, None], dtype=object)[shapely.get_type_id(shapes)]
    unfit = ~shapely.is_missing(shapes) & ~np.isin(kinds, sorted(families))
    _drop(shapes, unfit, "other_shape", counts)
    _mend(shapes, counts, mender)
    if as_points:
        flat = ~shapely.is_missing(shapes) & (kinds != "point")
        shapes[flat] = shapely.point_on_surface(shapes[flat])
    left = ~shapely.is_missing(shapes)
    counts.families.update(["point"] * int(left.sum()) if as_points else kinds[left].tolist())
    return shapes


def zoom_of_size(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """From which zoom each shape is large enough to be seen; points are from the first."""
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        size = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
        zoom = np.ceil(np.log2(LEAST_PX * 360.0 / TILE_PX / np.maximum(size, DECIMALS)))
    zoom = np.where(size > 0, np.clip(zoom, 0, MOST_ZOOM), 0)
    return np.asarray(zoom, dtype=np.int64)


def _mend(shapes: NDArray[np.object_], counts: Counts, mender: Mender) -> None:
    """Put valid shapes in the place of others; the mender looks at those that take long to be looked at, too."""
    doubtful = ~shapely.is_missing(shapes)
    few = (shapely.get_dimensions(shapes) < 2) | (shapely.get_num_coordinates(shapes) <= FEW)
    doubtful[few] &= ~shapely.is_valid(shapes[few])
    at = np.flatnonzero(doubtful)
    if len(at):
        shapes[at], changed = mender.mend(shapes[at], counts.read - len(shapes) + 1 + at)
        lost = shapely.is_missing(shapes[at])
        counts.mended += int((changed & ~lost).sum())
        counts.left_out["broken"] += int(lost.sum())


def _drop(shapes: NDArray[np.object_], which: NDArray[np.bool_], reason: str, counts: Counts) -> None:
    number = int(which.sum())
    if number:
        shapes[which] = None
        counts.left_out[reason] += number
