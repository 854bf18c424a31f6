"""One layer as it stands in a file, before anything is judged or moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gis.crs import parse_crs
from gis.errors import CrsError
from gis.notes import Note, note

Value = str | int | float | None
SAMPLES = 3
SAMPLE_LENGTH = 60


@dataclass(frozen=True)
class Layer:
    """A layer of polygons with its fields.

    `geometries` object[n]: flat Polygon or MultiPolygon in the file's own coordinates, None where the file has a
    null or an empty one. `fields`: name to n plain values. `crs`: `EPSG:<code>` or WKT, None when the file does
    not say. `crs_by`: whose word that is: the file's own, or its format's standard where the file says nothing.
    `encoding`: the encoding its text was read in. `notes`: what was put right or could not be
    read. `layers`: the names of all layers of the file that may hold polygons, this one among them.
    """

    name: str
    geometries: NDArray[np.object_]
    fields: dict[str, list[Value]]
    crs: str | None
    encoding: str | None
    notes: tuple[Note, ...] = ()
    layers: tuple[str, ...] = ()
    crs_by: Literal["file", "standard"] = "file"


def samples(values: Sequence[Value]) -> list[str]:
    """A few of a field's values, each once and cut short, by which a person knows the field again."""
    told = dict.fromkeys(str(value)[:SAMPLE_LENGTH] for value in values if value not in (None, ""))
    return list(told)[:SAMPLES]


def stated_crs(text: str | None) -> tuple[str | None, tuple[Note, ...]]:
    """The CRS that a file states, in our spelling; None when it names none, or none that can be understood.

    The second value says so in the latter case.
    """
    if not text or "undefined" in text.lower():
        return None, ()
    try:
        return parse_crs(text).value, ()
    except CrsError:
        doubt = note(
            f"The coordinate system {text[:80]!r} that the file states cannot be understood; state it.",
            code="crs_unclear", stated=text[:80],
        )  # fmt: skip
        return None, (doubt,)
