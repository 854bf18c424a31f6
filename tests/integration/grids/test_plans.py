"""A living city is changed by plans: drawn, decided on by another person, applied whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from core import clock
from core.db.session import engines, reading, work
from core.errors import Conflict, DomainError, Forbidden, Invalid, Refused
from core.grids.plans import service
from core.grids.plans.previewing import preview_plan
from core.grids.plans.queries import plan_by_id
from core.grids.queries import grid_by_code, history, tree
from core.matters.places import Place
from core.org.service import CreatePost, create_post
from tests.integration.access.making import actor, person
from tests.integration.grids.bringing import TESTER, bring, proven, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw
from tests.integration.grids.plans import Raw, applied, approved, draft, run, submitted
from tests.integration.matters.people import matter

WEST_LINE = [[116.1, 38.95], [116.1, 39.25]]
"""Cuts the western county (139901) in its middle, drawn northwards: the west is on its left."""
SPLIT = {"op": "split", "grid": "139901", "line": WEST_LINE, "codes": ["139901", "139911"], "names": ["西县", "中县"]}


@pytest.fixture(autouse=True)
def city(database: str, tmp_path: Path) -> str:
    """Two counties, 139901 in the west and 139902 in the east, under the city 139900."""
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    return database


def codes() -> list[str]:
    with reading(TESTER) as session:
        return [row.code for row in tree(session)]


def name_of(code: str) -> str:
    with reading(TESTER) as session:
        found = grid_by_code(session, code)
        assert found is not None
        return found.name


def report(lon: float, lat: float) -> UUID:
    return matter(TESTER, Place(lon, lat))


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


UNFIT: dict[str, tuple[Raw, str]] = {
    "a line that does not cut": ({**SPLIT, "line": [[116.01, 39.01], [116.02, 39.02]]}, "does not cut"),
    "a line that cuts twice": (
        {**SPLIT, "line": [[116.05, 38.9], [116.05, 39.3], [116.15, 39.3], [116.15, 38.9]]},
        "more than once",
    ),
    "a line along the outline": ({**SPLIT, "line": [[116.000001, 38.9], [116.000001, 39.3]]}, "wide"),
    "a line that crosses itself": (
        {**SPLIT, "line": [[116.1, 38.9], [116.1, 39.3], [116.12, 39.1], [116.0, 39.1]]},
        "crosses itself",
    ),
    "a code that is taken": ({**SPLIT, "codes": ["139901", "139902"]}, "139902"),
    "a grid that is none": ({"op": "rename", "grid": "999", "name": "x"}, "999"),
    "a grid with grids below it": ({**SPLIT, "grid": "139900"}, "grids below it"),
    "a merge with itself": ({"op": "merge", "grids": ["139901", "139901"]}, "two grids"),
    "a reshape that crosses nothing": (
        {"op": "reshape", "grid": "139901", "line": [[116.01, 39.01], [116.02, 39.02]]},
        "crosses no border",
    ),
    "a vertex of the outline": ({"op": "move_vertex", "from": [116.0, 39.0], "to": [115.9, 38.9]}, "outline"),
    "a vertex that is none": ({"op": "move_vertex", "from": [116.07, 39.07], "to": [116.1, 39.1]}, "No border"),
    "a carved area that leaves the grids": (
        {
            "op": "carve",
            "from": ["139901"],
            "name": "x",
            "polygon": {
                "type": "Polygon",
                "coordinates": [[[116.1, 39.05], [116.3, 39.05], [116.3, 39.1], [116.1, 39.1], [116.1, 39.05]]],
            },
        },
        "leaves the grids",
    ),
    "a parent below": ({"op": "move", "grid": "139901", "parent": "139902"}, "cannot go under"),
    "a net finer than any": ({"op": "subdivide", "grid": "139901", "net_m": 10}, "cells"),
    "a level above": ({"op": "subdivide", "grid": "139901", "net_m": 5000, "level": "city"}, "does not lie below"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_does_not_fit_is_refused_with_the_reason_and_the_draft_stays(case: str) -> None:
    operation, said = UNFIT[case]
    plan = draft("139900", {"op": "rename", "grid": "139902", "name": "大县"})
    before = written()
    with pytest.raises(DomainError) as refusal, work(TESTER) as session:
        service.add_operations(session, plan.id, plan.version, [operation])
    assert said in str(refusal.value)
    assert [fault.pointer for fault in refusal.value.objections][:1] == ["/operations/1"]
    assert written() == before
    with reading(TESTER) as session:
        assert plan_by_id(session, plan.id) == plan


@pytest.mark.parametrize(
    ("operation", "pointer"),
    [
        ({"op": "melt"}, ""),
        ({"op": "split", "grid": "139901"}, "/line"),
        ({"op": "split", "grid": "139901", "line": [[116, 39]]}, "/line"),
        ({"op": "split", "grid": "139901", "line": [[116, 39], [216, 39]]}, "/line/1/0"),
        ({"op": "subdivide", "grid": "139901"}, ""),
        ({"op": "rename", "grid": "139901", "name": ""}, "/name"),
        ({"op": "rename", "grid": "139901", "name": "x", "colour": "red"}, "/colour"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place(operation: Raw, pointer: str) -> None:
    plan = draft("139900")
    with pytest.raises(Invalid) as refusal, work(TESTER) as session:
        service.add_operations(session, plan.id, plan.version, [operation])
    assert refusal.value.objections[0].pointer == f"/operations/0{pointer}"


def test_a_draft_goes_back_and_forth() -> None:
    rename = {"op": "rename", "grid": "139902", "name": "大县"}
    plan = draft("139900", SPLIT, rename)
    with work(TESTER) as session:
        plan = service.undo(session, plan.id, plan.version)
        assert [operation["op"] for operation in plan.operations] == ["split"]
        plan = service.undo(session, plan.id, plan.version)
        plan = service.redo(session, plan.id, plan.version)
        plan = service.redo(session, plan.id, plan.version)
    assert [operation["op"] for operation in plan.operations] == ["split", "rename"]
    with pytest.raises(Refused), work(TESTER) as session:
        service.redo(session, plan.id, plan.version)


def test_two_tabs_of_one_draft_cannot_overwrite_each_other() -> None:
    plan = draft("139900", SPLIT)
    with work(TESTER) as session:
        service.undo(session, plan.id, plan.version)
    with pytest.raises(Conflict), work(TESTER) as session:
        service.add_operations(session, plan.id, plan.version, [{"op": "rename", "grid": "139902", "name": "x"}])


def test_who_drew_a_plan_cannot_decide_on_it_and_a_second_person_can() -> None:
    drawer, decider = actor(person("drawer", "gis_admin")), actor(person("decider", "gis_admin"))
    plan = submitted("139900", SPLIT, actor=drawer)
    for act in (service.approve, lambda s, i, v: service.return_plan(s, i, v, "边界不对")):
        with pytest.raises(Forbidden), work(drawer) as session:
            act(session, plan.id, plan.version)
    with work(decider) as session:
        returned = service.return_plan(session, plan.id, plan.version, "边界不对")
    assert (returned.state, returned.comment) == ("returned", "边界不对")
    with work(drawer) as session:
        again = service.submit(session, plan.id, returned.version)
    with work(decider) as session:
        decided = service.approve(session, plan.id, again.version)
    assert decided.state == "approved"
    done = applied(plan.id, decided.version, decider)
    assert done.plan.state == "applied"
    assert done.exact


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


def test_an_empty_plan_is_not_submitted() -> None:
    plan = draft("139900")
    with pytest.raises(Refused, match="changes nothing"), work(TESTER) as session:
        service.submit(session, plan.id, plan.version)


def test_of_two_plans_over_one_grid_the_second_is_told_and_can_be_rebased() -> None:
    first = approved("139900", SPLIT)
    second = approved(
        "139900",
        {"op": "rename", "grid": "139901", "name": "老西县"},
        {"op": "split", "grid": "139901", "line": [[116.15, 38.9], [116.15, 39.3]]},
    )
    applied(first.id, first.version)
    with pytest.raises(Conflict) as conflict:
        applied(second.id, second.version)
    assert [grid["code"] for grid in conflict.value.theirs["grids"]] == ["139901"]
    with work(TESTER) as session:
        rebased, unfit = service.rebase(session, second.id, second.version)
    assert rebased.state == "returned"
    assert [operation["op"] for operation in rebased.operations] == ["rename"]
    assert [(operation.as_json()["op"], "does not cut" in str(why)) for operation, why in unfit] == [("split", True)]


def test_a_plan_is_not_stale_for_vertices_that_a_neighbour_put_in() -> None:
    plan = approved("139900", SPLIT)
    run("139900", {"op": "subdivide", "grid": "139902", "lines": [[[116.15, 39.13], [116.45, 39.13]]], "level": "grid"})
    assert applied(plan.id, plan.version).exact


def test_a_plan_stays_inside_its_grid() -> None:
    run("139900", {"op": "subdivide", "grid": "139901", "net_m": 6000})
    with pytest.raises(Refused, match="lies outside 139901"):
        run("139901", {"op": "rename", "grid": "139902", "name": "x"})


def test_a_plan_is_applied_at_its_moment_and_returned_where_it_no_longer_fits() -> None:
    plans = [submitted("139900", SPLIT), submitted("139900", {"op": "rename", "grid": "139901", "name": "晚县"})]
    moment = clock.now() + dt.timedelta(days=1)
    with work(TESTER) as session:
        plans = [service.approve(session, plan.id, plan.version, apply_at=moment) for plan in plans]
        waiting = session.scalars(
            text("select scheduled_at from procrastinate.procrastinate_jobs where task_name = :name"),
            {"name": service.APPLY_JOB},
        ).all()
    assert waiting == [moment, moment]
    for plan in plans:
        with work(TESTER) as session:
            service.apply_due(session, plan.id, plan.version)
    with reading(TESTER) as session:
        found = [plan_by_id(session, plan.id) for plan in plans]
    assert [plan.state for plan in found] == ["applied", "returned"]
    assert "139901" in found[1].comment
    assert "139911" in codes()


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that were sent since."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engines().write, "before_cursor_execute", note)
    yield sent
    event.remove(engines().write, "before_cursor_execute", note)


class Killed(Exception):
    pass


@contextmanager
def falling_at(number: int) -> Iterator[None]:
    """Fall before a statement of that number is sent."""
    left = iter(range(number - 1, -1, -1))

    def fall(*_what: Any) -> None:
        if next(left, None) == 0:
            raise Killed

    event.listen(engines().write, "before_cursor_execute", fall)
    try:
        yield
    finally:
        event.remove(engines().write, "before_cursor_execute", fall)


def test_a_failure_at_any_statement_leaves_nothing(statements: list[str]) -> None:
    report(116.15, 39.1)
    plan = approved("139900", SPLIT)
    before = written(), codes()
    statements.clear()
    with pytest.raises(Killed), work(TESTER) as session:
        service.apply_plan(session, plan.id, plan.version)
        raise Killed
    count = len(statements)
    assert count > 10
    for fatal in range(1, count + 1):
        with falling_at(fatal), pytest.raises(Killed), work(TESTER) as session:
            service.apply_plan(session, plan.id, plan.version)
        assert (written(), codes()) == before, f"after statement {fatal}"
    assert applied(plan.id, plan.version).exact
    assert proven().exact
