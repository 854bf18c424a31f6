"""Shapes to be drawn made valid in the limited process: one small polygon that crosses itself may take hours."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import FormatError
from gis.lattice import Geometries
from gis.limited import MEMORY_MB, SECONDS, ask
from gis.packing import load_shapes, save_wkb

GIVEN, MADE, AT = "given.wkb", "made.wkb", "at.txt"


def mended_in_subprocess(
    shapes: Geometries, rows: NDArray[np.int64], *, memory_mb: int = MEMORY_MB, seconds: int = SECONDS
) -> tuple[Geometries, NDArray[np.bool_], float]:
    """Shapes that are valid in place of those that are not.

    :param shapes: object[n] in degrees, none missing.
    :param rows: int[n], by which a person finds each in the file.
    :returns: object[n], where something had to be mended the parts that have the shape's own dimension, None where
        there is none; bool[n], whether it had to be; processor seconds.
    :raises FormatError: `too_tangled` with `row`, `lon`, `lat` of the shape for which memory or time did not suffice.
    """
    with tempfile.TemporaryDirectory(prefix="mending-") as name:
        folder = Path(name)
        save_wkb(folder / GIVEN, shapely.to_wkb(shapes).tolist())
        try:
            told = ask(__name__, folder, {}, memory_mb=memory_mb, seconds=seconds)
        except FormatError as error:
            at = folder / AT
            if not at.is_file():
                raise
            raise _too_tangled(shapes, rows, int(at.read_text() or 0), memory_mb, seconds) from error
        made = load_shapes(folder / MADE)
    changed = np.zeros(len(shapes), dtype=bool)
    changed[told["changed"]] = True
    result = shapes.copy()
    result[changed] = made
    return result, changed, float(told["seconds"])


def answer(folder: Path, _request: dict[str, Any]) -> dict[str, Any]:
    """In the limited process: the shapes that had to be mended, and which those are."""
    changed, made = [], []
    for number, shape in enumerate(load_shapes(folder / GIVEN)):
        (folder / AT).write_text(str(number))
        if not shape.is_valid:
            changed.append(number)
            made.append(_same_dimension(shapely.make_valid(shape), shapely.get_dimensions(shape)))
    save_wkb(folder / MADE, made)
    return {"changed": changed, "seconds": time.process_time()}


def _same_dimension(shape: Any, dimension: int) -> bytes | None:
    """The parts of a mended shape that are still what it was, as WKB; ``None`` where there is none."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if shapely.get_dimensions(part) == dimension]
    if not parts:
        return None
    return bytes(shapely.to_wkb(parts[0] if len(parts) == 1 else shapely.union_all(parts)))


def _too_tangled(shapes: Geometries, rows: NDArray[np.int64], at: int, memory_mb: int, seconds: int) -> FormatError:
    west, south, east, north = shapely.bounds(shapes[at]).tolist()
    row, lon, lat = int(rows[at]), round((west + east) / 2, 5), round((south + north) / 2, 5)
    return FormatError(
        f"Row {row} near {lon}, {lat} crosses itself so often that it cannot be mended in {seconds} seconds and "
        f"{memory_mb} MB of memory. Correct it or leave it out.",
        code="too_tangled",
        row=row,
        lon=lon,
        lat=lat,
        memory_mb=memory_mb,
        seconds=seconds,
    )
