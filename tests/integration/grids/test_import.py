"""A boundary layer becomes grids: what is written, what continues, who may, who is first."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from sqlalchemy import text

from core import clock
from core.actor import Actor
from core.db.session import reading, work
from core.errors import Conflict, DomainError, Forbidden, Refused
from core.grids.imports.draft import ImportOptions
from core.grids.imports.importing import apply, prepare
from core.grids.queries import grid_by_code, history, tree
from core.grids.views import GridView
from gis.crs import Crs, from_cgcs2000
from gis.formats import read_layer
from tests.integration.grids.bringing import TESTER, bring, kinds, look, opened, proven, reason, remedies, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, PLAIN_CITY, box, draw, feature, polygon


def grid(code: str, as_of: dt.datetime | None = None) -> GridView:
    with reading(TESTER) as session:
        found = grid_by_code(session, code, as_of)
    assert found is not None
    return found


@pytest.fixture
def city(database: str, tmp_path: Path) -> Path:
    """An instance whose root is the box; the folder for further files."""
    assert not bring(draw(tmp_path / "city.geojson", NODED_CITY), "city").refused
    return tmp_path


def test_one_polygon_of_level_city_becomes_the_root(city: Path) -> None:
    root = grid("139900")
    assert (root.name, root.level, root.parent_id, root.leaf, root.path) == ("试验市", "city", None, True, str(root.id))
    assert (proven().exact, proven().leaves, proven().root) == (True, 1, "139900")


def test_counties_under_the_root_are_written_as_one_recorded_change(city: Path) -> None:
    before = written()
    prepared = bring(draw(city / "counties.geojson", *COUNTIES), "county", reason="first delivery")
    after = written()
    assert (prepared.exact, prepared.method, prepared.findings) == (True, "none", ())
    assert {name: after[name] - before[name] for name in ("grid", "grid_state", "grid_shape", "grid_change")} == {
        "grid": 2, "grid_state": 2, "grid_shape": 2, "grid_change": 1,
    }  # fmt: skip
    assert (after["version"], after["journal"]) == (2, before["journal"] + 1)
    west, root = grid("139901"), grid("139900")
    assert (west.name, west.level, west.parent_id, west.path) == ("西县", "county", root.id, f"{root.id}.{west.id}")
    assert west.path_codes == ("139900", "139901")
    assert not root.leaf
    assert west.area_m2 + grid("139902").area_m2 == pytest.approx(root.area_m2, rel=1e-9)
    found = proven()
    assert (found.exact, found.leaves, found.levels) == (True, 2, {"city": 1, "county": 2})
    with reading(TESTER) as session:
        row = session.execute(text("select * from core.grid_change where version = 2")).mappings().one()
        entry = session.execute(
            text("select * from core.journal where action = 'grid.import' order by id desc")
        ).first()
    assert (row["kind"], row["actor_name"], row["reason"]) == ("load", "tester", "first delivery")
    assert row["counts"]["born"] == 2
    assert entry is not None


def test_the_tree_of_an_earlier_moment_is_as_it_was(city: Path) -> None:
    between = clock.now()
    bring(draw(city / "counties.geojson", *COUNTIES), "county")
    with reading(TESTER) as session:
        assert [row.code for row in tree(session, None, between)] == ["139900"]
        assert [row.code for row in tree(session)] == ["139900", "139901", "139902"]
    assert grid("139900", between).leaf


def test_a_root_is_made_from_the_outline_and_its_holes_are_named(database: str, tmp_path: Path) -> None:
    west = polygon([(0, 0), (2, 0), (2, 0.5), (1, 0.5), (1, 1.5), (2, 1.5), (2, 2), (0, 2)])
    east = polygon([(2, 0), (4, 0), (4, 2), (2, 2), (2, 1.5), (2, 0.5)])
    prepared = bring(
        draw(tmp_path / "a.geojson", feature("1", west, "a"), feature("2", east, "b")), "county", root="0:带湖市"
    )
    assert prepared.levels() == {"city": 1, "county": 2}
    (gap,) = prepared.findings
    assert (gap.kind, set(gap.codes)) == ("gap", {"1", "2"})
    assert (round(gap.lon or 0, 2), round(gap.lat or 0, 2)) == (116.15, 39.1)
    assert proven().exact
    assert grid("0").name == "带湖市"


def test_nested_levels_are_dissolved_from_the_fields(database: str, tmp_path: Path) -> None:
    cells = [
        feature(f"{x}{y}", box(x, y, x + 1, y + 1), county="AB"[x // 2], street=str(y))
        for x in range(4)
        for y in range(2)
    ]
    prepared = bring(
        draw(tmp_path / "cells.geojson", *cells),
        "community",
        root="R:城",
        nest=(("county", "county"), ("street", "street")),
    )
    assert prepared.levels() == {"city": 1, "county": 2, "street": 4, "community": 8}
    assert grid("A-0").path_codes == ("R", "A", "A-0")
    assert grid("31").path_codes == ("R", "B", "B-1", "31")
    assert (proven().exact, proven().leaves) == (True, 8)


def test_a_border_that_meets_the_outline_in_mid_edge_is_refused_and_cleaned_gives_the_outline_its_vertex(
    database: str, tmp_path: Path
) -> None:
    bring(draw(tmp_path / "city.geojson", PLAIN_CITY), "city")
    old = grid("139900")
    path = draw(tmp_path / "counties.geojson", *COUNTIES)
    dirty = bring(path, "county")
    assert set(kinds(dirty)) == {"unnoded"}
    assert remedies(dirty) == ["clean", "decide", "defects"]
    between = clock.now()
    prepared = bring(path, "county", clean=True)
    assert (prepared.method, len(prepared.renewals), prepared.area_changes) == ("fitted", 1, ())
    new = grid("139900")
    assert new.id == old.id
    assert new.state_id != old.state_id
    assert grid("139900", between).state_id == old.state_id
    assert new.area_m2 == pytest.approx(old.area_m2, rel=1e-6)
    with reading(TESTER) as session:
        assert [period.noded for period in history(session, new.id)] == [True, False]
    assert proven().exact


def test_a_vertex_on_a_shared_border_goes_into_the_neighbour_too(city: Path) -> None:
    bring(draw(city / "counties.geojson", *COUNTIES), "county")
    east, root = grid("139902"), grid("139900")
    north = feature("139901002", polygon([(0, 1.5), (2, 1.5), (2, 2), (0, 2)]), "北街道")
    south = feature("139901001", polygon([(0, 0), (2, 0), (2, 1), (2, 1.5), (0, 1.5)]), "南街道")
    prepared = bring(draw(city / "streets.geojson", south, north), "street", parent="139901", clean=True)
    assert not prepared.refused
    assert {r.grid_id for r in prepared.renewals} == {grid("139901").id, east.id, root.id}
    assert (grid("139902").id, grid("139902").name, grid("139902").path) == (east.id, east.name, east.path)
    found = proven()
    assert (found.exact, found.leaves) == (True, 3)


@pytest.mark.parametrize("name", ["东县\n西县", "\u202e东县", "东" * 201])
def test_a_name_that_breaks_the_line_or_has_no_end_is_refused(city: Path, name: str) -> None:
    west, east = COUNTIES
    named = {**east, "properties": {**east["properties"], "name": name, "名称": name}}
    assert "139902" in str(bring(draw(city / "odd.geojson", west, named), "county").reason)


def test_names_that_are_empty_are_refused_and_the_code_stands_in_when_cleaned(city: Path) -> None:
    west, east = COUNTIES
    nameless = {**east, "properties": {"code": "139902", "name": None}}
    path = draw(city / "counties.geojson", west, nameless)
    before = written()
    assert "139902" in reason(bring(path, "county"))
    assert written() == before
    prepared = bring(path, "county", clean=True)
    assert kinds(prepared) == {"empty_name": (1, 0.0)}
    assert grid("139902").name == "139902"


def test_rows_without_an_outline_are_named_when_cleaning_leaves_them_out(city: Path) -> None:
    layer = draw(city / "layer.geojson", *COUNTIES, feature("139903", None, "无界县"))
    prepared = bring(layer, "county", clean=True)
    assert not prepared.refused
    assert prepared.levels() == {"county": 2}
    assert [str(warning) for warning in prepared.warnings if "139903" in str(warning)] == [
        "Rows without an outline that can be read are left out: 139903"
    ]


def test_rows_of_one_code_become_one_grid_when_merged(city: Path) -> None:
    parts = [feature("139901", box(0, 0, 1, 2), "西县"), feature("139901", polygon(
        [(1, 0), (2, 0), (2, 1), (2, 2), (1, 2)]), "西县"), COUNTIES[1]]  # fmt: skip
    noded = {"type": "Polygon", "coordinates": polygon([(0, 0), (1, 0), (1, 2), (0, 2)])["coordinates"]}
    parts[0] = {**parts[0], "geometry": noded}
    path = draw(city / "counties.geojson", *parts)
    assert "139901 ×2" in reason(bring(path, "county"))
    assert bring(path, "county", duplicate_codes="merge", clean=True).levels() == {"county": 2}
    assert (proven().exact, proven().leaves) == (True, 2)


def test_merging_rows_of_different_names_says_which_name_is_kept(city: Path) -> None:
    west, east = COUNTIES
    part = {**east, "properties": {**east["properties"], "code": "139901"}}
    prepared = bring(draw(city / "counties.geojson", west, part), "county", duplicate_codes="merge")
    assert "Rows of one code have different names, of which the first is kept: 139901" in map(str, prepared.warnings)
    assert grid("139901").name == "西县"


def test_codes_of_scheme_s15_are_read_from_twelve_digits(city: Path) -> None:
    west, east = COUNTIES
    long = [
        {**row, "properties": {**row["properties"], "code": f"{row['properties']['code']}000000"}}
        for row in (west, east)
    ]
    bring(draw(city / "counties.geojson", *long), "county", scheme="S15")
    assert grid("139901").name == "西县"


def test_history_is_loaded_forwards_only_and_never_beyond_now(city: Path) -> None:
    path = draw(city / "counties.geojson", *COUNTIES)
    before = written()
    for moment, why in (
        (clock.now() - dt.timedelta(days=1), "later than the latest change"),
        (clock.now() + dt.timedelta(days=30), "still to come"),
        (dt.datetime.max.replace(tzinfo=dt.UTC), "still to come"),
        (dt.datetime(1, 1, 1, tzinfo=dt.UTC), "implausible"),
    ):
        assert why in str(bring(path, "county", valid_from=moment).reason)
    assert written() == before
    later = clock.now()
    bring(path, "county", valid_from=later)
    assert grid("139901").valid_from == later


def test_only_who_may_import_imports(city: Path) -> None:
    nobody = Actor("user", "11111111-1111-7111-8111-111111111111", "nobody")
    before = written()
    with pytest.raises(Forbidden):
        bring(draw(city / "counties.geojson", *COUNTIES), "county", actor=nobody)
    assert written() == before


def test_a_refused_import_is_not_applied(city: Path) -> None:
    prepared = look(draw(city / "half.geojson", COUNTIES[0]), "county")
    before = written()
    with pytest.raises(Refused, match="does not tile exactly"), work(TESTER) as session:
        apply(session, prepared)
    assert written() == before


def test_what_was_decided_on_an_older_version_is_refused_with_both_versions(city: Path) -> None:
    path = draw(city / "counties.geojson", *COUNTIES)
    prepared = look(path, "county")
    bring(path, "county")
    before = written()
    with pytest.raises(Conflict) as caught, work(TESTER) as session:
        apply(session, replace(prepared))
    assert (caught.value.theirs, caught.value.mine) == ({"version": 2}, {"version": 1})
    assert written() == before


def test_of_two_imports_at_once_one_wins_and_the_other_hears_of_it(city: Path) -> None:
    options = ImportOptions(level="county")
    layer = opened(draw(city / "counties.geojson", *COUNTIES), options)
    prepared = threading.Barrier(2)
    ends: list[DomainError | None] = []

    def race() -> None:
        try:
            with work(TESTER) as session:
                decided = prepare(session, layer, options)
                prepared.wait(30)
                apply(session, decided)
            ends.append(None)
        except DomainError as error:
            ends.append(error)

    racers = [threading.Thread(target=race) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "NoneType"]
    assert (written()["version"], proven().exact, proven().leaves) == (2, True, 2)


def test_a_chosen_system_that_puts_the_layer_beside_the_city_is_refused_with_the_better_one(
    city: Path, tmp_path: Path
) -> None:
    layer = read_layer(draw(tmp_path / "d.geojson", *COUNTIES), None, None)
    flat = shapely.transform(layer.geometries, lambda xy: from_cgcs2000(xy, Crs("EPSG:4548")))
    for clean in (False, True):
        options = ImportOptions(level="county", crs="EPSG:4547", clean=clean)
        with reading(TESTER) as session:
            prepared = prepare(session, replace(layer, geometries=flat, crs=None), options)
        assert "lies beside the parent grid" in reason(prepared)
        assert "EPSG:4548" in reason(prepared)
        assert prepared.suggested == {"crs": "EPSG:4548"}
        assert remedies(prepared) == ["crs"]


def test_cleaning_is_no_remedy_for_a_layer_that_lies_elsewhere(city: Path, tmp_path: Path) -> None:
    beside = feature("139901", box(20, 0, 24, 2), "西县")
    for clean in (False, True):
        prepared = look(draw(tmp_path / "beside.geojson", beside), "county", clean=clean)
        assert "lies beside the parent grid" in reason(prepared)
        assert (remedies(prepared), prepared.suggested) == (["parent", "true_crs"], {})
    wider = look(draw(tmp_path / "wider.geojson", feature("139901", box(0, 0, 9, 2), "西县")), "county")
    assert "clean" not in remedies(wider)
    assert wider.suggested == {}
