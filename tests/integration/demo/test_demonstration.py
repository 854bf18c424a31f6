"""The demonstration city: whole, exact, the same each time, goes on after a break, and goes without a trace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from core.access.commands import ImportUsers
from core.access.importing import import_users
from core.access.service import ensure_first_admin
from core.actor import command_line
from core.db.session import reading, work
from core.demo import service
from core.demo.city import make_city
from core.demo.clearing import clear_demo
from core.demo.past import days_ago
from core.demo.service import load_demo, wanted
from core.errors import Refused
from core.grids.proof import check_coverage
from core.grids.queries import known_grid
from core.grids.reading import load_leaves
from core.grids.views import PLAN_STATES
from core.instance import is_demo
from core.matters.kinds import MatterKind, Sample, register_kind, unregister
from tests.integration.access.making import sheet
from tests.integration.grids.planting import plant

TESTER = command_line("tester")
MATTERS = 24
EMPTY = (
    "grid", "grid_state", "grid_shape", "grid_change", "grid_plan", "tile", "matter", "matter_event", "matter_file",
    "file", "request", "department", "post", "post_holder", "layer", "layer_feature", "layer_tile", "layer_upload",
)  # fmt: skip


@pytest.fixture(autouse=True)
def few(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One kind and few matters, so that a test takes seconds."""
    monkeypatch.setattr(service, "MATTERS", MATTERS)
    register_kind(MatterKind("test.lamp", "路灯", samples=(Sample("路灯不亮"),)), "test")
    yield
    unregister("test")


def rows(sql: str) -> list[tuple[object, ...]]:
    with reading(TESTER) as session:
        return [tuple(row) for row in session.execute(text(sql))]


def number(sql: str) -> object:
    return rows(sql)[0][0]


def normal(polygons: dict[str, Any]) -> dict[str, bytes]:
    """Outlines without where their rings begin."""
    return {code: shapely.normalize(polygon).wkb for code, polygon in polygons.items()}


@pytest.mark.long
def test_two_loads_at_once_load_once() -> None:
    with ThreadPoolExecutor(2) as both:
        loads = [both.submit(load_demo, TESTER, lambda _line: None) for _ in range(2)]
    assert [load.result()["matters"] for load in loads] == [MATTERS, MATTERS]
    assert number("select count(*) from core.matter") == MATTERS


def test_a_load_that_was_cut_off_goes_on_and_clearing_leaves_nothing_made_up(home: Path) -> None:
    with work(TESTER) as session:
        assert wanted(session)
        ensure_first_admin(session)

    def broken() -> None:
        raise ConnectionError("cut off")

    with pytest.raises(ConnectionError):
        load_demo(TESTER, print, after_grids=broken)
    with work(TESTER) as session:
        assert wanted(session)
    assert load_demo(TESTER, print) == {"grids": 2476, "people": 40, "matters": MATTERS}
    assert load_demo(TESTER, print) == {"grids": 2476, "people": 40, "matters": MATTERS}

    with work(TESTER) as session:
        proof = check_coverage(session)
        assert not wanted(session)
        assert is_demo(session)
    assert proof.exact
    assert proof.levels == {"city": 1, "county": 3, "street": 12, "community": 60, "grid": 400, "micro": 2000}
    astray = "select count(*) from core.matter m left join core.grid_state s on s.grid_id = m.grid_id"
    astray += " and upper_inf(s.valid) left join core.grid_shape h on h.id = s.shape_id"
    assert number(f"{astray} where h.id is null or not st_covers(h.geom, m.place)") == 0
    assert rows("select kind from core.grid_change order by version") == [("load",)] + [("plan",)] * 7
    assert {state for (state,) in rows("select state from core.grid_plan")} == set(PLAN_STATES)
    kinds = {kind for (kind,) in rows("select kind from core.layer where features > 0")}
    assert kinds == {"water", "buildings", "roads", "housenumbers"}
    with work(TESTER) as session:
        street = known_grid(session, "990101001", days_ago(700))
        assert (street.name, known_grid(session, "990101001").name) == ("和平镇", "和平街道")
        shapes = load_leaves(session)
    today = {grid.code: grid.polygon for grid in make_city() if grid.level == "micro"}
    assert normal(dict(zip(shapes.codes, shapes.polygons, strict=True))) == normal(today), (
        "history ends in the city as it is made"
    )
    walked = "select count(distinct p.grid_id) from core.post p join core.post_holder h on h.post_id = p.id"
    walked += " join core.grid g on g.id = p.grid_id where g.level = 'grid' and p.kind = 'worker'"
    assert number(walked) == 400
    assert number('select count(distinct role) from core."grant"') == 9

    with work(TESTER) as session:
        import_users(session, ImportUsers(sheet(("登录名", "姓名"), [("zhangsan", "张三")])))
    for name in ("logo/emblem.jpg", "ab/photo"):
        (home / "files" / name).parent.mkdir(parents=True)
        (home / "files" / name).touch()
    clear_demo(TESTER, os.environ["WANGGE_OWNER_URL"])
    assert {name: number(f"select count(*) from core.{name}") for name in EMPTY} == dict.fromkeys(EMPTY, 0)
    assert rows("select login from core.user_account order by login") == [("admin",), ("zhangsan",)]
    assert number("select count(*) from core.journal where object_type = 'core.matter'") != 0
    assert number("select before->>'matters' from core.journal where action = 'demo.clear'") == str(MATTERS)
    assert [path.name for path in (home / "files").rglob("*")] == ["logo", "emblem.jpg"]
    plant()
    with work(TESTER) as session:
        assert not is_demo(session)
        assert check_coverage(session).exact


@pytest.mark.long
def test_the_city_is_the_same_each_time() -> None:
    first, second = make_city(), make_city()
    assert [(grid.code, grid.name, grid.parent) for grid in first] == [
        (grid.code, grid.name, grid.parent) for grid in second
    ]
    assert all(a.polygon.equals_exact(b.polygon, 0) for a, b in zip(first, second, strict=True))
    assert len({grid.code for grid in first}) == 2476


def test_a_real_city_is_neither_filled_nor_emptied() -> None:
    plant()
    grids = number("select count(*) from core.grid")
    with work(TESTER) as session:
        assert not wanted(session)
    with pytest.raises(Refused, match="empty"):
        load_demo(TESTER, print)
    with pytest.raises(Refused, match="nothing was removed"):
        clear_demo(TESTER, os.environ["WANGGE_OWNER_URL"])
    assert number("select count(*) from core.grid") == grids
