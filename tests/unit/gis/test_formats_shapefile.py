"""Shapefiles: encodings stated, declared, missing and lying; damaged parts; zips from Windows and from enemies."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from gis.errors import FormatError
from gis.formats import read_layer, write_layer
from tests.unit.gis.layers import (
    CODES,
    LEFT,
    NAMES,
    PAIR,
    PRJ,
    WindowsName,
    dbf,
    names_dbf,
    pack,
    shapefile_zip,
    shapes,
    zip_bytes,
)


def refused(path: Path, code: str, layer: str | None = None, encoding: str | None = None) -> FormatError:
    with pytest.raises(FormatError) as caught:
        read_layer(path, layer, encoding)
    assert caught.value.code == code
    assert str(caught.value).strip()
    return caught.value


@pytest.mark.parametrize(
    ("encoding", "cpg", "language"),
    [
        ("gbk", None, 0),
        ("gbk", None, 0x4D),
        ("gbk", "936", 0),
        ("gbk", "GBK", 0),
        ("gb18030", "GB18030", 0),
        ("utf-8", None, 0),
        ("utf-8", "UTF-8", 0),
        ("utf-8", "65001", 0x57),
        ("gbk", None, 0x57),
    ],
)
def test_text_comes_in_right_without_help(tmp_path: Path, encoding: str, cpg: str | None, language: int) -> None:
    layer = read_layer(shapefile_zip(tmp_path, names_dbf(encoding, language=language), cpg=cpg))
    assert layer.fields == {"代码": CODES, "名称": NAMES}
    assert layer.crs == "EPSG:4490"
    assert layer.notes == ()
    assert shapely.equals(layer.geometries, PAIR).all()


@pytest.mark.parametrize(
    ("encoding", "cpg", "language"),
    [
        ("gbk", "UTF-8", 0),
        ("utf-8", "936", 0),
        ("gbk", "ISO-8859-1", 0),
        ("utf-8", "ANSI 1252", 0),
        ("utf-8", None, 0x4D),
        ("gbk", None, 0x03),
        ("gbk", "no such thing", 0),
    ],
)
def test_a_lying_declaration_is_put_right_and_told(
    tmp_path: Path, encoding: str, cpg: str | None, language: int
) -> None:
    layer = read_layer(shapefile_zip(tmp_path, names_dbf(encoding, language=language), cpg=cpg))
    assert layer.fields == {"代码": CODES, "名称": NAMES}
    assert len(layer.notes) == 1
    assert "declares" in str(layer.notes[0])


@pytest.mark.parametrize(("stated", "written"), [("gbk", "gbk"), ("GB2312", "gbk"), ("utf8", "utf-8")])
def test_the_users_word_is_obeyed(tmp_path: Path, stated: str, written: str) -> None:
    path = shapefile_zip(tmp_path, names_dbf(written), cpg="ISO-8859-1")
    assert read_layer(path, encoding=stated).fields["名称"] == NAMES


@pytest.mark.parametrize(("stated", "written", "remedy"), [("utf-8", "gbk", "gbk"), ("gbk", "utf-8", "utf-8")])
def test_a_wrong_stated_encoding_is_refused_with_the_remedy(
    tmp_path: Path, stated: str, written: str, remedy: str
) -> None:
    error = refused(shapefile_zip(tmp_path, names_dbf(written)), "wrong_encoding", encoding=stated)
    assert error.params["remedy"] == remedy
    assert f"it is {remedy}" in str(error)


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    refused(shapefile_zip(tmp_path, names_dbf("gbk")), "unknown_encoding", encoding="klingon")
    refused(shapefile_zip(tmp_path, names_dbf("gbk")), "unknown_encoding", encoding="hex")


FRENCH = [b"Orl\xe9ans", b"Besan\xe7on"]


def test_western_text_without_declaration_is_not_taken_for_chinese(tmp_path: Path) -> None:
    table = dbf([(b"name", "C", 20, 0)], [[n] for n in FRENCH])
    refused(shapefile_zip(tmp_path, table), "wrong_encoding")
    assert read_layer(tmp_path / "upload.zip", encoding="latin-1").fields["name"] == ["Orléans", "Besançon"]


@pytest.mark.parametrize("cpg", ["ISO-8859-1", "88591", "1252", "ANSI 1252"])
def test_declared_western_text_is_believed(tmp_path: Path, cpg: str) -> None:
    layer = read_layer(shapefile_zip(tmp_path, dbf([(b"name", "C", 20, 0)], [[n] for n in FRENCH]), cpg=cpg))
    assert layer.fields["name"] == ["Orléans", "Besançon"]
    assert layer.notes == ()


@pytest.mark.parametrize(("encoding", "kept"), [("gbk", "大厂回族"), ("utf-8", "大厂回")])
def test_a_character_cut_in_half_by_the_column_is_dropped(tmp_path: Path, encoding: str, kept: str) -> None:
    """Nine bytes hold four and a half characters of GBK; eleven bytes three and two thirds of UTF-8."""
    width = 9 if encoding == "gbk" else 11
    table = dbf([(b"name", "C", width, 0)], [["大厂回族自治县".encode(encoding)], ["安次区".encode(encoding)]])
    assert read_layer(shapefile_zip(tmp_path, table)).fields["name"] == [kept, "安次区"]


def test_values_become_plain_python(tmp_path: Path) -> None:
    columns = [(b"code", "N", 17, 0), (b"area", "N", 12, 3), (b"born", "D", 8, 0), (b"open", "L", 1, 0),
               (b"memo", "M", 10, 0), (b"name", "C", 12, 0), (b"name", "C", 4, 0)]  # fmt: skip
    rows = [
        [b"13100300100401201", b"   571.817", b"20260131", b"T", b"", b" \xe5\x8c\xba  ", b"x"],
        [b"", b"************", b"", b"?", b"", b"", b""],
    ]
    layer = read_layer(shapefile_zip(tmp_path, dbf(columns, rows)))
    assert layer.fields == {
        "code": [13100300100401201, None],
        "area": [571.817, None],
        "born": ["2026-01-31", None],
        "open": [1, None],
        "name": [" 区", None],
        "name_2": ["x", None],
    }
    assert [type(v) for v in layer.fields["code"]] == [int, type(None)]
    assert any("memo" in str(note) for note in layer.notes)


def test_unreadable_numbers_are_empty_and_told(tmp_path: Path) -> None:
    layer = read_layer(shapefile_zip(tmp_path, dbf([(b"n", "N", 5, 0)], [[b"1x"], [b"7"]])))
    assert layer.fields == {"n": [None, 7]}
    assert any("'n' has 1" in str(note) for note in layer.notes)


def test_deleted_rows_stay_away(tmp_path: Path) -> None:
    layer = read_layer(shapefile_zip(tmp_path, names_dbf("gbk", deleted=frozenset({1}))))
    assert layer.fields == {"代码": CODES[:1], "名称": NAMES[:1]}
    assert shapely.equals(layer.geometries, PAIR[:1]).tolist() == [True]


def test_a_null_shape_stays_as_none(tmp_path: Path) -> None:
    parts = shapes(tmp_path / "s", np.array([LEFT, None], dtype=object)) | {"dbf": names_dbf("gbk")}
    layer = read_layer(pack(tmp_path / "a.zip", {f"a.{k}": v for k, v in parts.items()}))
    assert layer.geometries[1] is None
    assert layer.fields["名称"] == NAMES
    assert layer.crs is None


@pytest.mark.parametrize("prj", [None, "", "  "])
def test_without_prj_no_system_is_claimed(tmp_path: Path, prj: str | None) -> None:
    layer = read_layer(shapefile_zip(tmp_path, names_dbf("gbk"), prj=prj))
    assert (layer.crs, layer.notes) == (None, ())


def test_a_prj_that_is_none_is_told(tmp_path: Path) -> None:
    layer = read_layer(shapefile_zip(tmp_path, names_dbf("gbk"), prj="PROJCS[nonsense"))
    assert layer.crs is None
    assert len(layer.notes) == 1


@pytest.mark.parametrize("missing", ["shx", "dbf"])
def test_a_missing_part_is_named(tmp_path: Path, missing: str) -> None:
    parts = shapes(tmp_path / "s") | {"dbf": names_dbf("gbk")}
    del parts[missing]
    error = refused(pack(tmp_path / "a.zip", {f"a.{k}": v for k, v in parts.items()}), "missing_part")
    assert error.params["missing"] == [f".{missing}"]


@pytest.mark.parametrize(("part", "keep"), [("shp", 200), ("shp", 20), ("dbf", 100), ("dbf", 40), ("dbf", 5)])
def test_cut_off_parts_are_damaged(tmp_path: Path, part: str, keep: int) -> None:
    parts = shapes(tmp_path / "s") | {"dbf": names_dbf("gbk")}
    parts[part] = parts[part][:keep]
    refused(pack(tmp_path / "a.zip", {f"a.{k}": v for k, v in parts.items()}), "damaged")


def test_more_rows_than_shapes_are_damaged(tmp_path: Path) -> None:
    table = dbf([(b"n", "N", 5, 0)], [[b"1"], [b"2"], [b"3"]])
    error = refused(shapefile_zip(tmp_path, table), "damaged")
    assert (error.params["shapes"], error.params["rows"]) == (2, 3)


def test_a_plain_shapefile_is_read_with_its_neighbours_in_any_case(tmp_path: Path) -> None:
    for suffix, data in (shapes(tmp_path / "s") | {"DBF": names_dbf("gbk"), "PRJ": PRJ.encode()}).items():
        (tmp_path / f"区县.{suffix}").write_bytes(data)
    layer = read_layer(tmp_path / "区县.shp")
    assert (layer.name, layer.crs, layer.fields["名称"]) == ("区县", "EPSG:4490", NAMES)


@pytest.mark.parametrize("windows", [True, False])
@pytest.mark.parametrize("folder", ["", "数据/"])
def test_chinese_member_names_are_read_both_ways(tmp_path: Path, windows: bool, folder: str) -> None:
    parts = shapes(tmp_path / "s") | {"dbf": names_dbf("gbk"), "prj": PRJ.encode()}
    make = WindowsName if windows else zipfile.ZipInfo
    path = pack(tmp_path / "a.zip", {make(f"{folder}廊坊市.{k}"): v for k, v in parts.items()})
    layer = read_layer(path, "廊坊市")
    assert (layer.layers, layer.fields["名称"]) == (("廊坊市",), NAMES)


def test_several_shapefiles_are_several_layers(tmp_path: Path) -> None:
    parts = shapes(tmp_path / "s") | {"dbf": names_dbf("gbk")}
    members = {f"{stem}.{k}": v for stem in ("county", "street") for k, v in parts.items()}
    path = pack(tmp_path / "a.zip", members | {"__MACOSX/._county.shp": b"x", "read me.txt": b"x"})
    assert refused(path, "choose_layer").params["layers"] == ["county", "street"]
    layer = read_layer(path, "street")
    assert (layer.name, layer.layers) == ("street", ("county", "street"))
    refused(path, "unknown_layer", "village")


def test_points_are_no_polygons(tmp_path: Path) -> None:
    points = np.array([shapely.Point(116, 39), shapely.Point(117, 39)], dtype=object)
    parts = shapes(tmp_path / "s", points) | {"dbf": names_dbf("gbk")}
    refused(pack(tmp_path / "a.zip", {f"a.{k}": v for k, v in parts.items()}), "no_polygons")


@pytest.mark.parametrize(
    "name", ["../evil.shp", "a/../../evil.shp", "/etc/evil.shp", "C:\\evil.shp", "C:/evil.shp", "..\\evil.shp"]
)
def test_members_pointing_outside_are_refused(tmp_path: Path, name: str) -> None:
    refused(pack(tmp_path / "a.zip", {name: b"x"}), "zip_unsafe_path")
    assert not (tmp_path.parent / "evil.shp").exists()


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(pack(tmp_path / "a.zip", {link: b"/etc/passwd"}), "zip_link")


def test_ten_thousand_entries_are_refused(tmp_path: Path) -> None:
    error = refused(pack(tmp_path / "a.zip", {f"{i}.shp": b"" for i in range(10_000)}), "zip_too_many")
    assert error.params["entries"] == 10_000


def test_a_zip_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    refused(pack(tmp_path / "a.zip", {"a.shp": bytes(20_000_000)}), "zip_ratio")


def test_a_zip_that_unpacks_to_too_much_is_refused_by_its_directory(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"a.shp": b"x" * 100}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (2_100_000_000).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", "zip_too_large")


def test_a_directory_that_understates_a_member_does_not_help_a_bomb(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"a.shp": bytes(20_000_000)}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", "zip_damaged")


def test_deep_folders_and_passwords_are_refused(tmp_path: Path) -> None:
    refused(pack(tmp_path / "a.zip", {"a/b/c.shp": b"x"}), "zip_too_deep")
    data = bytearray(zip_bytes({"a.shp": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "b.zip").write_bytes(data)
    refused(tmp_path / "b.zip", "zip_encrypted")


def test_zips_without_a_layer_are_refused(tmp_path: Path) -> None:
    refused(pack(tmp_path / "a.zip", {}), "zip_no_layer")
    refused(pack(tmp_path / "b.zip", {"letter.docx": b"x"}), "zip_no_layer")
    refused(pack(tmp_path / "c.zip", {"inner.zip": zip_bytes({"a.shp": b"x"})}), "zip_no_layer")
    refused(pack(tmp_path / "d.zip", {"a.gpkg": zip_bytes({"a.shp": b"x"})}), "unknown_format")


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    whole = zip_bytes({"a.geojson": bytes(range(256)) * 40})
    (tmp_path / "a.zip").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "a.zip", "zip_damaged")
    (tmp_path / "b.zip").write_bytes(whole[:60] + b"\xff" * 40 + whole[100:])
    refused(tmp_path / "b.zip", "zip_damaged")


def test_layers_of_one_name_are_refused_unless_another_is_meant(tmp_path: Path) -> None:
    write_layer(tmp_path / "pair.geojson", "pair", PAIR, {"code": CODES})
    square = (tmp_path / "pair.geojson").read_bytes()
    pack(tmp_path / "a.zip", {"north/a.geojson": square, "south/a.geojson": square, "b.geojson": square})
    for layer in (None, "a"):
        error = refused(tmp_path / "a.zip", "layers_named_alike", layer=layer)
        assert (error.params["twins"], error.params["layers"]) == (["a"], ["b"])
    assert read_layer(tmp_path / "a.zip", "b").name == "b"
