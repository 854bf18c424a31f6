"""Layer files as they arrive, made byte by byte where GDAL would not make them so."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely

LEFT = shapely.Polygon([(116.0, 39.0), (116.5, 39.0), (116.5, 39.7), (116.0, 39.7)])
RIGHT = shapely.Polygon([(116.5, 39.0), (117.0, 39.0), (117.0, 39.7), (116.5, 39.7)])
PAIR = np.array([LEFT, RIGHT], dtype=object)
NAMES = ["安次区", "广阳区"]
CODES = ["131002", "131003"]
PRJ = pyproj.CRS(4490).to_wkt("WKT1_ESRI")


class WindowsName(zipfile.ZipInfo):
    """A member whose name stands in GBK bytes without the UTF-8 flag, as Windows packs it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def dbf(
    columns: Sequence[tuple[bytes, str, int, int]],
    rows: Sequence[Sequence[bytes]],
    *,
    language: int = 0,
    deleted: frozenset[int] = frozenset(),
) -> bytes:
    """A dBase III table; each column is name, type, width, decimals, each cell is padded to its width."""
    header = 32 + 32 * len(columns) + 1
    width = 1 + sum(c[2] for c in columns)
    out = struct.pack("<4BIHH17xB2x", 3, 126, 1, 1, len(rows), header, width, language)
    for name, kind, size, decimals in columns:
        out += name.ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([size, decimals]) + bytes(14)
    out += b"\r"
    for number, row in enumerate(rows):
        out += b"*" if number in deleted else b" "
        out += b"".join(cell.ljust(c[2])[: c[2]] for cell, c in zip(row, columns, strict=True))
    return out + b"\x1a"


def names_dbf(encoding: str, **options: Any) -> bytes:
    """The two counties with Chinese field names."""
    columns = [("代码".encode(encoding), "C", 6, 0), ("名称".encode(encoding), "C", 30, 0)]
    rows = [[c.encode(), n.encode(encoding)] for c, n in zip(CODES, NAMES, strict=True)]
    return dbf(columns, rows, **options)


def shapes(folder: Path, geometries: np.ndarray = PAIR) -> dict[str, bytes]:
    """The .shp and .shx that GDAL writes for some polygons."""
    folder.mkdir(exist_ok=True)
    kind = "Point" if geometries[0].geom_type == "Point" else "Polygon"
    pyogrio.raw.write(
        folder / "x.shp", shapely.to_wkb(geometries), [np.arange(len(geometries))], ["n"],
        driver="ESRI Shapefile", geometry_type=kind, crs="EPSG:4490",
    )  # fmt: skip
    return {suffix: (folder / f"x.{suffix}").read_bytes() for suffix in ("shp", "shx")}


def pack(path: Path, members: Mapping[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip of some members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


def shapefile_zip(
    tmp: Path, table: bytes, *, cpg: str | None = None, prj: str | None = PRJ, stem: str = "counties"
) -> Path:
    """A zipped shapefile of the two counties with a given table."""
    parts = shapes(tmp / "shapes") | {"dbf": table}
    if cpg is not None:
        parts["cpg"] = cpg.encode()
    if prj is not None:
        parts["prj"] = prj.encode()
    return pack(tmp / "upload.zip", {f"{stem}.{suffix}": data for suffix, data in parts.items()})


def feature(geometry: object, properties: Mapping[str, object] | None = None) -> dict[str, object]:
    """A GeoJSON feature."""
    if isinstance(geometry, shapely.Geometry):
        geometry = json.loads(shapely.to_geojson(geometry))
    return {"type": "Feature", "properties": dict(properties or {}), "geometry": geometry}


def geojson(path: Path, *features: dict[str, object], encoding: str = "utf-8", **more: object) -> Path:
    """A GeoJSON file."""
    text = json.dumps({"type": "FeatureCollection", **more, "features": list(features)}, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    return path


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """A zip in memory."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def comb(teeth: int, west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """One ring of some upright and as many lying teeth: ``teeth²`` crossings of few vertices."""
    ring = []
    for x in np.linspace(west, east, teeth, endpoint=False).tolist():
        ring += [(x, south), (x, north)] if len(ring) % 4 == 0 else [(x, north), (x, south)]
    for y in np.linspace(south, north, teeth, endpoint=False).tolist():
        ring += [(east, y), (west - 0.001, y)] if len(ring) % 4 == 0 else [(west - 0.001, y), (east, y)]
    return shapely.Polygon(ring)
