"""GeoPackage, GeoJSON, TopoJSON, FlatGeobuf, KML: read right, refused clearly, written without loss."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import FormatError
from gis.formats import read_layer, write_layer
from gis.lattice import from_degrees, to_degrees
from tests.unit.gis.layers import CODES, LEFT, NAMES, PAIR, RIGHT, feature, geojson, pack

FIELDS = {"code": CODES, "name": NAMES, "area": [571.8, None], "n": [7, None]}
KML = """<?xml version="1.0" encoding="%s"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>%s</Document></kml>"""
PLACEMARK = """<Folder><name>%s</name><Placemark><name>安次区</name><ExtendedData>
<Data name="code"><value>131002</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>
116,39,5 117,39,5 117,40,5 116,39,5</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>"""
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [116, 39]},
    "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]]],
    "objects": {
        "counties": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "id": "01", "properties": {"name": "安次区"}},
                {"type": "Polygon", "arcs": [[2, -1]], "id": "02", "properties": {"name": "广阳区"}},
                {"type": None, "id": "03"},
            ],
        },
        "nation": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[1, 2]]}]},
    },
}


def refused(path: Path, code: str, layer: str | None = None, encoding: str | None = None) -> FormatError:
    with pytest.raises(FormatError) as caught:
        read_layer(path, layer, encoding)
    assert caught.value.code == code
    assert str(tmp := path.parent) not in str(caught.value), tmp
    return caught.value


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.zip"])
def test_what_is_written_comes_back(tmp_path: Path, name: str) -> None:
    write_layer(tmp_path / name, "counties", PAIR, FIELDS)
    layer = read_layer(tmp_path / name)
    assert layer.crs == "EPSG:4490"
    assert layer.fields == FIELDS
    assert shapely.equals_exact(shapely.normalize(layer.geometries), shapely.normalize(PAIR), 0.0).all()
    assert layer.notes == ()


lattice_corner = st.tuples(st.integers(-1_700_000_000, 1_700_000_000), st.integers(-800_000_000, 800_000_000))


@settings(max_examples=25)
@given(st.lists(lattice_corner, min_size=1, max_size=30))
def test_lattice_coordinates_survive_export_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    lattice = np.array([shapely.box(x, y, x + 12_345_678, y + 7) for x, y in corners], dtype=object)
    degrees = to_degrees(lattice)
    for name in ("a.gpkg", "a.geojson", "a.zip", "a.kml"):
        write_layer(folder / name, "boxes", degrees, {"n": list(range(len(corners)))})
        back = read_layer(folder / name).geometries
        assert shapely.equals_exact(shapely.normalize(back), shapely.normalize(degrees), 0.0).all()
        assert shapely.equals_exact(
            shapely.normalize(from_degrees(back)), shapely.normalize(from_degrees(degrees)), 0.0
        ).all()


def test_an_outside_reader_finds_cgcs2000_and_every_digit(tmp_path: Path) -> None:
    odd = shapely.Polygon([(116.1234567, 39.0000001), (116.9999999, 39.3), (116.5, 39.7654321)])
    write_layer(tmp_path / "a.geojson", "x", np.array([odd], dtype=object), {"code": ["1"]})
    document = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert "4490" in json.dumps(document["crs"])
    ring = {tuple(p) for p in document["features"][0]["geometry"]["coordinates"][0]}
    assert ring == set(odd.exterior.coords)


def test_layers_are_added_and_rows_appended_to_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_layer(path, "gaps", PAIR[:1], {"code": CODES[:1]}, append=True)
    write_layer(path, "overlaps", PAIR, {"code": CODES}, append=True)
    write_layer(path, "gaps", PAIR[1:], {"code": CODES[1:]}, append=True)
    gaps = read_layer(path, "gaps")
    assert (gaps.layers, gaps.fields["code"]) == (("gaps", "overlaps"), CODES)
    write_layer(path, "fresh", PAIR, {"code": CODES})
    assert read_layer(path).layers == ("fresh",)


def test_mixed_single_and_multi_polygons_and_empty_rows_are_written(tmp_path: Path) -> None:
    shapes = np.array([shapely.MultiPolygon([LEFT]), RIGHT, None], dtype=object)
    write_layer(tmp_path / "a.gpkg", "x", shapes, {"n": [1, 2, 3]})
    back = read_layer(tmp_path / "a.gpkg").geometries
    assert back[2] is None
    assert shapely.equals(back[:2], PAIR).all()


def test_a_layer_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_layer(path, "x", PAIR, {"code": CODES})
    before = path.read_bytes()
    with pytest.raises(FormatError) as caught:
        write_layer(path, "x", PAIR, {"code": CODES, "short": [1]})
    assert caught.value.code == "cannot_write"
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]
    for name, append in (("a.shp", False), ("a.geojson", True)):
        with pytest.raises(FormatError) as caught:
            write_layer(tmp_path / name, "x", PAIR, {}, append=append)
        assert caught.value.code == "unknown_format"


@pytest.mark.parametrize("stated", [-5, 0, 1])
def test_a_geopackage_that_states_too_few_rows_is_read_whole(tmp_path: Path, stated: int) -> None:
    path = tmp_path / "a.gpkg"
    write_layer(path, "counties", PAIR, FIELDS)
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("update gpkg_ogr_contents set feature_count = ?", (stated,))
    assert len(read_layer(path).geometries) == len(PAIR)


def test_flatgeobuf_and_a_zipped_geopackage_are_read(tmp_path: Path) -> None:
    pyogrio.raw.write(
        tmp_path / "区县.fgb", shapely.to_wkb(PAIR), [np.array(NAMES, dtype=object)], ["name"],
        driver="FlatGeobuf", geometry_type="Polygon", crs="EPSG:4490", SPATIAL_INDEX="NO",
    )  # fmt: skip
    layer = read_layer(tmp_path / "区县.fgb")
    assert (layer.name, layer.fields, layer.crs) == ("区县", {"name": NAMES}, "EPSG:4490")
    write_layer(tmp_path / "a.gpkg", "counties", PAIR, FIELDS)
    path = pack(tmp_path / "a.gpkg.zip", {"folder/a.gpkg": (tmp_path / "a.gpkg").read_bytes()})
    packed = read_layer(path)
    assert (packed.layers, packed.fields["name"]) == (("counties",), NAMES)


def test_topojson_is_read_with_its_shared_arcs(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(TOPOLOGY), encoding="utf-8")
    layer = read_layer(path, "counties")
    assert layer.layers == ("counties", "nation")
    assert layer.fields["id"] == ["01", "02"]
    assert list(map(str, layer.notes)) == ["1 rows without a shape were left out."]
    west, east = shapely.box(116, 39, 116.5, 39.5), shapely.box(116.5, 39, 117, 39.5)
    assert shapely.equals(layer.geometries, np.array([west, east], dtype=object)).all()
    assert layer.crs == "EPSG:4326"
    refused(path, "choose_layer")


@pytest.mark.parametrize(("declared", "written"), [("UTF-8", "utf-8"), ("GB2312", "gbk"), ("UTF-8", "gbk")])
def test_kml_folders_are_layers_in_any_encoding(tmp_path: Path, declared: str, written: str) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes((KML % (declared, PLACEMARK % "区县" + PLACEMARK % "街道")).encode(written))
    layer = read_layer(path, "街道")
    assert layer.layers == ("区县", "街道")
    assert (layer.fields["Name"], layer.fields["code"], layer.crs) == (["安次区"], ["131002"], "EPSG:4326")
    assert not layer.geometries[0].has_z
    assert bool(layer.notes) == (declared == "UTF-8" and written == "gbk")


@pytest.mark.parametrize("written", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_geojson_text_comes_in_right_whatever_wrote_it(tmp_path: Path, written: str) -> None:
    path = geojson(tmp_path / "a.geojson", feature(LEFT, {"名称": "安次区"}), encoding=written)
    assert read_layer(path).fields == {"名称": ["安次区"]}


def test_geojson_with_a_wrong_stated_encoding_is_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(LEFT, {"名称": "安次区"}), encoding="gbk")
    assert "gbk" in str(refused(path, "wrong_encoding", encoding="utf-8"))


def test_geojson_values_crs_nulls_and_heights(tmp_path: Path) -> None:
    high = shapely.force_3d(LEFT, 9.0)
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    path = geojson(
        tmp_path / "a.geojson",
        feature(high, {"code": "01", "n": 3, "list": [1, 2], "open": True}),
        feature(None, {"code": "02"}),
        feature({"type": "Polygon", "coordinates": []}, {"code": "03"}),
        crs=name,
    )
    layer = read_layer(path)
    assert layer.crs == "EPSG:4548"
    assert layer.fields == {"code": ["01", "02", "03"], "n": [3, None, None], "open": ["true", None, None]}
    assert layer.geometries.tolist()[1:] == [None, None]
    assert not layer.geometries[0].has_z
    assert any("list" in str(note) for note in layer.notes)


def test_a_code_with_a_nul_is_refused_not_cut_off(tmp_path: Path) -> None:
    refused(geojson(tmp_path / "a.geojson", feature(LEFT, {"code": "13\0099"})), "nul_in_text")
    written = geojson(tmp_path / "b.geojson", feature(LEFT, {"code": "13\\u000099"}))
    assert read_layer(written).fields["code"] == ["13\\u000099"]


def test_a_long_code_as_number_beside_an_empty_one_is_refused_not_rounded(tmp_path: Path) -> None:
    rows = feature(LEFT, {"code": 13100300100401201}), feature(RIGHT, {"code": None})
    refused(geojson(tmp_path / "a.geojson", *rows), "number_too_long")
    whole = geojson(tmp_path / "b.geojson", rows[0], feature(RIGHT, {"code": 13100300100401202}))
    assert read_layer(whole).fields["code"] == [13100300100401201, 13100300100401202]


def ring(*points: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [points]}


POINT = {"type": "Point", "coordinates": [116, 39]}
LINE = {"type": "LineString", "coordinates": [[116, 39], [117, 40]]}


@pytest.mark.parametrize(
    ("geometries", "code", "row"),
    [
        ([], "empty_layer", None),
        ([None, None], "no_polygons", None),
        ([POINT], "no_polygons", 1),
        ([LEFT, LINE], "mixed_geometry", 2),
        ([None, LEFT, {"type": "GeometryCollection", "geometries": [POINT]}], "mixed_geometry", 3),
        ([LEFT, ring((0, 0), (1, 0), (1, 1), (0, 1))], "broken_ring", 2),
        ([LEFT, ring((0, 0), (1, 0), (float("nan"), 1), (0, 0))], "not_finite", 2),
    ],
)
def test_layers_that_are_no_polygons_are_refused_with_the_row(
    tmp_path: Path, geometries: list[object], code: str, row: int | None
) -> None:
    error = refused(geojson(tmp_path / "a.geojson", *map(feature, geometries)), code)
    assert error.params.get("row") == row


def test_curves_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_layer(path, "x", np.array([LEFT], dtype=object), {"n": [1]})
    circle = bytes.fromhex("01" "0a000000" "01000000" "01" "08000000" "03000000") + np.array(
        [0.0, 0, 1, 0, 0, 0]
    ).tobytes()  # fmt: skip
    with sqlite3.connect(path) as db:
        db.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            db.create_function(name, 1, lambda _: 0.0)
        db.execute("UPDATE x SET geom = ?", (b"GP\0\x01" + (4490).to_bytes(4, "little") + circle,))
    db.close()
    refused(path, "curves")


def test_a_polygon_of_too_many_vertices_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.formats.gdal.MAX_VERTICES", 4)
    told = refused(geojson(tmp_path / "a.geojson", feature(LEFT)), "too_many_vertices").params
    assert told == {"row": 1, "most": 4}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.gpkg", b"", "empty_file"),
        ("a.geojson", b"hello, this is a letter", "unknown_format"),
        ("a.geojson", b"\x89PNG\r\n\x1a\n", "unknown_format"),
        ("a.rar", b"Rar!\x1a\x07\x00", "unknown_format"),
        ("a.shp", b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>", "unknown_format"),
        ("a.kml", b"<?xml version='1.0'?><html></html>", "unknown_format"),
        ("a.kml", b"<?xml version='1.0'?><!DOCTYPE kml [<!ENTITY a 'b'>]><kml>&a;</kml>", "unknown_format"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(100), "damaged"),
        ("a.fgb", b"fgb\x03fgb\x01" + b"\xff" * 50, "damaged"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[{"type":"Feat', "damaged"),
        ("a.geojson", b'{"type":"FeatureCollection","features":' + b"[" * 100_000, "damaged"),
        ("a.geojson", b'{"name":"not a layer at all"}', "damaged"),
        ("a.geojson", b'{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read x"}', "damaged"),
        ("a.kml", b"<kml><Document><Placemark>", "damaged"),
    ],
)
def test_files_that_are_no_layers_are_refused(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    refused(tmp_path / name, code)


def test_an_absent_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none.gpkg", "not_found")
    refused(tmp_path, "not_found")
    refused(Path("/vsicurl/http://127.0.0.1/a.geojson"), "not_found")


def test_a_cut_off_geopackage_is_damaged(tmp_path: Path) -> None:
    write_layer(tmp_path / "a.gpkg", "x", PAIR, FIELDS)
    data = (tmp_path / "a.gpkg").read_bytes()
    (tmp_path / "b.gpkg").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "b.gpkg", "damaged")


def test_only_layers_that_may_hold_polygons_are_offered(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_layer(path, "areas", PAIR, {"code": CODES})
    pyogrio.raw.write(
        path, shapely.to_wkb(shapely.centroid(PAIR)), [np.array([1, 2])], ["n"],
        layer="spots", driver="GPKG", geometry_type="Point", crs="EPSG:4490",
    )  # fmt: skip
    layer = read_layer(path)
    assert (layer.name, layer.layers) == ("areas", ("areas",))


def named(name: object) -> dict[str, object]:
    return {"crs": {"type": "name", "properties": {"name": name}}}


@pytest.mark.parametrize(
    ("member", "crs", "by"),
    [
        ({}, "EPSG:4326", "standard"),
        (named("urn:ogc:def:crs:OGC:1.3:CRS84"), "EPSG:4326", "file"),
        (named("EPSG:4490"), "EPSG:4490", "file"),
        ({"crs": {"type": "EPSG", "properties": {"code": 4548}}}, "EPSG:4548", "file"),
        (named("Beijing 2077"), None, "file"),
        ({"crs": {"type": "link", "properties": {"href": "https://example.org/crs"}}}, None, "file"),
        ({"crs": None}, None, "file"),
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_whose_word_the_crs_of_a_geojson_is(
    tmp_path: Path, member: dict[str, object], crs: str | None, by: str, last: bool
) -> None:
    body: dict[str, object] = {"type": "FeatureCollection"}
    rows: dict[str, object] = {"features": [feature(LEFT, {"code": "1"}), feature(RIGHT, {"code": "2"})]}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({**body, **rows, **member} if last else {**body, **member, **rows}))
    layer = read_layer(path)
    assert (layer.crs, layer.crs_by) == (crs, by)
    assert [note.code for note in layer.notes] == ([] if crs or member == {"crs": None} else ["crs_unclear"])


def test_a_field_called_crs_is_no_crs(tmp_path: Path) -> None:
    rows = [feature(LEFT, {"crs": 7, "code": "1"}), feature(RIGHT, {"crs": named("x")["crs"], "code": "2"})]
    layer = read_layer(geojson(tmp_path / "a.geojson", *rows, *rows))
    assert (layer.crs, layer.crs_by) == ("EPSG:4326", "standard")


def test_what_the_reader_remarks_does_not_tell_where_the_file_lies(tmp_path: Path) -> None:
    path = tmp_path / "leaves.gpkg"
    geopandas.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(116, 39, 117, 40)], crs=4490).to_file(path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("pragma application_id = 1")
        database.commit()
    said = [str(note) for note in read_layer(path).notes if note.code == "gdal"]
    assert any("leaves.gpkg" in words for words in said), said
    assert not any(str(tmp_path) in words for words in said), said
