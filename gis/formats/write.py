"""Layers out: GeoPackage, GeoJSON and Shapefile in any system, KML in its own, every coordinate bit for bit."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import CGCS2000, SAME_AS_CGCS2000, SHIFTED, Crs, geometries_in
from gis.errors import FormatError
from gis.formats import shapefile_zip
from gis.formats.draft import drafted
from gis.formats.geojson import rename_crs
from gis.formats.layer import Value
from gis.formats.shapefile_zip import Encoding

UTF8: Final = "utf-8"
STORED: Final = Crs(CGCS2000)
KML_CRS: Final = "EPSG:4326"
SHAPEFILE, GEOJSON, KML = "ESRI Shapefile", "GeoJSON", "LIBKML"
DRIVERS = {
    ".gpkg": "GPKG",
    ".geojson": GEOJSON,
    ".json": GEOJSON,
    shapefile_zip.SUFFIX: SHAPEFILE,
    ".kml": KML,
}


def _column(values: Sequence[Value]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """An array that GDAL takes, and where it is null: whole numbers, else numbers, else text."""
    missing = np.array([v is None for v in values], dtype=bool)
    given = [v for v in values if v is not None]
    if given and all(isinstance(v, int) for v in given):
        return np.array([0 if v is None else v for v in values], dtype=np.int64), missing
    if given and all(isinstance(v, int | float) for v in given):
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64), missing
    return np.array([None if v is None else str(v) for v in values], dtype=object), missing


def _type_for(geometries: NDArray[np.object_]) -> str:
    """The geometry type to declare: the one all shapes have or can be promoted to."""
    found = {g.geom_type for g in geometries if g is not None}
    if found <= {"Polygon"}:
        return "Polygon"
    return "MultiPolygon" if found <= {"Polygon", "MultiPolygon"} else "Unknown"


def _driver(target: Path, crs: Crs, encoding: Encoding, *, append: bool) -> str:
    driver = DRIVERS.get(target.suffix.lower())
    if driver is None or (append and driver != "GPKG"):
        raise FormatError(
            f"A layer cannot be written to {target.name!r}. Name the file .gpkg, .geojson, .zip (a shapefile) or .kml"
            f"{'; only .gpkg takes further layers' if append else ''}.",
            code="unknown_format",
            name=target.name,
        )
    if encoding != UTF8 and driver != SHAPEFILE:
        raise FormatError(
            f"The text of {target.name!r} is always UTF-8: only a shapefile (.zip) is written in another encoding.",
            code="encoding_fixed",
            name=target.name,
        )
    if driver == KML and crs.value not in SAME_AS_CGCS2000:
        raise FormatError(
            f"KML knows longitude and latitude alone: {target.name!r} cannot be written in {crs}. State EPSG:4490.",
            code="crs_fixed",
            name=target.name,
            crs=crs.value,
        )
    return driver


@dataclass(frozen=True)
class _Rows:
    """What goes into a layer, and how."""

    layer_name: str
    geometries: NDArray[np.object_]
    fields: Mapping[str, Sequence[Value]]
    crs: Crs
    encoding: Encoding


def _put(target: Path, driver: str, rows: _Rows, *, append: bool = False) -> None:
    """Have GDAL write the rows; a system that EPSG does not know is left out, or named where the format can."""
    import pyogrio

    kind = _type_for(rows.geometries)
    shifted = rows.crs.value in SHIFTED
    crs = KML_CRS if driver == KML else None if shifted and driver != GEOJSON else rows.crs.value
    columns = [_column(values) for values in rows.fields.values()]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        pyogrio.raw.write(
            target,
            shapely.to_wkb(rows.geometries, flavor="iso"),
            [array for array, _ in columns],
            list(rows.fields),
            field_mask=[mask for _, mask in columns],
            layer=rows.layer_name,
            driver=driver,
            geometry_type=kind,
            promote_to_multi=kind == "MultiPolygon" and driver != SHAPEFILE,
            crs=CGCS2000 if crs in SHIFTED else crs,
            append=append,
            encoding=rows.encoding.upper() if driver == SHAPEFILE else None,
        )
    if shifted and driver == GEOJSON:
        rename_crs(target, rows.crs.value)


def _make(draft: Path, driver: str, rows: _Rows) -> None:
    """Write a new file, beside it whatever it is packed from."""
    if driver != SHAPEFILE:
        _put(draft, driver, rows)
        return
    shp = draft.parent / "parts" / f"{rows.layer_name}.shp"
    shp.parent.mkdir()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        _put(shp, driver, rows)
    # GDAL only remarks when a number was cut to its column.
    if losses := [str(w.message) for w in said if issubclass(w.category, RuntimeWarning)]:
        raise RuntimeError(losses[0])
    shapefile_zip.pack(shp, draft)


def write_layer(
    path: Path | str,
    layer_name: str,
    geometries_degrees: NDArray[np.object_],
    fields: Mapping[str, Sequence[Value]],
    *,
    append: bool = False,
    crs: Crs = STORED,
    encoding: Encoding = UTF8,
) -> None:
    """Write a layer to a .gpkg, .geojson or .kml file, or as a shapefile to a .zip, in coordinates of `crs`.

    `geometries_degrees` object[n] in EPSG:4490, None for a row without shape; `fields` name to n plain values. Of
    GCJ-02 and BD-09 a GeoPackage and a shapefile cannot say that they are in it. The file is
    replaced as a whole, or not at all when writing fails; with `append` the rows go into the layer of that name
    of an existing GeoPackage, made where it is new. `encoding` is that of a shapefile's table.
    Raises FormatError: `unknown_format`, `encoding_fixed`, `crs_fixed`, `cannot_write`; of shapefiles also
    `field_name_too_long`, `text_too_long`, `not_in_encoding`. Raises CrsError as `geometries_in`.
    """
    target = Path(path)
    driver = _driver(target, crs, encoding, append=append)
    if driver == SHAPEFILE:
        shapefile_zip.refuse_unwritable(fields, encoding)
    rows = _Rows(layer_name, geometries_in(geometries_degrees, crs), fields, crs, encoding)
    try:
        if append and target.exists():
            _put(target, driver, rows, append=True)
        else:
            with drafted(target) as draft:
                _make(draft, driver, rows)
    except (OSError, RuntimeError, ValueError) as error:
        raise FormatError(
            f"The layer cannot be written to {target.name!r}: {error}.",
            code="cannot_write",
            name=target.name,
            detail=str(error),
        ) from error
