"""Layers out: GeoPackage and GeoJSON in CGCS2000 degrees, every coordinate bit for bit."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import CGCS2000
from gis.errors import FormatError
from gis.formats.layer import Value

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}


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


def _driver(target: Path, *, append: bool) -> str:
    driver = DRIVERS.get(target.suffix.lower())
    if driver is None or (append and driver != "GPKG"):
        raise FormatError(
            f"A layer cannot be written to {target.name!r}. Name the file .gpkg or .geojson"
            f"{' (only .gpkg takes further layers)' if append else ''}.",
            code="unknown_format",
            name=target.name,
        )
    return driver


def _write(
    target: Path,
    driver: str,
    layer_name: str,
    geometries: NDArray[np.object_],
    fields: Mapping[str, Sequence[Value]],
    *,
    append: bool,
) -> None:
    import pyogrio

    kind = _type_for(geometries)
    columns = [_column(values) for values in fields.values()]
    pyogrio.raw.write(
        target,
        shapely.to_wkb(geometries, flavor="iso"),
        [array for array, _ in columns],
        list(fields),
        field_mask=[mask for _, mask in columns],
        layer=layer_name,
        driver=driver,
        geometry_type=kind,
        promote_to_multi=kind == "MultiPolygon",
        crs=CGCS2000,
        append=append,
    )


def write_layer(
    path: Path | str,
    layer_name: str,
    geometries_degrees: NDArray[np.object_],
    fields: Mapping[str, Sequence[Value]],
    *,
    append: bool = False,
) -> None:
    """Write a layer to a .gpkg or .geojson file in EPSG:4490.

    `geometries_degrees` object[n], None for a row without shape; `fields` name to n plain values. The file is
    replaced as a whole, or not at all when writing fails; with `append` the rows go into the layer of that name
    of an existing GeoPackage, made where it is new. Raises FormatError: `unknown_format`, `cannot_write`.
    """
    target = Path(path)
    driver = _driver(target, append=append)
    geometries = np.asarray(geometries_degrees, dtype=object)
    in_place = append and target.exists()
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".layer-") as folder:
            draft = target if in_place else Path(folder) / target.name
            _write(draft, driver, layer_name, geometries, fields, append=in_place)
            if not in_place:
                os.replace(draft, target)
    except (OSError, RuntimeError, ValueError) as error:
        raise FormatError(
            f"The layer cannot be written to {target.name!r}: {error}.",
            code="cannot_write",
            name=target.name,
            detail=str(error),
        ) from error
