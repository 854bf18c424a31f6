"""Drawings out: closed outlines and names in DXF, for CAD.

Written here, not by GDAL: its driver draws no text without a style, and pyogrio hands none over. Nor by ezdxf (1.4),
whose audit finds nothing wrong with these files: it holds the whole drawing as objects, and for 2,000 outlines of 88
vertices took 24 s and 100 MB where 2.5 s and 3 MB do; codes inside texts would still be ours to escape. The form is
that of AutoCAD R12, which every program reads, its text in GBK; what GBK lacks stands in it as AutoCAD escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import Crs, geometries_in
from gis.errors import FormatError
from gis.formats.draft import drafted

# AutoCAD's colour numbers, one after the other for the layers.
COLOURS = (7, 1, 5, 3, 6, 4, 2)
ENCODING = "gbk"
# Beginnings of AutoCAD's own codes inside a text, and characters that would end its line.
CODES = re.compile(r"%(?=%)|(?<=%)%|[\\^\x00-\x1f\x7f]")
LAST_ESCAPED = 0xFFFF
LAYER_NAME = re.compile(r"[A-Za-z0-9_$-]{1,31}")
# A name takes this part of the shorter side of its grid's box.
TEXT_SHARE = 1 / 20


@dataclass(frozen=True)
class Drawing:
    """What is drawn, row by row: polygons and points for the texts in degrees of EPSG:4490, layers, texts.

    A layer's name has at most 31 of the letters A to Z, digits, `_`, `$` and `-`.
    """

    polygons: NDArray[np.object_]
    text_points: NDArray[np.object_]
    layers: Sequence[str]
    texts: Sequence[str]


def write_drawing(path: Path | str, drawing: Drawing, crs: Crs) -> None:
    """Write every ring as a closed polyline and every text at its point to a .dxf file, in coordinates of `crs`.

    The file is replaced as a whole, or not at all. It does not say which system it is in: the format cannot.
    Raises FormatError: `not_in_drawing`, `cannot_write`. Raises CrsError as `geometries_in`; ValueError where a layer
    is not named so.
    """
    target = Path(path)
    texts = [_escaped(text) for text in drawing.texts]
    polygons = geometries_in(drawing.polygons, crs)
    points = shapely.get_coordinates(geometries_in(drawing.text_points, crs))
    try:
        with drafted(target) as draft, draft.open("w", encoding=ENCODING, newline="\r\n") as file:
            _head(file, polygons, drawing.layers)
            for polygon, point, layer, text in zip(polygons, points, drawing.layers, texts, strict=True):
                _outline(file, polygon, layer)
                _text(file, polygon, point, layer, text)
            _put(file, (0, "ENDSEC"), (0, "EOF"))
    except OSError as error:
        raise FormatError(
            f"The drawing cannot be written to {target.name!r}: {error}.",
            code="cannot_write",
            name=target.name,
            detail=str(error),
        ) from error


def _escaped(text: str) -> str:
    """A text that no program takes for a formatting code, in characters of GBK."""
    if strange := next((c for c in text if ord(c) > LAST_ESCAPED), None):
        raise FormatError(
            f"{text!r} holds {strange!r}, which a DXF file cannot say. Write a GeoPackage or a shapefile in UTF-8.",
            code="not_in_drawing",
            text=text,
            character=strange,
        )
    safe = CODES.sub(lambda found: _code(found[0]), text)
    return "".join(c if c.encode(ENCODING, "ignore") else _code(c) for c in safe)


def _code(character: str) -> str:
    return f"\\U+{ord(character):04X}"


def _put(file: TextIO, *groups: tuple[int, str | float]) -> None:
    """Write group codes with their values; a float by the digits that give it back."""
    file.writelines(f"{code:3}\n{value}\n" for code, value in groups)


def _head(file: TextIO, polygons: NDArray[np.object_], layers: Sequence[str]) -> None:
    west, south, east, north = map(float, shapely.total_bounds(polygons))
    _put(file, (0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1009"), (9, "$DWGCODEPAGE"), (3, "ANSI_936"))
    _put(file, (9, "$EXTMIN"), (10, west), (20, south), (30, 0.0), (9, "$EXTMAX"), (10, east), (20, north), (30, 0.0))
    names = list(dict.fromkeys(layers))
    _put(file, (0, "ENDSEC"), (0, "SECTION"), (2, "TABLES"), (0, "TABLE"), (2, "LTYPE"), (70, 1))
    _put(file, (0, "LTYPE"), (2, "CONTINUOUS"), (70, 0), (3, "Solid line"), (72, 65), (73, 0), (40, 0.0))
    _put(file, (0, "ENDTAB"), (0, "TABLE"), (2, "LAYER"), (70, len(names)))
    for number, name in enumerate(names):
        if not LAYER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a layer of a DXF file")
        _put(file, (0, "LAYER"), (2, name), (70, 0), (62, COLOURS[number % len(COLOURS)]), (6, "CONTINUOUS"))
    _put(file, (0, "ENDTAB"), (0, "ENDSEC"), (0, "SECTION"), (2, "ENTITIES"))


def _rings(polygon: shapely.Geometry) -> Iterator[NDArray[np.float64]]:
    for part in shapely.get_parts(polygon):
        for ring in (part.exterior, *part.interiors):
            yield shapely.get_coordinates(ring)[:-1]


def _outline(file: TextIO, polygon: shapely.Geometry, layer: str) -> None:
    for corners in _rings(polygon):
        _put(file, (0, "POLYLINE"), (8, layer), (66, 1), (10, 0.0), (20, 0.0), (30, 0.0), (70, 1))
        for x, y in corners.tolist():
            _put(file, (0, "VERTEX"), (8, layer), (10, x), (20, y), (30, 0.0))
        _put(file, (0, "SEQEND"), (8, layer))


def _text(file: TextIO, polygon: shapely.Geometry, point: NDArray[np.float64], layer: str, text: str) -> None:
    west, south, east, north = shapely.bounds(polygon).tolist()
    x, y = point.tolist()
    _put(file, (0, "TEXT"), (8, layer), (10, x), (20, y), (30, 0.0), (40, min(east - west, north - south) * TEXT_SHARE))
    _put(file, (1, text), (72, 1), (73, 2), (11, x), (21, y), (31, 0.0))
