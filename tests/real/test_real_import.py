"""Real boundary files through the services into a real database: what comes in, what is refused, and why."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio.raw import read as gdal_read

from core.db.session import reading
from core.grids.imports.draft import Prepared
from core.grids.reading import load_shapes
from core.intake.refusals import Remedy
from gis.lattice import from_degrees
from gis.measure import area_m2
from tests.integration.grids.bringing import TESTER, bring, kinds, look, proven, reason, remedies, written
from web.cli.points import Places, locate_csv

pytestmark = pytest.mark.real

Data = Callable[[str], Path]
TIANDITU_CITY = "admin/langfang_city_tianditu_4490.geojson"
TIANDITU = "admin/langfang_counties_tianditu_4490.geojson"
MIXED = "admin/langfang_counties_mixed_sources_4490.geojson"
BEATS = "coverage/chicago_police_beats.gpkg.zip"
COUNCILS = "events/la_neighborhood_councils_2021.geojson"
CITY_M2 = 6_384_186_704
BEAT_LEVELS: dict[str, Any] = {
    "nest": (("district", "county"), ("sector", "street")),
    "root": "CHI:Chicago",
}
AT_ONCE = (
    "gbk_nocpg", "4527_zone39", "gbk_chinese_filenames_gbkzip", "gbk_ldid4d", "gbk_cpg936", "gbk_cpg_lies_utf8",
    "utf8_cpg", "gbk_chinese_filenames_utf8zip", "4548",
)  # fmt: skip
TRUE_CRS = {"4548_noprj": "EPSG:4548", "4548_prj_lies_4547": "EPSG:4548", "bd09_prj_lies_4326": "bd09"}


@pytest.fixture
def langfang(database: str, real_data: Data) -> Data:
    """The real data, on a database with Langfang's outline as the root."""
    assert not bring(real_data(TIANDITU_CITY), "city").refused
    return real_data


def shapefile(data: Data, name: str) -> Path:
    return data(f"shapefiles/langfang_{name}.zip")


def born(prepared: Prepared) -> dict[str, tuple[str, bytes]]:
    """Of each code the name and the lattice polygon, whichever ring comes first."""
    assert not prepared.refused, prepared.reason
    return {b.code: (b.name, shapely.to_wkb(shapely.normalize(b.polygon))) for b in prepared.births}


def root_outline() -> Any:
    with reading(TESTER) as session:
        return load_shapes(session, "s.parent_id is null").polygons[0]


def test_langfang_of_tianditu_comes_in_exact(langfang: Data) -> None:
    prepared = bring(langfang(TIANDITU), "county", limited=True)
    assert (prepared.method, prepared.findings, prepared.renewals) == ("none", (), ())
    found = proven()
    assert (found.exact, found.root, found.levels) == (True, "131000", {"city": 1, "county": 10})
    assert (found.leaves, found.unmatched, found.invalid, found.stale) == (10, 0, 0, 0)
    with reading(TESTER) as session:
        shapes = load_shapes(session)
    root = shapes.polygons[shapes.levels.index("city")]
    assert shapely.get_num_geometries(root) == 2
    leaves = shapes.areas[[level == "county" for level in shapes.levels]]
    assert float(leaves.sum()) == pytest.approx(CITY_M2, abs=1)
    assert found.area_m2 == pytest.approx(float(leaves.sum()), abs=1e-4)


def test_langfang_of_amap_is_exact_after_conversion(database: str, real_data: Data) -> None:
    path = real_data("admin/langfang_counties_amap_gcj02.geojson")
    prepared = bring(path, "county", crs="gcj02", root="131000:廊坊市")
    assert prepared.method == "none"
    assert proven().exact
    undone = gdal_read(str(real_data("admin/langfang_counties_amap_wgs84.geojson")))
    polygons = from_degrees(shapely.from_wkb(undone[2]))
    oracle = dict(zip(undone[3][0].tolist(), (shapely.to_wkb(shapely.normalize(p)) for p in polygons), strict=True))
    assert {code: wkb for code, (_name, wkb) in born(prepared).items() if code != "131000"} == oracle
    assert area_m2([root_outline()])[0] == pytest.approx(6_412_547_609, abs=1)


def test_mixed_sources_are_refused_until_the_widest_gap_is_allowed(langfang: Data) -> None:
    before = written()
    dirty = bring(langfang(MIXED), "county")
    assert "overlap 9" in reason(dirty)
    assert remedies(dirty) == ["clean", "decide", "defects"]
    found = kinds(dirty)
    assert {kind: found[kind][0] for kind in ("overlap", "gap", "missing", "outside")} == {
        "overlap": 9, "gap": 209, "missing": 174, "outside": 174,
    }  # fmt: skip
    areas = {"overlap": 27.18, "gap": 20.52, "missing": 37.65, "outside": 56.66}
    assert {kind: found[kind][1] for kind in areas} == {k: pytest.approx(v, abs=0.01) for k, v in areas.items()}

    alone = bring(langfang(MIXED), "county", clean=True)
    uncovered = [f for f in alone.findings if f.kind in ("gap", "missing")]
    assert len(uncovered) == pytest.approx(383, abs=1)
    assert sum(f.area_m2 or 0 for f in uncovered) == pytest.approx(58.18e6, rel=0.001)
    assert remedies(alone) == ["gap_width", "decide", "defects"]

    narrow = bring(langfang(MIXED), "county", clean=True, gap_width_m=1000.0)
    assert narrow.refused
    assert sorted(f.width_m or 0 for f in narrow.findings) == pytest.approx([1113, 1325], abs=4)
    assert written() == before


def test_mixed_sources_come_in_fitted_to_the_city(langfang: Data) -> None:
    given = root_outline()
    prepared = bring(langfang(MIXED), "county", clean=True, gap_width_m=1500.0)
    assert (prepared.method, prepared.exact, prepared.findings) == ("fitted", True, ())
    changed = {c.code: (c.gained_m2, c.lost_m2) for c in prepared.area_changes}
    assert len(changed) == 10
    assert (changed["131024"][0] - changed["131024"][1]) / 1e6 == pytest.approx(-14.1, abs=0.05)
    assert (changed["131023"][0] - changed["131023"][1]) / 1e6 == pytest.approx(3.2, abs=0.05)
    found = proven()
    assert (found.exact, found.leaves) == (True, 10)
    root = root_outline()
    vertices = [set(map(tuple, shapely.get_coordinates(p).tolist())) for p in (given, root)]
    assert vertices[0] < vertices[1]
    assert root.hausdorff_distance(given) <= 1


def test_chicago_is_refused_for_the_code_in_three_rows(database: str, real_data: Data) -> None:
    before = written()
    prepared = bring(real_data(BEATS), "community", **BEAT_LEVELS)
    assert "3100 ×3" in reason(prepared)
    assert remedies(prepared) == ["merge"]
    assert [f.codes for f in prepared.findings if f.kind == "duplicate_code"] == [("3100",) * 3]
    assert written() == before


def test_chicago_merged_is_exact_at_three_levels(database: str, real_data: Data) -> None:
    prepared = bring(real_data(BEATS), "community", duplicate_codes="merge", **BEAT_LEVELS)
    assert prepared.levels() == {"city": 1, "county": 23, "street": 68, "community": 275}
    found = proven()
    assert (found.exact, found.unmatched, found.leaves) == (True, 0, 275)
    parents = {b.code: b.parent for b in prepared.births}
    assert (parents["01"], parents["01-1"]) == ("CHI", "01")
    assert {parents[b.code] for b in prepared.births if b.level == "community"} == {
        b.code for b in prepared.births if b.level == "street"
    }


def test_us_counties_come_in_as_the_nation_draws_them(database: str, real_data: Data) -> None:
    path = real_data("coverage/us_counties_10m.topojson")
    dirty = look(path, "county", layer="counties", root="US:United States")
    found = kinds(dirty)
    assert (found["invalid"][0], found["empty"][0]) == (22, 1)
    assert [f.codes for f in dirty.findings if f.kind == "empty"] == [("51610",)]
    prepared = bring(path, "county", layer="counties", root="US:United States", clean=True)
    assert prepared.levels() == {"city": 1, "county": 3_230}
    assert {f.kind: f.codes for f in prepared.findings if f.kind == "empty"} == {"empty": ("51610",)}
    nation = from_degrees(shapely.from_wkb(gdal_read(str(path), layer="nation")[2]))[0]
    assert shapely.equals_identical(shapely.normalize(root_outline()), shapely.normalize(nation))
    assert proven().exact


@pytest.mark.long
def test_france_comes_in_mended_with_its_departments(database: str, real_data: Data) -> None:
    path = real_data("coverage/france_communes_2018.gpkg.zip")
    options: dict[str, Any] = {"nest": (("dep", "county"),), "root": "FR:France"}
    dirty = look(path, "street", **options)
    assert [f.codes for f in dirty.findings if f.kind == "invalid"] == [("14174",)]
    assert dirty.refused
    prepared = bring(path, "street", limited=True, clean=True, **options)
    assert (prepared.method, prepared.area_changes) == ("mended", ())
    assert prepared.levels() == {"city": 1, "county": 101, "street": 35_357}
    assert sorted((f.area_m2 or 0) / 1e6 for f in prepared.findings if f.kind == "gap") == pytest.approx(
        [13.01, 154.94], abs=0.01
    )
    root = root_outline()
    assert shapely.get_num_geometries(root) == 243
    assert int(shapely.get_num_interior_rings(shapely.get_parts(root)).sum()) == 2
    found = proven()
    assert (found.exact, found.unmatched, found.leaves) == (True, 0, 35_357)
    assert found.area_m2 / 1e6 == pytest.approx(638_527.89, abs=0.01)


def test_los_angeles_is_refused_and_comes_in_clean_with_its_wide_holes(database: str, real_data: Data) -> None:
    dirty = bring(real_data(COUNCILS), "community", root="LA:Los Angeles")
    found = kinds(dirty)
    assert dirty.refused
    assert found["overlap"] == (127, pytest.approx(76.73, abs=0.01))
    assert found["gap"] == (130, pytest.approx(60.41, abs=0.01))
    prepared = bring(real_data(COUNCILS), "community", root="LA:Los Angeles", clean=True, gap_width_m=100.0)
    holes = kinds(prepared)["gap"]
    assert holes == (14, pytest.approx(61.46, abs=0.01))
    assert all((f.width_m or 0) > 100 for f in prepared.findings if f.kind == "gap")
    assert (proven().exact, prepared.levels()) == (True, {"city": 1, "community": 99})


@pytest.mark.long
def test_requests_of_los_angeles_agree_with_the_citys_own_councils(
    database: str, real_data: Data, tmp_path: Path
) -> None:
    bring(real_data(COUNCILS), "community", root="LA:Los Angeles", clean=True, gap_width_m=100.0)
    source, target = tmp_path / "requests.csv", tmp_path / "located.csv"
    source.write_bytes(gzip.decompress(real_data("events/la_311_requests.csv.gz").read_bytes()))
    with reading(TESTER) as session:
        counts = locate_csv(session, source, target, Places("longitude", "latitude"), None)
    assert counts["points"] == 39_999
    assert counts["located"] == pytest.approx(36_577, abs=5)
    assert counts["outside"] == pytest.approx(551, abs=5)
    assert counts["invalid"] == 2_871
    with target.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["longitude"]]
    councils = shapely.from_wkb(gdal_read(str(real_data(COUNCILS)))[2])
    points = shapely.points([(float(row["longitude"]), float(row["latitude"])) for row in rows])
    point, _council = shapely.STRtree(shapely.make_valid(councils)).query(points, predicate="within")
    single = np.flatnonzero(np.bincount(point, minlength=len(points)) == 1)
    assert len(single) == pytest.approx(36_508, abs=5)
    agree = sum(rows[i]["nc"] != "" and rows[i]["grid"] == str(int(float(rows[i]["nc"]))) for i in single.tolist())
    assert agree / len(single) >= 0.98
    assert all(row["path"] in ("", f"LA/{row['grid']}") for row in rows)


def same_under_the_root(data: Data, names: tuple[str, ...]) -> None:
    truth = born(look(data(TIANDITU), "county"))
    for name in names:
        prepared = look(shapefile(data, name), "county", crs=TRUE_CRS.get(name))
        assert born(prepared) == truth, name


def test_shapefiles_of_china_come_in_at_once(langfang: Data) -> None:
    same_under_the_root(langfang, AT_ONCE[:3])


@pytest.mark.long
def test_nine_shapefiles_and_three_more_with_the_truth_said_are_one_layer(langfang: Data) -> None:
    same_under_the_root(langfang, (*AT_ONCE[3:], *TRUE_CRS))


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("4548_prj_lies_4547", "EPSG:4548"),
        pytest.param("gcj02_prj_lies_4490", "gcj02", marks=pytest.mark.long),
        pytest.param("bd09_prj_lies_4326", "bd09", marks=pytest.mark.long),
    ],
)
def test_a_lying_system_is_refused_under_the_root_and_the_better_one_named(
    langfang: Data, name: str, named: str
) -> None:
    before = written()
    prepared = bring(shapefile(langfang, name), "county")
    assert prepared.remedies[0] == Remedy("crs", {"crs": named})
    assert written() == before


def test_without_prj_nothing_is_guessed_but_the_true_zone_is_suggested_first(langfang: Data) -> None:
    before = written()
    prepared = bring(shapefile(langfang, "4548_noprj"), "county")
    assert "one of: CGCS2000, 3° zone, central meridian 117° · EPSG:4548;" in reason(prepared)
    assert remedies(prepared) == ["crs"]
    assert written() == before


def test_without_a_root_a_stated_system_is_taken_with_a_warning(database: str, real_data: Data) -> None:
    path = shapefile(real_data, "gcj02_prj_lies_4490")
    prepared = bring(path, "county", root="131000:廊坊市")
    assert not prepared.refused
    assert any("could not be checked" in str(warning) for warning in prepared.warnings)


def test_every_planted_defect_is_found(langfang: Data) -> None:
    before = written()
    prepared = bring(shapefile(langfang, "defects_4548"), "county")
    assert "131028 ×2" in reason(prepared)
    told = json.loads(langfang("shapefiles/langfang_defects_4548.truth.json").read_text(encoding="utf-8"))
    single = {kind: {f.codes[0] for f in prepared.findings if f.kind == kind} for kind in ("invalid", "empty")}
    assert single == {"invalid": {"131002", "131024", "131025", "131081"}, "empty": {"131071"}}
    doubles = {tuple(sorted(f.codes)) for f in prepared.findings if f.kind == "duplicate"}
    assert doubles == {("131023", "131999"), ("131028", "131028")}
    overlaps = {tuple(sorted(f.codes)): f.area_m2 for f in prepared.findings if f.kind == "overlap"}
    planted = {tuple(sorted(d["codes"])): d["area_m2"] for d in told["defects"] if "overlap" in d["kind"]}
    assert planted
    assert {codes: overlaps[codes] for codes in planted} == {
        codes: pytest.approx(area, rel=0.1) for codes, area in planted.items()
    }
    gaps = sorted(f.area_m2 or 0 for f in prepared.findings if f.kind == "gap")
    assert gaps == [pytest.approx(area, rel=0.1) for area in (211, 2_500, 8_383, 340_687, 624_381)]
    (island,) = (f for f in prepared.findings if f.kind == "tiny_part")
    assert (island.codes, island.area_m2) == (("131003",), pytest.approx(0.99, abs=0.01))
    warnings = " ".join(map(str, prepared.warnings))
    assert "Blanks around names were dropped: 131026" in warnings
    names = {f.kind: f.codes for f in prepared.findings if "name" in f.kind}
    assert names == {"empty_name": ("131081",), "blanks_in_name": ("131026",)}
    assert written() == before
