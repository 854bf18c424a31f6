"""A living city is changed by plans: drawn, decided on by another person, applied whole or not at all."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core import clock
from core.db.session import WorkSession, reading, work
from core.errors import Refused
from core.grids.plans import drafts, previewing, service
from core.grids.plans.checking import CheckedPlan
from core.grids.plans.previewing import preview_plan
from core.grids.plans.verdict import check_plan
from core.grids.queries import grid_by_code, history, tree
from core.org.service import CreatePost, create_post
from tests.beginning import begins_with
from tests.integration.grids.bringing import TESTER, proven, written
from tests.integration.grids.plans import SPLIT, WEST_LINE, applied, approved, codes, draft, report, run, two_counties
from tests.integration.matters.people import step

template = begins_with(two_counties)
pytestmark = pytest.mark.usefixtures("database")


def name_of(code: str) -> str:
    with reading(TESTER) as session:
        found = grid_by_code(session, code)
        assert found is not None
        return found.name


def grid_of(matter_id: UUID) -> str | None:
    sql = "select s.code from core.matter m join core.grid_state s on s.grid_id = m.grid_id and upper_inf(s.valid)"
    with reading(TESTER) as session:
        found: str | None = session.scalar(text(f"{sql} where m.id = :id"), {"id": matter_id})
        return found


def test_a_split_keeps_the_part_that_keeps_the_code_and_re_homes_what_lies_there() -> None:
    west, middle = report(116.05, 39.1), report(116.15, 39.1)
    with reading(TESTER) as session:
        before = grid_by_code(session, "139901")
    done = run("139900", SPLIT)
    assert (done.born, done.retired, done.touched) == (("139911",), (), ("139901",))
    assert done.rehomed == {"core.matter": 1}
    assert (grid_of(west), grid_of(middle)) == ("139901", "139911")
    assert proven().exact
    with reading(TESTER) as session:
        after = grid_by_code(session, "139901")
        assert before is not None
        assert after is not None
        assert after.id == before.id
        assert [(state.name, state.noded) for state in history(session, after.id)] == [("西县", False), ("西县", False)]


def test_a_neighbour_that_only_gets_a_vertex_is_marked_as_noded() -> None:
    run("139900", {"op": "subdivide", "grid": "139902", "lines": [[[116.15, 39.13], [116.45, 39.13]]], "level": "grid"})
    with reading(TESTER) as session:
        west = grid_by_code(session, "139901")
        assert west is not None
        assert [state.noded for state in history(session, west.id)] == [True, False]
    assert proven().exact


def test_a_merge_into_one_of_the_codes_ends_the_other() -> None:
    done = run("139900", {"op": "merge", "grids": ["139901", "139902"], "code": "139902", "name": "合县"})
    assert (done.born, done.retired) == ((), ("139901",))
    assert codes() == ["139900", "139902"]
    assert name_of("139902") == "合县"


def test_a_net_becomes_children_with_the_next_codes_of_the_scheme() -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 6000})
    run("139900", {"op": "split", "grid": "139901001", "line": [[116.03, 38.9], [116.03, 39.3]]})
    assert proven().exact
    assert sorted(code for code in codes() if code.startswith("139901") and len(code) == 9) == [
        f"139901{n:03d}" for n in range(1, 14)
    ]


def test_a_carved_grid_has_its_kind_and_its_sources_keep_the_rest() -> None:
    ring = [[116.15, 39.05], [116.25, 39.05], [116.25, 39.12], [116.15, 39.12], [116.15, 39.05]]
    area = {"type": "Polygon", "coordinates": [ring]}
    run("139900", {"op": "carve", "from": ["139901", "139902"], "polygon": area, "name": "大学城", "code": "139950"})
    assert proven().exact
    with reading(TESTER) as session:
        campus = grid_by_code(session, "139950")
        assert campus is not None
        assert (campus.kind, campus.name, campus.level) == ("dedicated", "大学城", "county")


def test_a_grid_that_only_borders_on_a_carved_area_is_not_among_its_sources() -> None:
    ring = [[116.1, 39.05], [116.2, 39.05], [116.2, 39.12], [116.1, 39.12], [116.1, 39.05]]
    area = {"type": "Polygon", "coordinates": [ring]}
    plan = draft("139900", {"op": "carve", "from": ["139902", "139901"], "polygon": area, "name": "大学城"})
    assert plan.operations[0]["from"] == ["139901"]


def test_a_grid_moves_to_another_parent_with_all_below_it_and_outlines_follow() -> None:
    west = {"op": "subdivide", "grid": "139901", "lines": [WEST_LINE], "level": "street"}
    east = {"op": "subdivide", "grid": "139902", "lines": [[[116.3, 38.9], [116.3, 39.3]]], "level": "street"}
    deeper = {"op": "subdivide", "grid": "139901002", "lines": [[[116.0, 39.07], [116.3, 39.07]]], "level": "grid"}
    run("139900", west, east, deeper)
    with reading(TESTER) as session:
        below = [row.code for row in tree(session, "139901002")]
        states = {code: len(history(session, _id(session, code))) for code in below}
    done = run("139900", {"op": "move", "grid": "139901002", "parent": "139902"})
    assert set(done.touched) == {"139901", "139902", "139901002"}
    assert proven().exact
    with reading(TESTER) as session:
        assert [row.code for row in tree(session, "139902")][1:] == ["139901002", *below[1:], "139902001", "139902002"]
        assert {code: len(history(session, _id(session, code))) - n for code, n in states.items()} == dict.fromkeys(
            below, 1
        ), "paths are renewed, and once"


def _id(session: Any, code: str) -> int:
    found = grid_by_code(session, code)
    assert found is not None
    return found.id


def test_recoding_keeps_identity_and_a_code_is_never_given_twice() -> None:
    with reading(TESTER) as session:
        old = _id(session, "139901")
    run("139900", {"op": "recode", "grid": "139901", "code": "139977"})
    with reading(TESTER) as session:
        assert _id(session, "139977") == old
    with pytest.raises(Refused, match="139901"):
        run("139900", {"op": "recode", "grid": "139902", "code": "139901"})


def test_operations_of_one_plan_may_name_what_earlier_ones_bore() -> None:
    done = run(
        "139900",
        SPLIT,
        {"op": "rename", "grid": "139911", "name": "新中县"},
        {"op": "merge", "grids": ["139902", "139911"]},
    )
    assert (done.born, done.retired, done.touched) == ((), (), ("139901", "139902"))
    assert proven().exact


def test_every_earlier_moment_stays_as_it_was() -> None:
    moments: list[tuple[dt.datetime, list[str]]] = [(clock.now(), codes())]
    for operation in (
        SPLIT,
        {"op": "merge", "grids": ["139902", "139911"]},
        {"op": "rename", "grid": "139902", "name": "大县"},
    ):
        run("139900", operation)
        moments.append((clock.now(), codes()))
    with reading(TESTER) as session:
        for moment, then in moments:
            assert [row.code for row in tree(session, as_of=moment)] == then


def test_a_preview_of_a_subdivision_says_where_rows_come_from() -> None:
    for lon in (116.05, 116.15):
        report(lon, 39.1)
    plan = draft("139900", {"op": "subdivide", "grid": "139901", "lines": [SPLIT["line"]], "level": "grid"})
    with work(TESTER) as session:
        flows = preview_plan(session, plan.id).flows
    assert [(flow.source, flow.target, flow.rows) for flow in flows] == [
        ("139901", "139901000000001", 1),
        ("139901", "139901000000002", 1),
    ]


def test_a_preview_counts_open_matters_in_a_grid_while_closed_ones_move_too() -> None:
    _open, _other, closed, ended = (report(lon, 39.1) for lon in (116.05, 116.15, 116.15, 116.25))
    for done in (closed, ended):
        step(TESTER, done, "reject", note="不属于受理范围")
    plan = draft("139900", SPLIT, {"op": "merge", "grids": ["139911", "139902"], "code": "139911"})
    with work(TESTER) as session:
        seen = preview_plan(session, plan.id)
    table = "core.matter"
    assert {grid.code: (grid.before.get(table, 0), grid.after.get(table, 0)) for grid in seen.grids} == {
        "139901": (2, 1), "139902": (0, 0), "139911": (0, 1),
    }  # fmt: skip
    assert {(flow.source, flow.target, flow.rows) for flow in seen.flows} == {
        ("139901", "139911", 2), ("139902", "139911", 1),
    }  # fmt: skip


def test_a_preview_is_what_applying_does_and_keeps_nothing() -> None:
    for lon in (116.05, 116.15, 116.15, 116.25):
        report(lon, 39.1)
    with work(TESTER) as session:
        create_post(session, CreatePost("worker", "网格员", "139902", None))
    plan = draft("139900", SPLIT, {"op": "merge", "grids": ["139911", "139902"], "code": "139911"})
    before = written()
    with work(TESTER) as session:
        seen = preview_plan(session, plan.id)
    assert written() == before
    table = "core.matter"
    assert [
        (g.code, g.before.get(table, 0), g.after[table], g.before_m2 is None, g.after_m2 is None) for g in seen.grids
    ] == [
        ("139901", 3, 1, False, False),
        ("139902", 1, 0, False, True),
        ("139911", 0, 3, True, False),
    ]
    assert [(flow.source, flow.target, flow.rows) for flow in seen.flows] == [
        ("139901", "139911", 2),
        ("139902", "139911", 1),
    ]
    assert seen.ended["core.post"] == 1
    assert seen.exact
    with work(TESTER) as session:
        plan = service.submit(session, plan.id, plan.version)
        plan = service.approve(session, plan.id, plan.version)
    assert applied(plan.id, plan.version).rehomed == {table: 3}
    with reading(TESTER) as session:
        for grid in seen.grids:
            found = grid_by_code(session, grid.code)
            assert (found and found.area_m2) == (grid.after_m2 and pytest.approx(grid.after_m2, abs=0.01))


def test_the_root_may_be_renamed_while_its_outline_gets_vertices() -> None:
    done = run("139900", SPLIT, {"op": "rename", "grid": "139900", "name": "新市"})
    assert (done.born, name_of("139900")) == (("139911",), "新市")
    assert proven().exact


def test_a_draft_is_carried_out_anew_once_the_city_changed() -> None:
    plan = draft("139900", SPLIT)
    with work(TESTER) as session:
        plan = drafts.add_operations(
            session, plan.id, plan.version, [{"op": "rename", "grid": "139911", "name": "新中县"}]
        )
        assert check_plan(session, plan.id)
    run("139900", {"op": "recode", "grid": "139901", "code": "139977"})
    with reading(TESTER) as session, pytest.raises(Refused, match="139901"):
        check_plan(session, plan.id)


def test_others_change_the_grids_while_a_preview_is_still_looked_at() -> None:
    looked_at, other = draft("139900", SPLIT), approved("139900", {"op": "rename", "grid": "139902", "name": "大县"})
    with work(TESTER) as session:
        seen = preview_plan(session, looked_at.id)
        with work(TESTER, statement_timeout_s=5) as at_once:
            service.apply_plan(at_once, other.id, other.version)
    assert {effect.code for effect in seen.grids} == {"139901", "139911"}
    assert name_of("139902") == "大县"


def test_a_preview_that_a_change_overtakes_tells_of_the_city_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at, other = draft("139900", SPLIT), approved("139900", {"op": "rename", "grid": "139900", "name": "新市"})
    whole = previewing.checked_plan
    waiting = [other]

    def overtaken(session: WorkSession, plan_id: UUID) -> CheckedPlan:
        checked = whole(session, plan_id)
        if waiting:
            applied(waiting[0].id, waiting.pop().version)
        return checked

    monkeypatch.setattr(previewing, "checked_plan", overtaken)
    with work(TESTER) as session:
        seen = preview_plan(session, looked_at.id)
    assert seen.exact
    assert not waiting
    assert name_of("139900") == "新市"
