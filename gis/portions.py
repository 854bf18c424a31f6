"""Many geometries a portion at a time, so that what is made of them on the way stays small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

PORTION: Final = 1_000_000
"""Vertices that are worked on at once where all of a large city would not fit into memory."""


def in_order(geometries: NDArray[Any], most: int = PORTION, groups: NDArray[np.int64] | None = None) -> Iterator[slice]:
    """Runs of geometries object[n] of about `most` vertices each, as they stand; one where there are none.

    With `groups` int64[n], equal ones side by side, no run ends inside a group.
    """
    before = np.cumsum(shapely.get_num_coordinates(geometries)) // most
    cuts = np.flatnonzero(np.diff(before)) + 1
    if groups is not None:
        cuts = np.unique(np.searchsorted(groups, groups[cuts]))
        cuts = cuts[cuts > 0]
    ends = [*cuts.tolist(), len(geometries)]
    start = 0
    for end in ends:
        yield slice(start, end)
        start = end


def by_place(polygons: NDArray[Any], most: int = PORTION) -> Iterator[NDArray[np.int64]]:
    """Positions of lattice polygons object[n] in portions of about `most` vertices each, neighbours together.

    Where one portion holds them all, they stay in their order.
    """
    order = np.arange(len(polygons))
    if shapely.get_num_coordinates(polygons).sum() > most:
        order = np.argsort(_along_a_curve(polygons), kind="stable")
    for run in in_order(polygons[order], most):
        yield order[run]


def _along_a_curve(polygons: NDArray[Any]) -> NDArray[np.int64]:
    """Where each polygon's box lies along Morton's curve: neighbours there are neighbours on the ground."""
    west, south, east, north = np.nan_to_num(shapely.bounds(polygons)).T
    place = np.zeros(len(polygons), np.int64)
    for shift, middle in ((0, (west + east) / 2), (1, (south + north) / 2)):
        cell = ((middle - middle.min()) / max(np.ptp(middle), 1.0) * 1023).astype(np.int64)
        for bit in range(10):
            place |= ((cell >> bit) & 1) << (2 * bit + shift)
    return place
