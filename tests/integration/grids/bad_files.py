"""Boundary files that must be refused, each with the options of its import and what the refusal must name."""

from __future__ import annotations

import io
import math
import struct
import zipfile
from typing import Any

from tests.integration.grids.drawing import COUNTIES, WEST, box, collection, comb, feature, polygon, ring

Content = str | bytes
WEST_COUNTY, EAST_COUNTY = COUNTIES


def zipped(*members: tuple[str, Content]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def shapefile(codes: bytes, *, prj: bool) -> bytes:
    """A zip of a shapefile with one square of metres and a table of one text field."""
    points = [(39_460_000.0, 4_380_000.0), (39_460_000.0, 4_390_000.0), (39_470_000.0, 4_390_000.0)]
    points += [(39_470_000.0, 4_380_000.0), points[0]]
    box_ = struct.pack("<4d", 39_460_000.0, 4_380_000.0, 39_470_000.0, 4_390_000.0)
    content = (
        struct.pack("<i", 5) + box_ + struct.pack("<3i", 1, 5, 0) + b"".join(struct.pack("<2d", *p) for p in points)
    )
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + 8 + len(content)) // 2) + struct.pack("<2i", 1000, 5)
    head += box_ + struct.pack("<4d", 0, 0, 0, 0)
    shp = head + struct.pack(">2i", 1, len(content) // 2) + content
    shx = head[:24] + struct.pack(">i", 54) + head[28:] + struct.pack(">2i", 50, len(content) // 2)
    field = b"code".ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([20, 0]) + b"\0" * 14
    dbf = struct.pack("<B3BIHH20x", 3, 126, 1, 1, 1, 65, 21) + field + b"\r" + b" " + codes.ljust(20) + b"\x1a"
    members: list[tuple[str, Content]] = [("a.shp", shp), ("a.shx", shx), ("a.dbf", dbf)]
    if prj:
        members.append(("a.prj", "PROJCS[broken"))
    return zipped(*members)


def counties(*, west: Any = WEST_COUNTY, east: Any = EAST_COUNTY) -> str:
    return collection(west, east)


def moved(row: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**row, "properties": {**row["properties"], **fields}}


def shaped(row: dict[str, Any], geometry: Any) -> dict[str, Any]:
    return {**row, "geometry": geometry}


def unclosed() -> str:
    corners = ring([(0, 0), (2, 0), (2, 1), (2, 2), (0, 2)])[:-1]
    return counties(west=shaped(WEST_COUNTY, {"type": "Polygon", "coordinates": [corners]}))


def with_number(number: str) -> str:
    return counties().replace(f"[{WEST}, 39.0]", f"[{number}, 39.0]")


HOLED = polygon([(0, 0), (2, 0), (2, 1), (2, 2), (0, 2)], [(1, 1), (1, 1.0002), (1.0002, 1.0002), (1.0002, 1)])
BOW_TIE = polygon([(0, 0), (2, 2), (2, 1), (2, 0), (0, 2)])
POINT = {"type": "Point", "coordinates": [116.1, 39.1]}
COUNTY = {"level": "county"}

CASES: dict[str, tuple[str, Content, dict[str, Any], tuple[str, ...]]] = {
    "empty file": ("a.geojson", b"", COUNTY, ("empty (0 bytes)", "Export the layer again")),
    "no rows": ("a.geojson", collection(), COUNTY, ("no", "Choose")),
    "no polygons": ("a.geojson", collection(feature("1", POINT)), COUNTY, ("row 1 is a point", "layer of areas")),
    "mixed shapes": (
        "a.geojson",
        collection(WEST_COUNTY, feature("2", POINT)),
        COUNTY,
        ("row 2 (point)", "Keep only the polygons"),
    ),
    "polygons that cross each other without end": (
        "a.geojson",
        counties(west=shaped(WEST_COUNTY, comb(300, upright=False)), east=shaped(EAST_COUNTY, comb(300, upright=True))),
        COUNTY,
        ("meet each other", "clean the layer"),
    ),
    "a polygon that crosses itself without end": (
        "a.geojson",
        counties(
            west=shaped(
                WEST_COUNTY,
                polygon([(n % 2 * 2, n / 250) for n in range(500)] + [(n / 250, n % 2 * 2) for n in range(500)]),
            )
        ),
        COUNTY | {"clean": True},
        ("meet each other", "clean the layer"),
    ),
    "no GIS file": ("a.gpkg", b"%PDF-1.7 not a map", COUNTY, ("no GIS file", "Send a GeoPackage")),
    "damaged file": ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200, COUNTY, ("damaged", "Export the layer again")),
    "damaged GeoJSON": ("a.geojson", counties()[:-40], COUNTY, ("damaged", "Export the layer again")),
    "codes of more digits than a number keeps": (
        "a.geojson",
        counties().replace('"139901"', "1399011399011399011399011399011").replace('"139902"', "139902"),
        COUNTY,
        ("1", "as text"),
    ),
    "damaged zip": ("a.zip", zipped(("a.geojson", counties()))[:200], COUNTY, ("damaged", "Pack the files again")),
    "layers named alike": (
        "a.zip",
        zipped(("north/a.geojson", counties()), ("south/a.geojson", counties())),
        COUNTY,
        ("named a", "Rename them"),
    ),
    "text in no known encoding": (
        "a.geojson",
        counties().encode().replace("西".encode(), b"\xff\xff"),
        COUNTY,
        ("UTF-8",),
    ),
    "wrong encoding": (
        "a.zip",
        shapefile("廊坊市安次区".encode("gbk"), prj=False),
        COUNTY | {"encoding": "utf-8"},
        ("gbk", "→encoding_as"),
    ),
    "names broken by an earlier conversion": (
        "a.geojson",
        counties(west=moved(WEST_COUNTY, name="西\ufffd县")),
        COUNTY,
        ("139901", "wrong encoding", "→encoding"),
    ),
    "unknown encoding": (
        "a.zip",
        shapefile(b"131002", prj=False),
        COUNTY | {"encoding": "klingon"},
        ("klingon", "Write utf-8, gbk"),
    ),
    "no coordinate system": ("a.zip", shapefile(b"131002", prj=False), COUNTY, ("EPSG:4527", "→crs")),
    "a GeoJSON that names an unknown system": (
        "a.geojson",
        counties().replace('"features"', '"crs": {"type": "name", "properties": {"name": "Beijing 2077"}}, "features"'),
        COUNTY,
        ("Beijing 2077", "not known", "→crs"),
    ),
    "unknown coordinate system": (
        "a.geojson",
        counties(),
        COUNTY | {"crs": "EPSG:99999"},
        ("EPSG:99999", "Write EPSG:4490"),
    ),
    "degrees said to be metres": (
        "a.geojson",
        counties(),
        COUNTY | {"crs": "EPSG:4548"},
        ("degrees", "State EPSG:4490"),
    ),
    "metres said to be degrees": (
        "a.zip",
        shapefile(b"131002", prj=False),
        COUNTY | {"crs": "EPSG:4490"},
        ("no longitude and latitude",),
    ),
    "a coordinate out of range": ("a.geojson", with_number("316.0"), COUNTY, ("316", "coordinate system")),
    "a coordinate that is no number": (
        "a.geojson",
        counties().replace("116.2, 39.1", "NaN, 39.1"),
        COUNTY,
        ("Row 1", "finite number"),
    ),
    "a ring that is not closed": ("a.geojson", unclosed(), COUNTY, ("Row 1", "not closed")),
    "a ring that crosses itself": (
        "a.geojson",
        counties(west=shaped(WEST_COUNTY, BOW_TIE)),
        COUNTY,
        ("invalid outline 1", "→clean"),
    ),
    "the same code twice": (
        "a.geojson",
        counties(east=moved(EAST_COUNTY, code="139901")),
        COUNTY,
        ("139901 ×2", "→merge"),
    ),
    "the same outline twice": (
        "a.geojson",
        collection(*COUNTIES, moved(EAST_COUNTY, code="139903")),
        COUNTY,
        ("the same outline twice 1", "overlap 1"),
    ),
    "an empty code": (
        "a.geojson",
        counties(east=moved(EAST_COUNTY, code=" ")),
        COUNTY,
        ("Rows without a code: 2", "→code_field"),
    ),
    "an empty name": ("a.geojson", counties(east=moved(EAST_COUNTY, name="　")), COUNTY, ("139902", "→name_field")),
    "an empty outline": ("a.geojson", counties(east=shaped(EAST_COUNTY, None)), COUNTY, ("empty outline 1",)),
    "a child outside its parent": (
        "a.geojson",
        collection(*COUNTIES, feature("139903", box(5, 0, 6, 1))),
        COUNTY,
        ("piece outside 1", "→clean"),
    ),
    "a grid that cleaning would cut off": (
        "a.geojson",
        collection(*COUNTIES, feature("139903", box(5, 0, 6, 1))),
        COUNTY | {"clean": True},
        ("next to nothing of: 139903", "→parent", "→true_crs"),
    ),
    "a grid that cleaning would give to another": (
        "a.geojson",
        collection(*COUNTIES, moved(EAST_COUNTY, code="139903")),
        COUNTY | {"clean": True},
        ("next to nothing of: 139903",),
    ),
    "a grid of which cleaning would leave a crumb": (
        "a.geojson",
        collection(shaped(WEST_COUNTY, HOLED), EAST_COUNTY, feature("139903", box(0.5, 0.5, 1.5, 1.5))),
        COUNTY | {"clean": True},
        ("next to nothing of: 139903",),
    ),
    "a gap width that is no number": ("a.geojson", counties(), COUNTY | {"gap_width_m": math.nan}, ("from 0 to",)),
    "a gap width wider than any city": ("a.geojson", counties(), COUNTY | {"gap_width_m": 1e6}, ("from 0 to",)),
    "a parent not filled": ("a.geojson", collection(WEST_COUNTY), COUNTY, ("missing piece 1",)),
    "a level above its parent": (
        "a.geojson",
        counties(),
        {"level": "city"},
        ("Level city does not lie below level city",),
    ),
    "levels in the wrong order": (
        "a.geojson",
        counties(),
        {"level": "county", "nest": (("name", "street"),)},
        ("county does not lie below level street",),
    ),
    "no such level": ("a.geojson", counties(), {"level": "province"}, ("no level province",)),
    "a code with a blank": (
        "a.geojson",
        counties(east=moved(EAST_COUNTY, code="13 99")),
        COUNTY,
        ("13 99", "is not made of letters, digits"),
    ),
    "a code with a slash": ("a.geojson", counties(east=moved(EAST_COUNTY, code="13/99")), COUNTY, ("13/99",)),
    "a code that breaks its scheme": (
        "a.geojson",
        counties(east=moved(EAST_COUNTY, code="13990")),
        COUNTY | {"scheme": "S15"},
        ("13990", "6 digits"),
    ),
    "a code outside its parent's": (
        "a.geojson",
        counties(east=moved(EAST_COUNTY, code="140101")),
        COUNTY | {"scheme": "S15"},
        ("140101", "1399"),
    ),
    "no such scheme": ("a.geojson", counties(), COUNTY | {"scheme": "S99"}, ("S99", "free, S15")),
    "a code that is taken": (
        "a.geojson",
        counties(east=moved(EAST_COUNTY, code="139900")),
        COUNTY,
        ("139900", "choose others"),
    ),
    "no such field": (
        "a.geojson",
        counties(),
        COUNTY | {"code_field": "gb"},
        ("gb", "its fields are: code, name", "→code_field"),
    ),
    "no field of codes": ("a.geojson", counties().replace('"code"', '"kennung"'), COUNTY, ("kennung", "→code_field")),
    "no such layer": ("a.geojson", counties(), COUNTY | {"layer": "b"}, ("no layer b", "there is: a")),
    "no such parent": ("a.geojson", counties(), COUNTY | {"parent": "777"}, ("777", "→parent")),
    "a second root": ("a.geojson", counties(), COUNTY | {"root": "1:x"}, ("root already", "→parent")),
    "a zip that climbs out": ("a.zip", zipped(("../a.geojson", counties())), COUNTY, ("../a.geojson", "outside")),
    "a zip of ten thousand": (
        "a.zip",
        zipped(*((f"{n}.txt", b"") for n in range(10_000))),
        COUNTY,
        ("10000 entries", "Pack only"),
    ),
    "a zip without a layer": ("a.zip", zipped(("read.me", "hello")), COUNTY, ("no layer",)),
    "a shapefile without its table": ("a.zip", zipped(("a.shp", b"\0" * 100)), COUNTY, (".dbf", "together")),
}


def content_of(case: str) -> bytes:
    """The bytes of a case's file."""
    content = CASES[case][1]
    return content.encode() if isinstance(content, str) else content
