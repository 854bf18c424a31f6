"""Shapes as well-known binary in files between two processes: data, never pickled objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

AT_ONCE = 10_000
"""Shapes that are read at a time."""


def save_wkb(path: Path, pieces: Iterable[bytes | None]) -> None:
    """Write shapes one after another as they come, `None` for one that is missing; their lengths lie beside."""
    lengths = []
    with path.open("wb") as file:
        for piece in pieces:
            lengths.append(file.write(piece or b""))
    np.save(_lengths(path), np.array(lengths, dtype=np.int64))


def load_wkb(path: Path) -> NDArray[np.object_]:
    """The shapes that `save_wkb` wrote: object[n] of bytes and `None`."""
    return np.concatenate([np.empty(0, dtype=object), *_read(path)])


def load_shapes(path: Path) -> NDArray[np.object_]:
    """The same as geometries, object[n]."""
    return np.concatenate([np.empty(0, dtype=object), *(shapely.from_wkb(pieces) for pieces in _read(path))])


def _read(path: Path) -> Iterator[NDArray[np.object_]]:
    lengths = np.load(_lengths(path), allow_pickle=False).tolist()
    with path.open("rb") as file:
        for first in range(0, len(lengths), AT_ONCE):
            some = lengths[first : first + AT_ONCE]
            pieces = np.empty(len(some), dtype=object)
            pieces[:] = [file.read(length) or None for length in some]
            yield pieces


def _lengths(path: Path) -> Path:
    return path.with_name(f"{path.name}.lengths.npy")
