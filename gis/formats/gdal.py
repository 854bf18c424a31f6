"""GDAL behind a narrow door: local files of six formats, every feature or an error, plain Python values.

GDAL is reached through pyogrio, imported late because it is heavy. Only a file whose first bytes already told its
format comes here, under a name of ours; a driver that is not the expected one is refused, and those that follow
references to other files or hosts are switched off before GDAL starts.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import warnings
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import FormatError
from gis.formats.layer import Value
from gis.notes import Note, note
from gis.portions import in_order

DRIVERS = {
    "gpkg": ("GPKG",),
    "fgb": ("FlatGeobuf",),
    "geojson": ("GeoJSON",),
    "topojson": ("TopoJSON",),
    "kml": ("LIBKML", "KML"),
    "shp": ("ESRI Shapefile",),
}
FOLLOWING = "OGR_VRT,GDALG,HTTP,WFS,OAPIF,OGCAPI,CSW,Carto,AmigoCloud,Elasticsearch,EEDA,NGW,PLSCENES,ADBC"
POLYGON, MULTIPOLYGON = 3, 6
# WKB types of curves (8–14) and surfaces (15–17).
CURVED = range(8, 18)
# Bytes of the bounding box that may stand before the WKB in a GeoPackage, by the code in its header.
GPKG_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
NAMES = {1: "point", 2: "line", 3: "polygon", 4: "points", 5: "lines", 6: "polygon", 7: "collection"}
MAX_VERTICES = 1_000_000
KEPT_WARNINGS = 20
EXACT_IN_DOUBLE = 2**53
TRUTH = "OFSTBoolean"


def _pyogrio() -> Any:
    os.environ.setdefault("GDAL_SKIP", FOLLOWING)
    import pyogrio

    return pyogrio


@contextmanager
def _speaking(path: Path, said: list[Note]) -> Iterator[None]:
    """Turn GDAL's exceptions into FormatError and collect its warnings in `said`."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    except FormatError:
        raise
    except UnicodeDecodeError as error:
        raise FormatError(
            "The text of the file is not UTF-8, as its format demands. Export it again as UTF-8.",
            code="wrong_encoding",
            stated=None,
            remedy=None,
        ) from error
    except (RuntimeError, ValueError, sqlite3.Error, shapely.GEOSException) as error:
        detail = _without_folder(str(error), path)
        raise FormatError(
            f"The file is damaged or not what its beginning says: {detail}. Export the layer again.",
            code="damaged",
            detail=detail,
        ) from error
    heard = dict.fromkeys(
        _without_folder(str(w.message), path) for w in caught if issubclass(w.category, RuntimeWarning)
    )
    said.extend(note(text, code="gdal", detail=text) for text in heard)
    del said[KEPT_WARNINGS:]


def _without_folder(said: str, path: Path) -> str:
    """What GDAL says of a file, with its bare name: where it lies here concerns nobody."""
    return said.replace(f"{path.parent}/", "").replace(str(path.parent), "")[:300]


def layer_names(path: Path) -> list[str]:
    """The layers that may hold polygons; when none may, all layers that have shapes."""
    with _speaking(path, []):
        listed = _pyogrio().list_layers(path)
    spatial = [(str(name), str(kind)) for name, kind in listed if kind is not None]
    fitting = [name for name, kind in spatial if "Point" not in kind and "LineString" not in kind]
    return fitting or [name for name, _ in spatial]


def all_layer_names(path: Path) -> list[str]:
    """The layers that have shapes."""
    with _speaking(path, []):
        return [str(name) for name, kind in _pyogrio().list_layers(path) if kind is not None]


def _expect_driver(found: str, kind: str) -> None:
    if found not in DRIVERS[kind]:
        raise FormatError(
            f"The file looks like {DRIVERS[kind][0]}, but is read as {found}. Export the layer again.",
            code="unknown_format",
            found=found,
        )


Rows = tuple[Any, dict[str, list[Value]], str | None, list[Note]]
"""Shapes as WKB object[n] (see `shapes`), fields, the CRS as GDAL gives it, GDAL's warnings."""


def read(path: Path, kind: str, layer: str | int) -> Rows:
    """Read a layer whole."""
    if kind == "gpkg":
        with _speaking(path, []):
            _refuse_curves_inside(path, str(layer))
    return read_part(path, kind, layer)


def read_part(
    path: Path,
    kind: str,
    layer: str | int,
    *,
    columns: Collection[str] | None = None,
    skip: int = 0,
    most: int | None = None,
) -> Rows:
    """Read `most` rows of a layer after the first `skip`, with the fields named by `columns` (None: all)."""
    pyogrio = _pyogrio()
    said: list[Note] = []
    with _speaking(path, said):
        info = pyogrio.read_info(path, layer=layer)
        _expect_driver(info["driver"], kind)
        names = info["fields"].tolist()
        types = {
            name: ogr
            for name, ogr in zip(names, info["ogr_types"], strict=True)
            if "List" not in ogr and ogr != "OFTBinary"
        }
        chosen = [name for name in types if columns is None or name in columns]
        meta, _, wkb, data = pyogrio.raw.read(
            path, layer=layer, columns=chosen, force_2d=True, skip_features=skip, max_features=most,
            datetime_as_string=True,  # else their zone is lost
            where="1 = 1" if kind == "gpkg" else None,  # else the count that the file states, right or wrong, ends it
        )  # fmt: skip
        truths = {name for name, subtype in zip(names, info["ogr_subtypes"], strict=True) if subtype == TRUTH}
        fields = {
            str(name): _truths(array) if name in truths else _values(array, types[name], str(name))
            for name, array in zip(meta["fields"].tolist(), data, strict=True)
        }
        left_out = [name for name in names if name not in types and columns is None]
    if left_out:
        listed = ", ".join(left_out)
        said.append(
            note(
                f"Fields left out, because they hold lists or raw bytes: {listed}.",
                code="fields_left_out",
                fields=listed,
            )
        )
    return wkb, fields, meta["crs"], said


def _truths(array: NDArray[Any]) -> list[Value]:
    """True and false as the words that stand in the file: as numbers they would pass for codes."""
    return [None if v is None or v != v else "true" if v else "false" for v in array.tolist()]


def _values(array: NDArray[Any], ogr: str, name: str) -> list[Value]:
    """A column as plain Python values."""
    if array.dtype.kind != "f":
        return [v if isinstance(v, str | int | float) else None if v is None else str(v) for v in array.tolist()]
    numbers = [None if v != v else v for v in array.tolist()]
    if ogr not in ("OFTInteger", "OFTInteger64"):
        return list(numbers)
    # A whole-number column with empty cells arrives as doubles, which a long code does not survive.
    if any(v is not None and abs(v) >= EXACT_IN_DOUBLE for v in numbers):
        raise FormatError(
            f"Field {name!r} holds numbers of more than 15 digits beside empty cells. Store it as text.",
            code="number_too_long",
            field=name,
        )
    return [None if v is None else int(v) for v in numbers]


def _type_of(wkb: bytes) -> int:
    (code,) = struct.unpack("<I" if wkb[0] else ">I", wkb[1:5])
    return int(code & 0x0FFFFFFF) % 1000


def _refuse_curves_inside(path: Path, layer: str) -> None:
    """Look at the types in a GeoPackage itself: GDAL hands curves over as polygons of its own approximation."""
    column = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        for (name,) in database.execute(column, (layer,)).fetchall():
            quoted = [str(part).replace('"', '""') for part in (name, layer)]
            heads = database.execute('SELECT substr("{}", 1, 80) FROM "{}"'.format(*quoted))
            for row, (head,) in enumerate(heads, 1):
                envelope = GPKG_ENVELOPES.get((head[3] >> 1) & 7) if isinstance(head, bytes) and head[3:] else None
                wkb = head[8 + envelope :] if envelope is not None else b""
                if len(wkb) >= 5 and _type_of(wkb) in CURVED:
                    raise _curves(row)


def _curves(row: int) -> FormatError:
    return FormatError(
        f"Row {row} is drawn with curves or surfaces. Convert the layer to straight-edged polygons.",
        code="curves",
        row=row,
    )


def _refuse_other_types(wkb: list[bytes | None]) -> None:
    types = [None if w is None else _type_of(w) for w in wkb]
    rows = [row for row, t in enumerate(types) if t is not None and t not in (POLYGON, MULTIPOLYGON)]
    if not rows:
        return
    first = types[rows[0]] or 0
    if first in CURVED:
        raise _curves(rows[0] + 1)
    polygons = sum(t in (POLYGON, MULTIPOLYGON) for t in types)
    found = NAMES.get(first, "other shape")
    if not polygons:
        raise FormatError(
            f"The layer holds no polygons: row {rows[0] + 1} is a {found}. Choose a layer of areas.",
            code="no_polygons",
            row=rows[0] + 1,
            found=found,
        )
    raise FormatError(
        f"The layer mixes shapes: {polygons} polygons and {len(rows)} others, the first in row {rows[0] + 1} "
        f"({found}). Keep only the polygons.",
        code="mixed_geometry",
        row=rows[0] + 1,
        found=found,
        polygons=polygons,
        others=len(rows),
    )


def shapes(wkb: NDArray[np.object_] | None) -> NDArray[np.object_]:
    """Flat polygons from WKB object[n]; null and empty become None.

    Raises FormatError: `empty_layer`, `no_polygons`, `mixed_geometry`, `curves`, `broken_ring`, `not_finite`,
    `too_many_vertices`; rows in messages count from 1.
    """
    if wkb is None or not len(wkb):
        raise FormatError("The layer holds no rows. Choose another one.", code="empty_layer")
    _refuse_other_types(wkb.tolist())
    with np.errstate(invalid="ignore"):
        geometries: NDArray[np.object_] = shapely.from_wkb(wkb, on_invalid="ignore")
    given = np.array([w is not None for w in wkb])
    _refuse_row(
        given & shapely.is_missing(geometries),
        "broken_ring",
        "has a ring that is not closed or has too few points. Draw it anew or leave it out",
    )
    geometries[shapely.is_empty(geometries)] = None
    if shapely.is_missing(geometries).all():
        raise FormatError("The layer holds no polygons: every row is empty.", code="no_polygons")
    finite = np.ones(len(geometries), dtype=bool)
    for run in in_order(geometries):
        xy, row = shapely.get_coordinates(geometries[run], return_index=True)
        finite[run.start + row[~np.isfinite(xy).all(axis=1)]] = False
    _refuse_row(~finite, "not_finite", "has a coordinate that is not a finite number. Correct it or leave it out")
    _refuse_row(
        shapely.get_num_coordinates(geometries) > MAX_VERTICES,
        "too_many_vertices",
        f"has more than {MAX_VERTICES:,} vertices. Generalise it",
        most=MAX_VERTICES,
    )
    return geometries


def _refuse_row(bad: NDArray[np.bool_], code: str, what: str, **facts: int) -> None:
    if bad.any():
        row = int(np.argmax(bad)) + 1
        raise FormatError(f"Row {row} {what}.", code=code, row=row, **facts)
