"""Layers out: what is in a shapefile's zip, what its table cannot hold, and other systems than CGCS2000."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from gis.crs import named_crs, parse_crs, transform_geometries
from gis.errors import CrsError, FormatError
from gis.formats import Encoding, read_layer, write_layer
from gis.formats.layer import Value
from gis.lattice import from_degrees, to_degrees
from tests.unit.gis.layers import CODES, NAMES, PAIR


def refused(path: Path, code: str, fields: dict[str, Sequence[Value]], encoding: Encoding = "utf-8") -> FormatError:
    """The error, after which there is no file."""
    with pytest.raises(FormatError) as caught:
        write_layer(path, "x", PAIR, fields, encoding=encoding)
    assert caught.value.code == code
    assert list(path.parent.iterdir()) == []
    return caught.value


@pytest.mark.parametrize(("encoding", "cpg"), [("utf-8", "UTF-8"), ("gbk", "GBK")])
def test_a_shapefile_is_a_zip_of_five_parts_that_any_reader_opens(tmp_path: Path, encoding: Encoding, cpg: str) -> None:
    write_layer(tmp_path / "区县.zip", "grids", PAIR, {"名称": NAMES}, encoding=encoding)
    with zipfile.ZipFile(tmp_path / "区县.zip") as archive:
        assert archive.namelist() == [f"grids.{part}" for part in ("shp", "shx", "dbf", "prj", "cpg")]
        assert archive.read("grids.cpg").decode() == cpg
        assert NAMES[0].encode(encoding) in archive.read("grids.dbf")
    meta, _, _, columns = pyogrio.raw.read(f"/vsizip/{tmp_path}/区县.zip")
    assert (meta["crs"], meta["fields"].tolist(), columns[0].tolist()) == ("EPSG:4490", ["名称"], NAMES)
    assert [path.name for path in tmp_path.iterdir()] == ["区县.zip"]


def test_every_character_of_gbk_comes_back(tmp_path: Path) -> None:
    every = [c for c in map(chr, range(0x21, 0x10000)) if c.encode("gbk", "ignore") and not c.isspace()]
    assert len(every) > 21_000
    names = ["".join(every[at : at + 100]) for at in range(0, len(every), 100)]
    boxes = shapely.box(np.arange(len(names)) / 10, 0, np.arange(1, len(names) + 1) / 10, 1)
    write_layer(tmp_path / "a.zip", "x", boxes, {"name": names}, encoding="gbk")
    layer = read_layer(tmp_path / "a.zip")
    assert (layer.fields, layer.notes) == ({"name": names}, ())


def test_parts_and_holes_come_back_vertex_for_vertex_from_any_format(tmp_path: Path) -> None:
    hole = [(2, 2), (2, 8), (8, 8), (8, 2)]
    ring = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 9), (0, 10)], [hole])
    island, apart = shapely.box(4, 4, 6, 6), shapely.Polygon([(20, 0), (30, 3), (25, 9)])
    lattice = from_degrees([shapely.MultiPolygon([apart, ring, island]), shapely.Polygon(hole, []), ring])
    for name in ("a.gpkg", "a.geojson", "a.zip", "a.kml"):
        write_layer(tmp_path / name, "x", to_degrees(lattice), {"n": [1, 2, 3]})
        back = from_degrees(read_layer(tmp_path / name).geometries)
        assert shapely.equals_exact(shapely.normalize(back), shapely.normalize(lattice), 0.0).all(), name


def test_a_text_just_fits(tmp_path: Path) -> None:
    names = ["网" * 84 + "ab", "a" * 254]
    write_layer(tmp_path / "a.zip", "x", PAIR, {"name": names})
    assert read_layer(tmp_path / "a.zip").fields["name"] == names


def test_what_the_table_cannot_hold_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    error = refused(path, "text_too_long", {"name": ["网" * 85, "b"]})
    assert (error.params["field"], error.params["bytes"], error.params["limit"]) == ("name", 255, 254)
    refused(path, "text_too_long", {"name": ["网" * 128, "b"]}, "gbk")
    assert refused(path, "not_in_encoding", {"name": ["东𡋾村", "b"]}, "gbk").params["character"] == "𡋾"
    refused(path, "field_name_too_long", {"valid_until": CODES})
    refused(path, "field_name_too_long", {"网格名称": NAMES})
    refused(path, "not_in_encoding", {"𡋾": NAMES}, "gbk")


def test_a_number_that_the_table_would_cut_is_refused(tmp_path: Path) -> None:
    assert "1.0000000000000001e+300" in str(refused(tmp_path / "a.zip", "cannot_write", {"f": [1e300, 1.0]}))


def test_only_a_shapefile_has_another_encoding(tmp_path: Path) -> None:
    refused(tmp_path / "a.gpkg", "encoding_fixed", {"name": NAMES}, "gbk")


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.zip"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:4548", "EPSG:4527", "EPSG:4509", "gcj02", "bd09"])
def test_in_another_system_the_lattice_comes_back(tmp_path: Path, name: str, crs: str) -> None:
    corners = np.random.default_rng(7).integers((1_160_000_000, 390_000_000), (1_169_000_000, 399_000_000), (40, 3, 2))
    lattice = from_degrees(to_degrees(shapely.polygons(corners.astype(float))))
    write_layer(tmp_path / name, "x", to_degrees(lattice), {"n": list(range(40))}, crs=named_crs(crs))
    layer = read_layer(tmp_path / name)
    nameless = crs in ("gcj02", "bd09") and name != "a.geojson"
    assert (layer.crs, layer.notes) == (None if nameless else crs, ())
    back = from_degrees(transform_geometries(layer.geometries, parse_crs(crs)))
    assert shapely.equals_exact(shapely.normalize(back), shapely.normalize(lattice), 0.0).all()
    with zipfile.ZipFile(tmp_path / name) if name == "a.zip" else nullcontext() as archive:
        assert archive is None or ("x.prj" in archive.namelist()) is not nameless


@pytest.mark.parametrize("crs", ["EPSG:4534", "EPSG:4513", "EPSG:2056"])
def test_a_system_made_for_elsewhere_is_refused(tmp_path: Path, crs: str) -> None:
    with pytest.raises(CrsError) as caught:
        write_layer(tmp_path / "a.gpkg", "x", PAIR, {"code": CODES}, crs=named_crs(crs))
    assert (caught.value.code, caught.value.params["crs"]) == ("not_exact_in_crs", crs)
    assert list(tmp_path.iterdir()) == []


def test_kml_names_its_places_and_is_always_in_degrees(tmp_path: Path) -> None:
    write_layer(tmp_path / "a.kml", "grids", PAIR, {"code": CODES, "name": ["安次区 <&>", None]}, crs=named_crs("4326"))
    layer = read_layer(tmp_path / "a.kml")
    assert (layer.name, layer.crs, layer.notes) == ("grids", "EPSG:4326", ())
    assert (layer.fields["Name"], layer.fields["code"]) == (["安次区 <&>", None], CODES)
    assert shapely.equals(layer.geometries, PAIR).all()
    assert "<name><![CDATA[安次区 <&>]]></name>" in (tmp_path / "a.kml").read_text(encoding="utf-8")
    for crs in ("EPSG:4548", "gcj02"):
        with pytest.raises(FormatError) as caught:
            write_layer(tmp_path / "b.kml", "grids", PAIR, {"code": CODES}, crs=named_crs(crs))
        assert (caught.value.code, caught.value.params["crs"]) == ("crs_fixed", crs)
    assert not (tmp_path / "b.kml").exists()
