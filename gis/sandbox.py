"""Layers of foreign files, read in the limited process; this process sees only the result, as JSON and WKB."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import shapely

from gis.formats import Layer, read_layer
from gis.limited import MEMORY_MB, SECONDS, ask
from gis.notes import Note
from gis.packing import load_shapes, save_wkb

SHAPES = "shapes.wkb"


def read_layer_in_subprocess(
    path: Path | str,
    layer: str | None = None,
    encoding: str | None = None,
    *,
    memory_mb: int = MEMORY_MB,
    seconds: int = SECONDS,
) -> Layer:
    """Read one layer as `gis.formats.read_layer` does, in a limited process.

    Raises FormatError with the codes of `read_layer`, and `too_large` when memory or time did not suffice,
    `crashed` when the process died.
    """
    request: dict[str, object] = {"path": str(Path(path).absolute()), "layer": layer, "encoding": encoding}
    with tempfile.TemporaryDirectory(prefix="sandbox-") as name:
        folder = Path(name)
        told = ask(__name__, folder, request, memory_mb=memory_mb, seconds=seconds)
        shapes = load_shapes(folder / SHAPES)
    return Layer(
        name=told["name"],
        geometries=shapes,
        fields=told["fields"],
        crs=told["crs"],
        encoding=told["encoding"],
        notes=tuple(Note(**values) for values in told["notes"]),
        layers=tuple(told["layers"]),
        crs_by=told["crs_by"],
    )


def answer(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """In the limited process: the layer, its shapes in a file of their own."""
    layer = read_layer(request["path"], request["layer"], request["encoding"])
    save_wkb(folder / SHAPES, (None if g is None else shapely.to_wkb(g) for g in layer.geometries))
    return {
        "name": layer.name,
        "fields": layer.fields,
        "crs": layer.crs,
        "encoding": layer.encoding,
        "notes": [asdict(note) for note in layer.notes],
        "layers": layer.layers,
        "crs_by": layer.crs_by,
    }
