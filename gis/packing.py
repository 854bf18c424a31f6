"""Shapes as well-known binary in a file between two processes: data, never pickled objects."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def save_wkb(path: Path, pieces: Iterable[bytes | None]) -> None:
    """Write shapes, `None` for one that is missing."""
    kept = [each or b"" for each in pieces]
    np.savez(
        path,
        wkb=np.frombuffer(b"".join(kept), dtype=np.uint8),
        lengths=np.array([len(piece) for piece in kept], dtype=np.int64),
    )


def load_wkb(path: Path) -> NDArray[np.object_]:
    """The shapes that `save_wkb` wrote: object[n] of bytes and `None`."""
    with np.load(path, allow_pickle=False) as arrays:
        wkb, ends = arrays["wkb"].tobytes(), np.cumsum(arrays["lengths"]).tolist()
    pieces = np.empty(len(ends), dtype=object)
    pieces[:] = [wkb[start:end] or None for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return pieces
