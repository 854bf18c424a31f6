"""A coverage that stands damaged: its defects, what may be done about each, and the repair as a recorded change."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from core.db.cluster import Cluster
from core.db.session import reading, work
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused
from core.grids import rehoming
from core.grids.queries import history, known_grid
from core.grids.repairs.diagnosing import Diagnosis
from core.grids.repairs.proposals import RepairDefect
from core.grids.repairs.repairing import Repair, Repaired, list_defects, repair, try_repair
from tests.integration.access.making import actor, do, person
from tests.integration.grids import planting
from tests.integration.grids.bringing import RECORDED, TESTER, proven, tamper, written
from tests.integration.grids.damaging import Shape, metres, moved, redraw, shape
from tests.integration.grids.test_rehoming import TABLE, homes, lanterns, light

__all__ = ["lanterns"]

Damage = Callable[[str, Callable[[Shape], Shape]], None]
SOUTH_WEST, NEXT_NORTH, NEXT_EAST = "139901001001", "139901001002", "139901002001"
INNER = planting.node(1, 1)
"""The corner that four communities have in common."""
ALL = Repair(rest="proposed", reason="一个角被误改")


@pytest.fixture
def city(database: str) -> None:
    """A city, two counties, in the west two streets of four communities each; the east is one leaf."""
    planting.plant()


@pytest.fixture
def damage(city: None, cluster: Cluster, database: str) -> Damage:
    """Redraw the outline of a grid as only an accident does: without a change, and with its old fingerprint."""

    return partial(redraw, cluster, database)


def print_of(code: str) -> int:
    sql = "select sh.fingerprint from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id"
    with reading(TESTER) as session:
        return int(session.scalar(text(f"{sql} where s.code = :code and upper_inf(s.valid)"), {"code": code}) or 0)


def listed(under: str | None = None) -> Diagnosis:
    with work(TESTER) as session:
        return list_defects(session, under)


def mend(command: Repair = ALL) -> Repaired:
    with work(TESTER) as session:
        return repair(session, command)


def of_kind(found: Diagnosis, kind: str) -> list[RepairDefect]:
    return [each for each in found.defects if each.finding.kind == kind]


def change_of(version: int) -> Any:
    with reading(TESTER) as session:
        sql = "select kind, actor_name, reason, operations, counts from core.grid_change where version = :version"
        return session.execute(text(sql), {"version": version}).one()


def test_nothing_is_wrong_with_an_exact_coverage(city: None) -> None:
    assert listed().defects == ()
    before = written()
    with pytest.raises(Refused, match="nothing to repair"):
        mend()
    assert written() == before


def test_a_retreated_corner_is_a_gap_that_is_given_back(damage: Damage) -> None:
    whole, print_before = shape(SOUTH_WEST), print_of(SOUTH_WEST)
    damage(SOUTH_WEST, moved(INNER, -0.01, -0.01))
    lost = shapely.difference(whole, shape(SOUTH_WEST))
    found = listed()
    (gap,) = of_kind(found, "gap")
    assert gap.finding.area_m2 == pytest.approx(metres(lost), rel=1e-3)
    assert set(gap.finding.codes) >= {SOUTH_WEST, NEXT_NORTH, NEXT_EAST}
    first = gap.proposals[0]
    assert first.choice == f"give:{SOUTH_WEST}"
    assert [(e.code, e.m2) for e in first.effects] == [(SOUTH_WEST, pytest.approx(gap.finding.area_m2))]
    assert [each.finding.codes for each in of_kind(found, "stale")] == [(SOUTH_WEST,)]

    done = mend()
    assert (done.exact, done.version) == (True, 2)
    assert proven().exact
    assert print_of(SOUTH_WEST) == print_before
    assert shapely.equals(shape(SOUTH_WEST), whole)
    assert listed().defects == ()


def test_a_gap_may_be_given_to_another_neighbour(damage: Damage) -> None:
    damage(SOUTH_WEST, moved(INNER, -0.01, -0.01))
    found = listed()
    (gap,) = of_kind(found, "gap")
    before = metres(shape(NEXT_NORTH))
    mend(Repair({gap.number: f"give:{NEXT_NORTH}"}, "proposed", found.token, reason="归北邻"))
    assert proven().exact
    assert metres(shape(NEXT_NORTH)) - before == pytest.approx(gap.finding.area_m2, rel=1e-3)


def test_an_overlap_goes_to_the_outline_that_is_as_recorded(damage: Damage) -> None:
    before = shape(NEXT_EAST)
    damage(SOUTH_WEST, moved(INNER, 0.01, -0.001))
    found = listed()
    overlaps = of_kind(found, "overlap")
    assert any(set(each.finding.codes) == {SOUTH_WEST, NEXT_EAST} for each in overlaps)
    assert all(each.proposals[0].choice != f"give:{SOUTH_WEST}" for each in overlaps)
    mend()
    assert proven().exact
    differ = shapely.symmetric_difference(shape(NEXT_EAST), before)
    assert metres(differ) < 100, "no more than vertices a lattice unit off edges of ten kilometres"


def test_an_outline_copied_over_another_leaves_a_gap_for_who_has_nothing_else(
    city: None, cluster: Cluster, database: str
) -> None:
    whole = shape(NEXT_NORTH)
    tamper(
        cluster, database, "update core.grid_state set shape_id = (select shape_id from core.grid_state where"
        f" code = '{SOUTH_WEST}' and upper_inf(valid)) where code = '{NEXT_NORTH}' and upper_inf(valid)",
    )  # fmt: skip
    found = listed()
    (overlap,) = of_kind(found, "overlap")
    assert set(overlap.finding.codes) == {SOUTH_WEST, NEXT_NORTH}
    mend(Repair({overlap.number: f"give:{SOUTH_WEST}"}, "proposed", found.token, reason="图形被覆盖"))
    assert proven().exact
    assert shapely.equals(shape(NEXT_NORTH), whole)


def test_the_area_of_a_leaf_that_vanished_goes_to_its_neighbours(
    lanterns: None, city: None, cluster: Cluster, database: str
) -> None:
    lit = light((0.5, 0.5), grid_code=SOUTH_WEST)
    tamper(
        cluster, database, "update core.grid_state set valid = tstzrange(lower(valid), now())"
        f" where code = '{SOUTH_WEST}' and upper_inf(valid)",
    )  # fmt: skip
    found = listed()
    (missing,) = of_kind(found, "missing")
    assert missing.rows[TABLE] == 1
    assert {way.choice for way in missing.proposals} == {f"give:{NEXT_NORTH}", f"give:{NEXT_EAST}", "leave"}
    done = mend(Repair({missing.number: f"give:{NEXT_NORTH}"}, None, found.token, reason="并入北邻"))
    assert done.rehomed[TABLE] == 1
    assert homes(lit) == [NEXT_NORTH]
    assert proven().exact


@pytest.mark.parametrize("code", ["139901001", "139901"])
def test_an_outline_above_the_leaves_is_renewed_from_them(damage: Damage, code: str) -> None:
    whole = shape(code)
    damage(code, moved(planting.node(0, 1), 0.01, 0.0))
    assert not proven().exact
    found = listed()
    assert {each.finding.kind for each in found.defects} == {"outline", "stale"}
    (outline,) = of_kind(found, "outline")
    assert outline.finding.codes == (code,)
    assert outline.proposals[0].effects[0].m2 == pytest.approx(metres(whole) - metres(shape(code)), rel=1e-2)
    mend()
    assert proven().exact
    assert shapely.equals(shape(code), whole)


@pytest.mark.parametrize("east", [0.01, -0.01])
def test_the_outline_of_the_city_follows_its_leaves_where_it_is_not_the_one_recorded(
    damage: Damage, east: float
) -> None:
    whole = shape("139900")
    damage("139900", moved(planting.node(0, 1), east, 0.0))
    found = listed()
    kind = "outside" if east > 0 else "missing"
    assert {each.finding.kind for each in found.defects} == {kind, "stale"}
    mend()
    assert proven().exact
    assert shapely.equals(shape("139900"), whole)


def test_a_leaf_that_leans_out_of_the_city_is_cut_back(damage: Damage) -> None:
    whole = shape(SOUTH_WEST)
    damage(SOUTH_WEST, moved(planting.node(0, 0), -0.01, -0.01))
    (outside,) = of_kind(listed(), "outside")
    assert outside.proposals[0].choice == "leave"
    mend()
    assert proven().exact
    assert shapely.equals(shape(SOUTH_WEST), whole)


def test_the_city_may_be_let_grow(damage: Damage) -> None:
    before = metres(shape("139900"))
    damage(SOUTH_WEST, moved(planting.node(0, 0), -0.01, -0.01))
    found = listed()
    (outside,) = of_kind(found, "outside")
    mend(Repair({outside.number: f"give:{SOUTH_WEST}"}, "proposed", found.token, reason="市界如此"))
    assert proven().exact
    assert metres(shape("139900")) - before == pytest.approx(outside.finding.area_m2, rel=3e-3)


def test_a_vertex_that_one_side_lacks_is_put_in(damage: Damage) -> None:
    whole = shape("139902")
    damage("139902", lambda polygon: shapely.remove_repeated_points(shapely.simplify(polygon, 0.02)))
    lost = shapely.get_num_coordinates(whole) - shapely.get_num_coordinates(shape("139902"))
    assert lost > 0
    mend()
    assert proven().exact


def test_an_outline_that_crosses_itself_is_made_valid(damage: Damage) -> None:
    def crossed(polygon: Shape) -> Shape:
        (a, b, c, d, _a) = shapely.get_coordinates(polygon).tolist()
        return shapely.Polygon([a, c, b, d])

    damage(SOUTH_WEST, crossed)
    found = listed()
    (invalid,) = of_kind(found, "invalid")
    assert invalid.finding.codes == (SOUTH_WEST,)
    assert invalid.proposals[0].choice == "mend"
    mend()
    assert proven().exact
    assert shapely.is_valid(shape(SOUTH_WEST))


def test_rows_go_where_their_place_now_lies_even_if_their_grid_stays_as_it_is(lanterns: None, damage: Damage) -> None:
    x, y = ((INNER[0] - planting.WEST) * 10 - 0.05, (INNER[1] - planting.SOUTH) * 10 - 0.05)
    lit = light((x, y), (0.5, 0.5), grid_code=SOUTH_WEST)
    damage(SOUTH_WEST, moved(INNER, -0.02, -0.02))
    found = listed()
    (gap,) = of_kind(found, "gap")
    assert gap.rows == {TABLE: 1}
    command = Repair({gap.number: f"give:{NEXT_NORTH}"}, "proposed", found.token, reason="归北邻")
    with work(TESTER) as session:
        tried = try_repair(session, command)
    assert (tried.rehomed[TABLE], tried.change, homes(lit)) == (1, None, [SOUTH_WEST, SOUTH_WEST])
    assert mend(command).rehomed[TABLE] == 1
    assert homes(lit) == [NEXT_NORTH, SOUTH_WEST]


def test_the_change_says_who_why_what_was_decided_and_the_areas(damage: Damage) -> None:
    damage(SOUTH_WEST, moved(INNER, -0.01, -0.01))
    (gap,) = of_kind(listed(), "gap")
    before = metres(shape(SOUTH_WEST))
    done = mend()
    kind, who, why, operations, counts = change_of(done.version)
    assert (kind, who, why) == ("repair", "tester", "一个角被误改")
    (operation,) = operations
    recorded = {each["number"]: each for each in operation["defects"]}
    assert {each["kind"] for each in recorded.values()} == {"gap", "stale"}
    for each in recorded.values():
        assert set(each) == RECORDED
    assert recorded[gap.number]["choice"] == f"give:{SOUTH_WEST}"
    assert recorded[gap.number]["area_m2"] == pytest.approx(gap.finding.area_m2, abs=0.001)
    (own,) = [grid for grid in operation["grids"] if grid["code"] == SOUTH_WEST]
    assert own["before_m2"] == pytest.approx(before, rel=1e-3)
    assert own["after_m2"] - own["before_m2"] == pytest.approx(gap.finding.area_m2, rel=1e-3)
    assert counts["renewed"] == len(operation["grids"])
    with reading(TESTER) as session:
        newest = history(session, known_grid(session, SOUTH_WEST).id)[0]
        journal = session.scalar(text("select count(*) from core.journal where action = 'grid.repair'"))
    assert (newest.change_kind, newest.reason, newest.version) == ("repair", "一个角被误改", 2)
    assert journal == 1


def test_below_a_grid_only_its_own_is_repaired(damage: Damage) -> None:
    far = "139901002004"
    damage(SOUTH_WEST, moved(planting.node(0, 1), 0.01, 0.0))
    damage(far, moved(planting.node(2, 4), -0.01, 0.0))
    found = listed("139901002")
    assert {code for each in found.defects for code in each.finding.codes} == {far}
    mend(Repair(rest="proposed", under="139901002", reason="只修本街道"))
    assert {code for each in listed().defects for code in each.finding.codes} >= {SOUTH_WEST}
    assert listed("139901002").defects == ()
    mend()
    assert proven().exact


def test_what_lies_below_a_grid_stays_inside_its_outline(damage: Damage) -> None:
    damage(SOUTH_WEST, moved(INNER, 0.01, -0.001))
    (outside,) = of_kind(listed("139901001"), "outside")
    assert [way.choice for way in outside.proposals] == ["leave"]
    with pytest.raises(Invalid):
        mend(Repair({outside.number: f"give:{SOUTH_WEST}"}, "proposed", listed("139901001").token, "139901001", "x"))
    with pytest.raises(NotFound):
        listed("777")
    with pytest.raises(Refused, match="leaf"):
        listed(SOUTH_WEST)


@pytest.mark.parametrize(
    ("choice", "error"),
    [("give:139902", "A choice does not fit"), ("give:777", "does not fit"), ("leave it", "does not fit")],
)
def test_a_choice_that_does_not_fit_is_refused_with_those_that_do(damage: Damage, choice: str, error: str) -> None:
    damage(SOUTH_WEST, moved(INNER, -0.01, -0.01))
    found, before = listed(), written()
    (gap,) = of_kind(found, "gap")
    with pytest.raises(Invalid, match=error) as caught:
        mend(Repair({gap.number: choice}, "proposed", found.token, reason="x"))
    assert f"give:{SOUTH_WEST}" in str(caught.value.objections[0].mend)
    with pytest.raises(Invalid, match="does not fit"):
        mend(Repair({99: "longest"}, "proposed", found.token, reason="x"))
    with pytest.raises(Invalid, match="no choice yet"):
        mend(Repair({}, None, found.token, reason="x"))
    with pytest.raises(Invalid, match="which list"):
        mend(Repair({gap.number: "longest"}, "proposed", None, reason="x"))
    with pytest.raises(Invalid, match="reason"):
        mend(Repair(rest="proposed", reason="  "))
    assert written() == before


def test_decisions_on_defects_that_are_no_longer_there_are_a_conflict(damage: Damage) -> None:
    damage(SOUTH_WEST, moved(INNER, -0.01, -0.01))
    found = listed()
    damage(NEXT_NORTH, moved(planting.node(0, 2), 0.005, 0.0))
    before = written()
    with pytest.raises(Conflict) as caught:
        mend(Repair({1: "longest"}, "proposed", found.token, reason="x"))
    assert caught.value.theirs["defects"] > len(found.defects)
    assert written() == before


def test_of_two_who_repair_at_once_one_is_told_that_there_is_nothing_left(damage: Damage) -> None:
    damage(SOUTH_WEST, moved(INNER, -0.01, -0.01))
    command = Repair({}, "proposed", listed().token, reason="同时")

    def once(_n: int) -> str:
        try:
            mend(command)
        except DomainError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as both:
        ended = sorted(both.map(once, range(2)))
    assert ended == ["Conflict", "done"]
    assert proven().exact
    assert written()["version"] == 2


def test_only_who_may_repair_sees_and_repairs(damage: Damage) -> None:
    damage(SOUTH_WEST, moved(INNER, -0.01, -0.01))
    for role, grid in (("leader", None), ("grid_head", None), ("gis_admin", "139901002")):
        other = actor(person(f"{role}-{grid or 'all'}", role, grid=grid))
        with pytest.raises(Forbidden):
            do(other, list_defects)
        with pytest.raises(Forbidden):
            do(other, repair, ALL)
    part = actor(person("part", "gis_admin", grid="139901001"))
    assert do(part, list_defects, "139901001").defects
    assert do(part, repair, Repair(rest="proposed", under="139901001", reason="本街道")).exact


def test_a_repair_cut_off_in_the_middle_leaves_nothing(lanterns: None, damage: Damage) -> None:
    def fall(_session: Any, _moved: Any, _version: int) -> None:
        raise RuntimeError("cut off")

    x, y = ((INNER[0] - planting.WEST) * 10 - 0.05, (INNER[1] - planting.SOUTH) * 10 - 0.05)
    light((x, y), grid_code=SOUTH_WEST)
    damage(SOUTH_WEST, moved(INNER, -0.02, -0.02))
    found, before = listed(), written()
    (gap,) = of_kind(found, "gap")
    rehoming.register(rehoming.LocatedTable(TABLE, fall))
    with pytest.raises(RuntimeError, match="cut off"):
        mend(Repair({gap.number: f"give:{NEXT_NORTH}"}, "proposed", found.token, reason="x"))
    assert written() == before
    assert listed().token == found.token
