"""Real layers: the figures of proof, defects and cleaning, found beforehand with plain scripts."""

from __future__ import annotations

import csv
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from numpy.typing import NDArray
from pyogrio.raw import read

from gis import chain, clean, coverage, defects, lattice, locate, measure

pytestmark = pytest.mark.real
Data = Callable[[str], Path]


def layer(path: Path, name: str | None = None) -> tuple[NDArray[Any], dict[str, list[Any]]]:
    """Geometries in the file's coordinates, and its fields."""
    source = f"/vsizip/{path}" if path.suffix == ".zip" else str(path)
    encoding = "GBK" if path.parent.name == "shapefiles" else None
    meta, _, wkb, columns = read(source, layer=name, encoding=encoding)
    return shapely.from_wkb(wkb), {f: c.tolist() for f, c in zip(meta["fields"], columns, strict=True)}


def tally(found: list[defects.Defect]) -> dict[str, tuple[int, float]]:
    """Of each kind how many, and their area in km²."""
    count = Counter(d.kind for d in found)
    return {k: (n, sum(d.area_m2 for d in found if d.kind == k) / 1e6) for k, n in count.items()}


def full(polygons: NDArray[Any]) -> NDArray[Any]:
    return polygons[~shapely.is_empty(polygons)]


@pytest.fixture
def langfang(real_data: Data) -> Any:
    return lattice.from_degrees(layer(real_data("admin/langfang_city_tianditu_4490.geojson"))[0])[0]


def test_langfang_of_tianditu_is_exact(real_data: Data, langfang: Any) -> None:
    counties = lattice.from_degrees(layer(real_data("admin/langfang_counties_tianditu_4490.geojson"))[0])
    assert coverage.prove(counties, langfang).exact
    assert coverage.prove(counties).exact
    assert defects.defects(counties, langfang) == []
    assert len(counties) == 10
    assert shapely.get_num_geometries(langfang) == 2
    assert measure.area_m2([langfang])[0] == pytest.approx(6_384_186_704, abs=1)
    assert measure.area_m2(counties).sum() == pytest.approx(measure.area_m2([langfang])[0], abs=1e-4)
    assert chain.dissolve(counties).equals(langfang)


def test_hebei_adds_up_to_its_cities_and_itself(real_data: Data) -> None:
    path = real_data("admin/hebei_amap_gcj02_UNLABELLED_CRS.gpkg.zip")
    counties, cities, province = (lattice.from_degrees(layer(path, n)[0]) for n in ("county", "city", "province"))
    assert (len(counties), len(cities)) == (167, 11)
    assert coverage.prove(counties, province[0]).exact
    assert coverage.prove(cities, province[0]).exact
    assert coverage.is_replacement(cities, counties)


def test_mixed_sources_have_the_defects_counted_beforehand(real_data: Data, langfang: Any) -> None:
    counties = lattice.from_degrees(layer(real_data("admin/langfang_counties_mixed_sources_4490.geojson"))[0])
    assert not coverage.prove(counties, langfang).exact
    found = tally(defects.defects(counties, langfang))
    assert {k: found[k][0] for k in ("overlap", "gap", "missing", "outside")} == {
        "overlap": 9, "gap": 209, "missing": 174, "outside": 174,
    }  # fmt: skip
    assert found["overlap"][1] == pytest.approx(27.18, abs=0.01)
    assert found["gap"][1] == pytest.approx(20.52, abs=0.01)
    assert found["missing"][1] == pytest.approx(37.65, abs=0.01)
    assert found["outside"][1] == pytest.approx(56.66, abs=0.01)


def test_mixed_sources_without_a_gap_width_stay_uncovered(real_data: Data, langfang: Any) -> None:
    made = clean.clean(layer(real_data("admin/langfang_counties_mixed_sources_4490.geojson"))[0], langfang)
    open_pieces = [d for d in made.uncovered if d.area_m2 > 1]
    assert (made.exact, made.method) == (False, "fitted")
    assert len(open_pieces) == pytest.approx(383, abs=1)
    assert sum(d.area_m2 for d in open_pieces) == pytest.approx(58.18e6, rel=0.001)


def test_mixed_sources_at_1000_m_leave_two_pieces(real_data: Data, langfang: Any) -> None:
    made = clean.clean(layer(real_data("admin/langfang_counties_mixed_sources_4490.geojson"))[0], langfang, 1000.0)
    assert not made.exact
    assert sorted(d.width_m for d in made.uncovered) == pytest.approx([1113, 1325], abs=4)
    assert sum(d.area_m2 for d in made.uncovered) == pytest.approx(5.93e6, rel=0.002)


def test_mixed_sources_at_1500_m_are_exact(real_data: Data, langfang: Any) -> None:
    polygons, fields = layer(real_data("admin/langfang_counties_mixed_sources_4490.geojson"))
    made = clean.clean(polygons, langfang, 1500.0)
    assert made.exact
    assert made.uncovered == []
    assert coverage.prove(made.polygons, made.parent).exact
    net = dict(zip(fields["code"], (made.changed_area_m2 / 1e6).tolist(), strict=True))
    assert net["131024"] == pytest.approx(-14.1, abs=0.05)
    assert net["131023"] == pytest.approx(3.2, abs=0.05)
    given, gained = (set(map(tuple, shapely.get_coordinates(p).tolist())) for p in (langfang, made.parent))
    assert given < gained
    assert made.parent.hausdorff_distance(langfang) <= 1


@pytest.mark.long
def test_france_needs_mending_alone(real_data: Data) -> None:
    polygons, fields = layer(real_data("coverage/france_communes_2018.gpkg.zip"))
    made = clean.clean(polygons)
    assert (len(polygons), made.method, made.exact, made.left_out) == (35_357, "mended", True, ())
    assert [fields["code"][i] for i in made.mended] == ["14174"]
    assert not made.changed_area_m2.any()
    assert shapely.get_num_geometries(made.parent) == 243
    holes = sorted(d.area_m2 / 1e6 for d in made.uncovered)
    assert holes == pytest.approx([13.01, 154.94], abs=0.01)
    assert int(shapely.get_num_interior_rings(shapely.get_parts(made.parent)).sum()) == 2
    codes, group = np.unique(fields["dep"], return_inverse=True)
    departments = chain.dissolve_by(made.polygons, group)
    assert len(codes) == len(departments) == 101
    assert coverage.prove(departments, made.parent).exact
    assert measure.area_m2([made.parent])[0] / 1e6 == pytest.approx(638_527.89, abs=0.01)


def test_chicago_is_exact_at_three_levels(real_data: Data) -> None:
    polygons, fields = layer(real_data("coverage/chicago_police_beats.gpkg.zip"))
    assert len(polygons) == 277
    assert {b: n for b, n in Counter(fields["beat_num"]).items() if n > 1} == {"3100": 3}
    rows = lattice.from_degrees(polygons)
    assert coverage.prove(rows).exact
    levels: list[list[Any]] = [fields["beat_num"], list(zip(fields["district"], fields["sector"], strict=True))]
    merged = []
    for keys in (*levels, fields["district"]):
        number = {key: n for n, key in enumerate(dict.fromkeys(keys))}
        merged.append(chain.dissolve_by(rows, [number[key] for key in keys]))
    assert [len(level) for level in merged] == [275, 68, 23]
    outline = chain.dissolve(rows)
    for level in merged:
        assert coverage.prove(level, outline).exact
    assert defects.defects(merged[0]) == []


def test_us_counties_clean_to_the_nations_outline(real_data: Data) -> None:
    path = real_data("coverage/us_counties_10m.topojson")
    polygons, fields = layer(path, "counties")
    found = defects.defects(lattice.from_degrees(polygons))
    assert tally(found)["invalid"][0] == 22
    assert [fields["id"][d.members[0]] for d in found if d.kind == "empty"] == ["51610"]
    assert tally(found)["overlap"] == (6, pytest.approx(0.93, abs=0.01))
    made = clean.clean(polygons)
    assert made.exact
    assert [fields["id"][i] for i in made.left_out] == ["51610"]
    counties = full(made.polygons)
    assert len(counties) == 3_230
    nation = lattice.from_degrees(layer(path, "nation")[0])[0]
    assert coverage.prove(counties, nation).exact
    kept = ~shapely.is_empty(made.polygons)
    _, state = np.unique([i[:2] for i, k in zip(fields["id"], kept, strict=True) if k], return_inverse=True)
    states = chain.dissolve_by(counties, state)
    assert len(states) == 56
    assert coverage.prove(states, nation).exact


def test_los_angeles_is_refused_with_its_defects(real_data: Data) -> None:
    polygons, fields = layer(real_data("events/la_neighborhood_councils_2021.geojson"))
    rows = lattice.from_degrees(polygons)
    assert not coverage.prove(rows).exact
    found = defects.defects(rows)
    assert [int(fields["nc_id"][d.members[0]]) for d in found if d.kind == "invalid"] == [91]
    assert tally(found)["overlap"] == (127, pytest.approx(76.73, abs=0.01))
    assert tally(found)["gap"] == (130, pytest.approx(60.41, abs=0.01))


@pytest.mark.parametrize(("width", "holes"), [(0.0, 24), (100.0, 14), (200.0, 12), (1000.0, 4)])
def test_los_angeles_cleans_exact_and_keeps_its_wide_holes(real_data: Data, width: float, holes: int) -> None:
    made = clean.clean(layer(real_data("events/la_neighborhood_councils_2021.geojson"))[0], None, width)
    assert made.exact
    stay = [d for d in made.uncovered if d.area_m2 > 1]
    assert len(stay) == holes
    assert all(d.width_m > width for d in stay)
    if width == 100.0:
        assert sum(d.area_m2 for d in stay) / 1e6 == pytest.approx(61.46, abs=0.01)
        assert measure.area_m2(made.polygons).sum() / 1e6 == pytest.approx(1136.75, abs=0.01)


def test_los_angeles_requests_fall_into_the_cleaned_councils(real_data: Data) -> None:
    import gzip

    made = clean.clean(layer(real_data("events/la_neighborhood_councils_2021.geojson"))[0], None, 100.0)
    with gzip.open(real_data("events/la_311_requests.csv.gz"), "rt", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    placed = [(float(r["longitude"]), float(r["latitude"])) for r in rows if r["longitude"] and r["latitude"]]
    assert len(rows) - len(placed) == 2_871
    found = locate.LocateIndex.build(made.polygons, np.arange(99)).locate(lattice.quantise(placed))
    assert int((found >= 0).sum()) == pytest.approx(36_577, abs=5)
    assert int((found < 0).sum()) == pytest.approx(551, abs=5)


def test_the_planted_defects_are_found(real_data: Data) -> None:
    polygons, fields = layer(real_data("shapefiles/langfang_defects_4548.zip"))
    to_degrees = pyproj.Transformer.from_crs(4548, 4490, always_xy=True)
    rows = lattice.from_degrees(shapely.transform(polygons, to_degrees.transform, interleaved=False))
    code = [str(c) for c in fields["区划代码"]]
    found = defects.defects(rows)

    def codes(defect: defects.Defect) -> tuple[str, ...]:
        return tuple(sorted(code[i] for i in defect.members))

    of_kind = {k: [d for d in found if d.kind == k] for k in {d.kind for d in found}}
    assert {code[d.members[0]] for d in of_kind["invalid"]} == {"131002", "131024", "131025", "131081"}
    assert [codes(d) for d in of_kind["empty"]] == [("131071",)]
    assert {codes(d) for d in of_kind["duplicate"]} == {("131023", "131999"), ("131028", "131028")}
    overlap = sorted((*codes(d), d.area_m2) for d in of_kind["overlap"])
    assert [(a, b) for a, b, _ in overlap] == [
        ("131002", "131023"), ("131002", "131999"), ("131023", "131999"), ("131026", "131081"),
        ("131028", "131028"), ("131028", "131082"), ("131028", "131082"),
    ]  # fmt: skip
    assert [area for _, _, area in overlap] == [
        pytest.approx(2_558_801, rel=0.001), pytest.approx(2_558_801, rel=0.001),
        pytest.approx(760.8e6, rel=0.001), pytest.approx(1_053, rel=0.1),
        pytest.approx(174.6e6, rel=0.001), pytest.approx(34.6, rel=0.1), pytest.approx(34.6, rel=0.1),
    ]  # fmt: skip
    assert sorted(d.area_m2 for d in of_kind["gap"]) == [
        pytest.approx(211, rel=0.01), pytest.approx(2_500, rel=0.01), pytest.approx(8_383, rel=0.1),
        pytest.approx(340_687, rel=0.01), pytest.approx(624_381, rel=0.01),
    ]  # fmt: skip
    (island,) = of_kind["tiny_part"]
    assert (codes(island), round(island.area_m2, 2)) == (("131003",), 0.99)


def test_every_validity_case_of_geos_is_judged_as_expected_but_that_empty_is_no_area(real_data: Data) -> None:
    former = csv.field_size_limit(sys.maxsize)
    with real_data("geometry/geos_validity_cases.csv").open(encoding="utf-8", newline="") as text:
        cases = list(csv.DictReader(text))
    csv.field_size_limit(former)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # one case has NaN for a coordinate
        shapes = [shapely.from_wkt(c["wkt"], on_invalid="ignore") for c in cases]
        verdict = coverage.is_valid(shapes)
    expected = [c["expected_valid"] == "true" for c in cases]
    area = [shape is not None and not shape.is_empty for shape in shapes]
    assert len(cases) == 358
    assert verdict.tolist() == [e and a for e, a in zip(expected, area, strict=True)]
    assert [(c["file"], c["case"]) for c, e, a in zip(cases, expected, area, strict=True) if e and not a] == [
        ("general/TestValid.xml", "15"),
        ("general/TestValid2.xml", "746"),
    ]
