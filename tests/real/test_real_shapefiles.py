"""The fourteen shapefiles of Langfang: nine come in at once as one and the same layer, the rest with the truth said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from gis.crs import Crs, from_cgcs2000, parse_crs, suggest_crs, to_cgcs2000, transform_geometries
from gis.fits import better_crs
from gis.formats import Layer, read_layer
from gis.lattice import from_degrees
from gis.sandbox import read_layer_in_subprocess

pytestmark = pytest.mark.real

RealData = Callable[[str], Path]
AT_ONCE = (
    "gbk_nocpg", "gbk_ldid4d", "gbk_cpg936", "gbk_cpg_lies_utf8", "utf8_cpg", "gbk_chinese_filenames_utf8zip",
    "gbk_chinese_filenames_gbkzip", "4548", "4527_zone39",
)  # fmt: skip
TRUE_CRS = {"4548_noprj": "EPSG:4548", "4548_prj_lies_4547": "EPSG:4548", "bd09_prj_lies_4326": "bd09"}
COUNTIES = "admin/langfang_counties_tianditu_4490.geojson"
CITY = "admin/langfang_city_tianditu_4490.geojson"


def langfang(real_data: RealData, name: str) -> Layer:
    return read_layer(real_data(f"shapefiles/langfang_{name}.zip"))


def on_lattice(layer: Layer, crs: str | None = None) -> np.ndarray:
    stated = crs or layer.crs
    assert stated is not None
    return np.asarray(from_degrees(transform_geometries(layer.geometries, parse_crs(stated))))


def digest(lattice: np.ndarray) -> str:
    return hashlib.sha256(b"".join(shapely.to_wkb(shapely.normalize(g)) for g in lattice)).hexdigest()


def names(layer: Layer) -> list[object]:
    return layer.fields["名称" if "名称" in layer.fields else "name"]


@pytest.fixture(scope="module")
def truth(real_data: RealData) -> Layer:
    return read_layer(real_data(COUNTIES))


@pytest.fixture(scope="module")
def root(real_data: RealData) -> shapely.Geometry:
    return on_lattice(read_layer(real_data(CITY)))[0]


@pytest.mark.parametrize("name", AT_ONCE)
def test_nine_come_in_at_once_as_the_same_layer(real_data: RealData, truth: Layer, name: str) -> None:
    layer = langfang(real_data, name)
    assert digest(on_lattice(layer)) == digest(on_lattice(truth))
    assert names(layer) == names(truth)
    codes = layer.fields["区划代码" if "区划代码" in layer.fields else "代码"]
    assert codes == truth.fields["code"]


@pytest.mark.parametrize(("name", "crs"), TRUE_CRS.items())
def test_three_give_it_with_the_true_system(real_data: RealData, truth: Layer, name: str, crs: str) -> None:
    layer = langfang(real_data, name)
    assert digest(on_lattice(layer, crs)) == digest(on_lattice(truth))
    assert names(layer) == names(truth)


def test_without_prj_the_true_zone_is_suggested_first(real_data: RealData) -> None:
    layer = langfang(real_data, "4548_noprj")
    assert layer.crs is None
    bounds = tuple(float(v) for v in shapely.total_bounds(layer.geometries))
    assert suggest_crs(bounds)[0] == Crs("EPSG:4548")  # type: ignore[arg-type]
    assert suggest_crs(bounds, near_lon=116.7)[0] == Crs("EPSG:4548")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("4548_prj_lies_4547", "EPSG:4548"),
        ("bd09_prj_lies_4326", "bd09"),
        ("gcj02_prj_lies_4490", "gcj02"),
    ],
)
def test_a_lie_is_seen_under_the_root(real_data: RealData, root: shapely.Geometry, name: str, true: str) -> None:
    layer = langfang(real_data, name)
    assert layer.crs is not None
    assert better_crs(layer.geometries, parse_crs(layer.crs), root) == Crs(true)


@pytest.mark.parametrize("name", AT_ONCE)
def test_the_honest_nine_are_left_alone_under_the_root(real_data: RealData, root: shapely.Geometry, name: str) -> None:
    layer = langfang(real_data, name)
    assert layer.crs is not None
    assert better_crs(layer.geometries, parse_crs(layer.crs), root) is None


@pytest.mark.parametrize(
    "name", ["langfang_counties_amap_wgs84.geojson", "langfang_counties_mixed_sources_4490.geojson"]
)
def test_an_honest_map_of_another_maker_is_left_alone(real_data: RealData, root: shapely.Geometry, name: str) -> None:
    layer = read_layer(real_data(f"admin/{name}"))
    assert better_crs(layer.geometries, Crs("EPSG:4490"), root) is None


def test_gcj02_undone_is_the_file_undone_elsewhere(real_data: RealData) -> None:
    shifted = read_layer(real_data("admin/langfang_counties_amap_gcj02.geojson"))
    undone = read_layer(real_data("admin/langfang_counties_amap_wgs84.geojson"))
    assert digest(on_lattice(shifted, "gcj02")) == digest(on_lattice(undone))


def test_real_vertices_survive_the_shifts(real_data: RealData, truth: Layer) -> None:
    there = shapely.get_coordinates(truth.geometries)
    for name in ("gcj02", "bd09"):
        back = to_cgcs2000(from_cgcs2000(there, Crs(name)), Crs(name))
        assert np.abs(back - there).max() <= 1e-10


def test_the_layer_of_planted_defects_is_read_whole(real_data: RealData) -> None:
    layer = langfang(real_data, "defects_4548")
    told = json.loads(real_data("shapefiles/langfang_defects_4548.truth.json").read_text(encoding="utf-8"))
    assert len(layer.geometries) == told["rows"]
    assert int(shapely.is_missing(layer.geometries).sum()) == 1
    codes = layer.fields["区划代码"]
    assert names(layer)[codes.index("131081")] is None
    assert names(layer)[codes.index("131026")] == " 文安县　"


def test_the_limited_process_reads_the_largest_layer(real_data: RealData) -> None:
    path = real_data("coverage/france_communes_2018.gpkg.zip")
    layer = read_layer_in_subprocess(path)
    assert len(layer.geometries) == 35_357
    assert int(shapely.get_num_coordinates(layer.geometries).sum()) > 2_000_000
    assert "Condé-en-Normandie" in layer.fields["name"]


def test_topojson_counties_are_read_with_one_empty(real_data: RealData) -> None:
    path = real_data("coverage/us_counties_10m.topojson")
    layer = read_layer_in_subprocess(path, "counties")
    assert layer.layers == ("counties", "states", "nation")
    empty = np.flatnonzero(shapely.is_missing(layer.geometries))
    assert (len(layer.geometries), [layer.fields["id"][i] for i in empty]) == (3231, ["51610"])
