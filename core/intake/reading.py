"""A foreign file's layer of polygons, read in a limited process, one file after another."""

from __future__ import annotations

from pathlib import Path

from core.intake.options import ReadOptions
from core.intake.turns import turn_to_read
from gis.formats import Layer
from gis.sandbox import read_layer_in_subprocess


def read(path: Path, options: ReadOptions, *, within_s: int | None = None, patient: bool = True) -> Layer:
    """The layer of a file.

    :param within_s: computing time, where less than the settings allow.
    :param patient: wait for other files as long as it takes.
    :raises FormatError: where it is none, with what to do.
    :raises Busy: when another file is being read and the wait for it is over.
    """
    with turn_to_read(within_s=within_s, patient=patient) as limits:
        return read_layer_in_subprocess(
            path, options.layer, options.encoding, memory_mb=limits.memory_mb, seconds=limits.seconds
        )
