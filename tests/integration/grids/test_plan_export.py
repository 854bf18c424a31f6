"""The grids before and after a plan in a GeoPackage, of a draft and of a plan long applied."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest

from core.db.session import work
from core.grids.plans.exporting import export_plan
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER, written
from tests.integration.grids.plans import SPLIT, draft, run, two_counties

DIVIDE = {"op": "subdivide", "grid": "139902", "lines": [[[116.15, 39.13], [116.45, 39.13]]], "level": "grid"}


template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def layers(path: Path) -> list[dict[str, str]]:
    found = []
    for name in ("before", "after"):
        table = geopandas.read_file(path, layer=name)
        assert {"code", "name", "level", "parent", "area_m2"} <= set(table.columns)
        assert table.crs.to_epsg() == 4490
        assert (table.area_m2 > 0).all()
        found.append(dict(zip(table.code, table.change, strict=True)))
    return found


def test_a_draft_is_told_as_it_would_be_and_nothing_is_kept(tmp_path: Path) -> None:
    plan = draft("139900", SPLIT, DIVIDE)
    before = {name: count for name, count in written().items() if name != "journal"}
    target = tmp_path / "plan.gpkg"
    with work(TESTER) as session:
        assert export_plan(session, plan.id, target) == (3, 6)
    then, later = layers(target)
    assert then == {"139900": "noded", "139901": "changed", "139902": "divided"}
    assert (later.pop("139900"), later.pop("139902")) == ("noded", "noded")
    assert (later.pop("139901"), later.pop("139911")) == ("changed", "born")
    assert set(later.values()) == {"born"}
    assert {name: count for name, count in written().items() if name != "journal"} == before


def test_an_applied_plan_is_told_as_it_was(tmp_path: Path) -> None:
    done = run("139900", {"op": "merge", "grids": ["139901", "139902"], "code": "139902", "name": "合县"})
    run("139900", {"op": "rename", "grid": "139902", "name": "后来"})
    target = tmp_path / "plan.gpkg"
    with work(TESTER) as session:
        export_plan(session, done.plan.id, target)
    assert layers(target) == [{"139901": "retired", "139902": "changed"}, {"139902": "changed"}]
    assert geopandas.read_file(target, layer="after").name.tolist() == ["合县"]
