"""Real layers that are not exact, decided on piece by piece: as large as shapely measures, and proven afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gis.crs import parse_crs, transform_geometries
from gis.formats import read_layer
from gis.lattice import Geometries, from_degrees
from gis.measure import area_m2
from gis.pieces import NOBODY, survey
from gis.repair import settle
from tests.integration.grids.bringing import bring, look, proven

pytestmark = pytest.mark.real

Data = Callable[[str], Path]


def lattice(path: Path) -> Geometries:
    layer = read_layer(path)
    return from_degrees(transform_geometries(layer.geometries, parse_crs(layer.crs or "EPSG:4490")))


def total(areas: Any) -> float:
    return float(np.sum(areas))


def test_counties_of_two_sources_are_settled_piece_by_piece(real_data: Data) -> None:
    root = lattice(real_data("admin/langfang_city_tianditu_4490.geojson"))[0]
    mixed = lattice(real_data("admin/langfang_counties_mixed_sources_4490.geojson"))
    found = survey(mixed, root)
    kinds = {kind: [p for p in found.pieces if p.kind == kind] for kind in ("gap", "missing", "outside", "overlap")}
    assert {kind: len(own) for kind, own in kinds.items() if kind != "overlap"} == {
        "gap": 209, "missing": 174, "outside": 174,
    }  # fmt: skip
    union = shapely.union_all(mixed)
    assert total([p.area_m2 for p in kinds["outside"]]) == pytest.approx(
        total(area_m2(shapely.difference(union, root))), rel=0.01
    )
    assert total([p.area_m2 for p in kinds["overlap"]]) == pytest.approx(27.18e6, rel=0.01)
    assert total([p.area_m2 for p in kinds["gap"]]) == pytest.approx(20.52e6, rel=0.01)
    made = settle(found, [p.takers[0][0] if p.takers else NOBODY for p in found.pieces])
    assert total(area_m2(made.polygons)) == pytest.approx(6_384_186_704, abs=5_000)
    assert shapely.area(shapely.symmetric_difference(made.outline, root)) < shapely.length(root)
    before, after = area_m2(mixed), area_m2(made.polygons)
    given = sum(p.area_m2 for p in found.pieces if p.kind in ("gap", "missing"))
    assert np.abs(after - before).max() < given


def test_the_planted_pieces_have_their_proposals(real_data: Data) -> None:
    root = lattice(real_data("admin/langfang_city_tianditu_4490.geojson"))[0]
    path = real_data("shapefiles/langfang_defects_4548.zip")
    layer = read_layer(path)
    codes = [str(code) for code in next(v for n, v in layer.fields.items() if "131002" in map(str, v))]
    found = survey(lattice(path), root)
    told = json.loads(real_data("shapefiles/langfang_defects_4548.truth.json").read_text(encoding="utf-8"))
    (planted,) = (d for d in told["defects"] if d["kind"] == "overlap")
    own = [p for p in found.pieces if set(planted["codes"]) <= {codes[i] for i in p.members}]
    assert total([p.area_m2 for p in own]) == pytest.approx(planted["area_m2"], rel=0.01)
    assert all(set(planted["codes"]) <= {codes[who] for who, _m in p.takers} for p in own)
    gaps = sorted(p.area_m2 for p in found.pieces if p.kind == "gap")
    assert any(area == pytest.approx(2_500, rel=0.05) for area in gaps)
    assert any(area == pytest.approx(8_383, rel=0.1) for area in gaps)
    assert {codes[each.members[0]] for each in found.broken if each.kind == "invalid"} == {
        "131002", "131024", "131025", "131081",
    }  # fmt: skip


@pytest.mark.long
def test_a_file_of_two_sources_comes_in_decided(database: str, real_data: Data) -> None:
    assert not bring(real_data("admin/langfang_city_tianditu_4490.geojson"), "city").refused
    path = real_data("admin/langfang_counties_mixed_sources_4490.geojson")
    listed = look(path, "county", repair="proposed").decided
    assert listed is not None
    largest = next(each for each in listed.defects if len(each.proposals) > 1)
    other = largest.proposals[1].choice
    brought = bring(path, "county", repair="proposed", choices=((largest.number, other),), repair_list=listed.token)
    assert (brought.refused, brought.method) == (False, "decided")
    assert brought.decided is not None
    assert brought.decided.chosen[largest.number - 1].choice == other
    assert (proven().exact, proven().leaves) == (True, 10)
