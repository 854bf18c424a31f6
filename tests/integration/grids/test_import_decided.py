"""A file that is not exact, decided on defect by defect: what was decided is what comes in, and is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from core.db.session import reading
from core.grids.imports.draft import ImportOptions, Prepared
from tests.integration.grids.bringing import RECORDED, TESTER, bring, look, proven, reason, remedies, written
from tests.integration.grids.damaging import metres, shape
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, box, draw, feature

GAP = (feature("139901", box(0, 0, 1, 2), "西县"), feature("139902", box(2, 0, 4, 2), "东县"))
OVERLAP = (feature("139901", box(0, 0, 2, 2), "西县"), feature("139902", box(1, 0, 4, 2), "东县"))
RING = (
    feature("139901", box(0, 0, 4, 1), "南县"), feature("139902", box(0, 1, 1, 2), "西县"),
    feature("139903", box(2, 1, 4, 2), "东县"), feature("139904", box(0, 2, 4, 3), "北县"),
)  # fmt: skip


@pytest.fixture
def city(database: str, tmp_path: Path) -> Path:
    assert not bring(draw(tmp_path / "city.geojson", NODED_CITY), "city").refused
    return tmp_path


def only(prepared: Prepared, kind: str) -> Any:
    assert prepared.decided is not None
    (found,) = (each for each in prepared.decided.defects if each.finding.kind == kind)
    return found


def recorded() -> dict[str, Any]:
    with reading(TESTER) as session:
        sql = "select operations->0 from core.grid_change order by version desc limit 1"
        found: dict[str, Any] = session.scalar(text(sql))
    return found


def test_it_is_offered_where_a_layer_does_not_tile(city: Path) -> None:
    assert "decide" in remedies(look(draw(city / "gap.geojson", *GAP), "county"))


@pytest.mark.parametrize(("choice", "taker"), [(None, "139901"), ("give:139902", "139902")])
def test_a_gap_goes_to_whom_it_was_given(city: Path, choice: str | None, taker: str) -> None:
    path = draw(city / "gap.geojson", *GAP)
    listed = look(path, "county", repair="proposed")
    assert (listed.exact, listed.method) == (True, "decided")
    gap = only(listed, "missing")
    assert {way.choice for way in gap.proposals} == {"give:139901", "give:139902"}
    assert listed.decided is not None
    choices = ((gap.number, choice),) if choice else ()
    brought = bring(path, "county", repair="proposed", choices=choices, repair_list=listed.decided.token)
    assert not brought.refused
    assert proven().exact
    assert metres(shape(taker)) == pytest.approx(
        metres(shapely.box(116, 39, 116.2, 39.2)) * (1 if taker == "139901" else 1.5)
    )
    operation = recorded()
    assert (operation["op"], operation["method"], operation["repair"]) == ("load", "decided", "proposed")
    (told,) = (each for each in operation["defects"] if each["kind"] == "missing")
    assert told["choice"] == f"give:{taker}"
    assert told["effects"] == [{"code": taker, "m2": pytest.approx(gap.finding.area_m2, abs=0.001)}]
    assert dict(zip(told["codes"], told["names"], strict=True)) == {"139901": "西县", "139902": "东县"}
    for each in operation["defects"]:
        assert set(each) == RECORDED


def test_an_overlap_goes_to_either(city: Path) -> None:
    path = draw(city / "overlap.geojson", *OVERLAP)
    listed = look(path, "county", repair="longest")
    overlap = only(listed, "overlap")
    assert set(overlap.finding.codes) == {"139901", "139902"}
    assert listed.decided is not None
    bring(
        path, "county", repair="longest", choices=((overlap.number, "give:139901"),), repair_list=listed.decided.token
    )
    assert proven().exact
    assert shapely.equals(shape("139901"), shapely.box(116, 39, 116.2, 39.2))


def test_a_hole_of_a_layer_that_makes_the_city_may_stay_or_be_filled(database: str, tmp_path: Path) -> None:
    path = draw(tmp_path / "ring.geojson", *RING)
    listed = look(path, "county", root="139900:试验市", repair="proposed")
    gap = only(listed, "gap")
    longest = max(gap.proposals, key=lambda way: way.border_m).choice
    assert gap.proposals[0].choice == longest
    assert gap.proposals[-1].choice == "leave"
    assert listed.report()["nobody_m2"] == 0
    assert listed.decided is not None
    left = ((gap.number, "leave"),)
    hole = look(path, "county", root="139900:试验市", repair="proposed", choices=left, repair_list=listed.decided.token)
    assert hole.exact
    assert hole.report()["nobody_m2"] == pytest.approx(metres(shapely.box(116.1, 39.1, 116.2, 39.2)), rel=1e-3)
    assert len(shapely.get_rings(hole.births[0].polygon)) == 2
    bring(path, "county", root="139900:试验市", repair="proposed")
    assert proven().exact
    assert len(shapely.get_rings(shape("139900"))) == 1


SPECK = box(3, 1, 3.0001, 1.0001)
"""About 1 m by 1 m inside the east."""


def with_speck(*, at_sea: bool) -> tuple[dict[str, Any], ...]:
    """Two counties, the west with a speck inside the east, or in the sea beyond it."""
    speck = box(4.5, 1, 4.5001, 1.0001) if at_sea else SPECK
    west, east = (county["geometry"]["coordinates"] for county in COUNTIES)
    parts = {"type": "MultiPolygon", "coordinates": [west, speck["coordinates"]]}
    holed = east if at_sea else [*east, speck["coordinates"][0][::-1]]
    return feature("139901", parts, "西县"), feature("139902", {"type": "Polygon", "coordinates": holed}, "东县")


def decided_on(path: Path, choice: str, **options: Any) -> Prepared:
    """The layer with one choice for its tiny part."""
    listed = look(path, "county", repair="proposed", **options)
    assert listed.decided is not None
    choices = ((only(listed, "tiny_part").number, choice),)
    return bring(path, "county", repair="proposed", choices=choices, repair_list=listed.decided.token, **options)


def test_a_tiny_part_is_told_and_stays_unless_it_is_given_to_the_neighbour(city: Path) -> None:
    path = draw(city / "speck.geojson", *with_speck(at_sea=False))
    told = look(path, "county")
    assert not told.refused
    assert remedies(told) == ["decide"]
    assert any("139901" in str(warning) for warning in told.warnings)
    listed = look(path, "county", repair="proposed")
    speck = only(listed, "tiny_part")
    assert (speck.finding.codes, speck.finding.area_m2) == (("139901",), pytest.approx(0.96, abs=0.05))
    assert [way.choice for way in speck.proposals] == ["give:139901", "give:139902"]
    assert speck.longest == "give:139902"
    assert shapely.get_num_geometries(listed.births[0].polygon) == 2
    given = decided_on(path, "give:139902")
    assert not given.refused
    assert proven().exact
    assert shapely.equals(shape("139902"), shapely.box(116.2, 39, 116.4, 39.2))
    (row,) = (each for each in recorded()["defects"] if each["kind"] == "tiny_part")
    assert row["choice"] == "give:139902"
    assert {effect["code"]: effect["m2"] > 0 for effect in row["effects"]} == {"139901": False, "139902": True}


@pytest.mark.parametrize("overlap", [0, 0.001])
def test_a_tiny_part_that_mending_leaves_is_told(city: Path, overlap: float) -> None:
    speck = box(3, 1, 3.0003, 1.0003)["coordinates"]
    west = {"type": "MultiPolygon", "coordinates": [box(0, 0, 2 + overlap, 2)["coordinates"], speck]}
    east = {"type": "Polygon", "coordinates": [*box(2, 0, 4, 2)["coordinates"], speck[0][::-1]]}
    path = draw(city / "speck.geojson", feature("139901", west, "西县"), feature("139902", east, "东县"))
    told = look(path, "county", clean=True)
    assert (told.exact, told.refused) == (True, False)
    assert shapely.get_num_geometries(told.births[0].polygon) == 2
    assert remedies(told) == ["decide"]
    [warning] = [str(warning) for warning in told.warnings if "smaller than 10 m²" in str(warning)]
    assert warning.endswith(": 139901")


@pytest.mark.parametrize(("choice", "parts"), [("give:139901", (2, 1)), ("give:139902", (1, 2)), ("leave", (1, 1))])
def test_a_tiny_island_of_a_layer_that_makes_the_city_may_go_to_the_nearest_or_be_left(
    database: str, tmp_path: Path, choice: str, parts: tuple[int, int]
) -> None:
    path = draw(tmp_path / "island.geojson", *with_speck(at_sea=True))
    island = only(look(path, "county", root="139900:试验市", repair="longest"), "tiny_part")
    assert [way.choice for way in island.proposals] == ["give:139901", "give:139902", "leave"]
    assert island.longest == "give:139901"
    assert not decided_on(path, choice, root="139900:试验市").refused
    assert proven().exact
    assert tuple(shapely.get_num_geometries(shape(code)) for code in ("139901", "139902")) == parts
    assert shapely.get_num_geometries(shape("139900")) == sum(parts) - 1


def test_an_exact_layer_says_how_much_it_leaves_to_nobody(database: str, tmp_path: Path) -> None:
    whole = (feature("139901", box(0, 0, 2, 4), "西县"), feature("139902", box(2, 0, 4, 4), "东县"))
    full = look(draw(tmp_path / "full.geojson", *whole), "county", root="139900:试验市")
    assert (full.exact, full.report()["nobody_m2"]) == (True, 0)
    ring = {"type": "Polygon", "coordinates": [each["coordinates"][0] for each in (box(0, 0, 4, 4), box(1, 1, 2, 2))]}
    hole = look(draw(tmp_path / "hole.geojson", feature("139901", ring, "环县")), "county", root="139900:试验市")
    assert hole.exact
    assert hole.report()["nobody_m2"] == pytest.approx(metres(shapely.box(116.1, 39.1, 116.2, 39.2)), rel=1e-3)


@pytest.mark.parametrize(
    ("choices", "token", "said"),
    [
        (((1, "give:777"),), "", "cannot be settled"),
        (((99, "longest"),), "", "no defect 99"),
        (((1, "longest"),), None, "which list"),
        (((1, "longest"),), "00000000", "no longer those"),
    ],
)
def test_decisions_that_do_not_fit_are_refused_with_the_list(
    city: Path, choices: tuple[tuple[int, str], ...], token: str | None, said: str
) -> None:
    path = draw(city / "gap.geojson", *GAP)
    listed = look(path, "county", repair="proposed").decided
    assert listed is not None
    before = written()
    prepared = bring(
        path, "county", repair="proposed", choices=choices, repair_list=listed.token if token == "" else token
    )
    assert said in reason(prepared)
    assert prepared.decided is not None
    assert prepared.decided.token == listed.token
    assert written() == before


INSIDE = (*OVERLAP, feature("139903", box(1, 0, 2, 2), "里县"))
TWICE = (
    feature("139901", box(0, 0, 2, 2), "西县"), feature("139902", box(2, 0, 4, 2), "东县"),
    feature("139909", box(2, 0, 4, 2), "又东县"),
)  # fmt: skip


def test_who_has_nothing_but_what_others_cover_too_is_given_that(city: Path) -> None:
    prepared = look(draw(city / "inside.geojson", *INSIDE), "county", repair="longest")
    assert prepared.exact
    assert only(prepared, "overlap").proposals[0].choice == "give:139903"


def test_a_grid_that_would_have_nothing_left_is_named_and_may_be_left_out(city: Path) -> None:
    path = draw(city / "inside.geojson", *INSIDE)
    decided = look(path, "county", repair="proposed").decided
    assert decided is not None
    refused = look(path, "county", repair="proposed", choices=((1, "give:139902"),), repair_list=decided.token)
    assert "Nothing would be left of 139903" in reason(refused)
    left = look(path, "county", repair="proposed", choices=((1, "only:139902"),), repair_list=decided.token)
    assert left.exact
    assert [birth.code for birth in left.births] == ["139901", "139902"]


@pytest.mark.parametrize(("choice", "kept", "gone"), [(None, "139902", "139909"), ("only:139909", "139909", "139902")])
def test_of_an_outline_that_stands_twice_one_is_left_out(city: Path, choice: str | None, kept: str, gone: str) -> None:
    path = draw(city / "twice.geojson", *TWICE)
    listed = look(path, "county", repair="proposed")
    overlap = only(listed, "overlap")
    assert [way.choice for way in overlap.proposals] == ["only:139902", "only:139909"]
    assert [way.left_out for way in overlap.proposals] == [("139909",), ("139902",)]
    assert listed.decided is not None
    choices = ((overlap.number, choice),) if choice else ()
    brought = bring(path, "county", repair="proposed", choices=choices, repair_list=listed.decided.token)
    assert brought.levels() == {"county": 2}
    assert [warning for warning in map(str, brought.warnings) if gone in warning]
    assert proven().exact
    assert metres(shape(kept)) == pytest.approx(metres(shapely.box(116.2, 39, 116.4, 39.2)), rel=1e-3)
    (told,) = (each for each in recorded()["defects"] if each["kind"] == "overlap")
    assert (told["choice"], told["left_out"]) == (f"only:{kept}", [gone])


def test_of_an_outline_over_several_the_several_come_in(city: Path) -> None:
    both = (*TWICE[:2], feature("139900X", box(0, 0, 4, 2), "全市"))
    prepared = look(draw(city / "over.geojson", *both), "county", repair="proposed")
    assert prepared.exact
    assert {birth.code for birth in prepared.births} == {"139901", "139902"}


def test_what_lies_outside_altogether_is_left_out(city: Path) -> None:
    away = (*TWICE[:2], feature("139908", box(5, 0, 6, 2), "外县"))
    prepared = look(draw(city / "away.geojson", *away), "county", repair="proposed")
    assert prepared.exact
    outside = only(prepared, "outside").proposals[0]
    assert (outside.choice, outside.left_out) == ("leave", ("139908",))
    assert {birth.code for birth in prepared.births} == {"139901", "139902"}


def test_a_row_without_a_shape_is_said_to_be_left_out(city: Path) -> None:
    speck = {**box(0, 0, 0, 0), "coordinates": [[[116, 39], [116 + 1e-9, 39], [116, 39 + 1e-9], [116, 39]]]}
    rows = (feature("139903", None, "无界县"), feature("139904", speck, "微县"))
    listed = look(draw(city / "bare.geojson", *OVERLAP, *rows), "county", repair="proposed")
    assert listed.decided is not None
    told = {each.finding.codes[0]: each for each in listed.decided.defects if each.finding.kind == "empty"}
    assert {code: each.proposals[0].choice for code, each in told.items()} == {"139903": "drop", "139904": "drop"}
    assert told["139903"].finding.detail is None
    assert str(told["139904"].finding.detail) == "no area on the lattice"


def test_options_with_decisions_survive_being_kept() -> None:
    options = ImportOptions(
        level="county", repair="proposed", choices=((3, "give:1"), (5, "leave")), repair_list="0a1b2c3d"
    )
    assert ImportOptions.from_json(options.as_json()) == options
    assert ImportOptions.from_json({"level": "county"}).choices == ()
