"""Lists, counts, tiles, and matters that follow the grids."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any
from uuid import UUID

import mapbox_vector_tile
import numpy as np
import openpyxl
import pytest
import shapely

from core import clock
from core.actor import Actor
from core.db.session import reading, work
from core.errors import Forbidden, Invalid, Refused
from core.grids.queries import grid_by_code
from core.grids.rehoming import rehome
from core.matters import listing, tiles
from core.matters.filters import MatterFilter
from core.matters.listing import export_matters, list_matters, most_urgent
from core.matters.places import Place
from core.matters.queries import events_of, matter_by_id, open_counts, same_place
from core.matters.tiles import matter_tile
from tests.e2e.clients import admin_client
from tests.integration.matters.people import (
    EAST_STREET,
    IN_EAST,
    IN_EAST_CODE,
    IN_SOUTH,
    IN_SOUTH_CODE,
    SOUTH_STREET,
    TESTER,
    matter,
    person,
    read,
    report,
    step,
)


def ids(actor: Actor, **wanted: str) -> list[UUID]:
    with reading(actor) as session:
        return [view.id for view in list_matters(session, MatterFilter(**wanted)).items]  # type: ignore[arg-type]


def test_filters_by_subtree_state_kind_and_words() -> None:
    first = matter(TESTER, IN_EAST, title="井盖缺失", text="人民路")
    second = matter(TESTER, IN_SOUTH, title="路灯 100% 不亮")
    step(TESTER, second, "reject", note="no")
    assert ids(TESTER) == [second, first]
    assert ids(TESTER, grid="139901") == [second, first]
    assert ids(TESTER, grid=EAST_STREET) == [first]
    assert ids(TESTER, grid="139902") == []
    assert ids(TESTER, state="open") == [first]
    assert ids(TESTER, state="rejected") == [second]
    assert ids(TESTER, kind="emergency.hazard") == []
    assert ids(TESTER, q="井盖 人民") == [first]
    assert ids(TESTER, q="100%") == [second]
    assert ids(TESTER, q="_") == []
    assert ids(TESTER, q=read(TESTER, second).number) == [second]


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"grid": "9"}, "/grid"),
        ({"state": "lost"}, "/state"),
        ({"due": "soon"}, "/due"),
        ({"due": "-1"}, "/due"),
        ({"due": "9999"}, "/due"),
        ({"since": "2026-02-30"}, "/since"),
        ({"since": "0001-01-01"}, "/since"),
        ({"kind": "general", "form": (("level", "high"),)}, "/form/level"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(wanted: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        ids(TESTER, **wanted)
    assert caught.value.objections[0].pointer == pointer


@pytest.mark.parametrize("cursor", ["x", "e30", "WyIyMDI2LTAxLTAxIiwgIngiXQ", "é"])
def test_a_cursor_that_no_list_gave_is_refused(cursor: str) -> None:
    with reading(TESTER) as session, pytest.raises(Invalid):
        list_matters(session, MatterFilter(), cursor)


def test_tabs_show_what_waits_for_whom() -> None:
    head, worker = person("grid_head", EAST_STREET), person("worker", EAST_STREET)
    fresh, taken, foreign = matter(worker), matter(TESTER), matter(TESTER, IN_SOUTH)
    step(TESTER, taken, "accept")
    assert set(ids(head, tab="mine")) == {fresh, taken}
    assert ids(worker, tab="mine") == [taken]
    assert ids(worker, tab="reported") == [fresh]
    assert set(ids(worker, tab="area")) == {fresh, taken}
    step(worker, taken, "settle")
    assert set(ids(worker, tab="mine")) == {taken}
    assert ids(head, tab="mine") == [fresh], "what a worker handles and may close waits for that worker alone"
    assert ids(person("worker", SOUTH_STREET), tab="area") == [foreign]


@pytest.mark.usefixtures("check_kind")
def test_what_another_must_check_waits_for_those_who_did_not_handle_it() -> None:
    head, desk = person("grid_head", EAST_STREET), person("desk", EAST_STREET)
    handled = matter(TESTER, kind="test.check", form={"level": "low"})
    step(desk, handled, "accept")
    step(head, handled, "settle")
    assert ids(desk, tab="mine") == [handled]


def test_overdue_comes_by_deadline_page_by_page() -> None:
    start = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    made = []
    for day in range(4):
        with clock.turned(lambda day=day: start + dt.timedelta(days=day)):  # type: ignore[misc]
            made.append(matter(TESTER))
    step(TESTER, made[1], "reject", note="no")
    with clock.turned(lambda: start + dt.timedelta(days=30)):
        fresh = matter(TESTER)
        with reading(TESTER) as session:
            first = list_matters(session, MatterFilter("overdue"), limit=2)
            second = list_matters(session, MatterFilter("overdue"), first.next or "", limit=2)
    assert [view.id for view in (*first.items, *second.items)] == [made[0], made[2], made[3]]
    assert second.next is None
    assert fresh not in [view.id for view in second.items]


@pytest.mark.parametrize("tab", ["area", "overdue"])
def test_pages_lead_back_the_way_they_came(tab: str) -> None:
    start = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    for day in range(5):
        with clock.turned(lambda day=day: start + dt.timedelta(days=day)):  # type: ignore[misc]
            matter(TESTER)
    wanted = MatterFilter(tab)  # type: ignore[arg-type]
    with clock.turned(lambda: start + dt.timedelta(days=30)), reading(TESTER) as session:
        first = list_matters(session, wanted, limit=2)
        second = list_matters(session, wanted, first.next or "", limit=2)
        third = list_matters(session, wanted, second.next or "", limit=2)
        back = list_matters(session, wanted, third.prev or "", limit=2)
        top = list_matters(session, wanted, back.prev or "", limit=2)
    assert len({view.id for page in (first, second, third) for view in page.items}) == 5
    assert first.prev is None
    assert [view.id for view in back.items] == [view.id for view in second.items]
    assert [view.id for view in top.items] == [view.id for view in first.items]
    assert (top.prev, top.next) == (None, first.next)


def test_counts_reach_up_the_tree_as_far_as_one_may_see() -> None:
    matter(TESTER, IN_EAST)
    step(TESTER, matter(TESTER, IN_EAST), "reject", note="no")
    matter(TESTER, IN_SOUTH)
    with reading(TESTER) as session:
        codes = {code: grid_by_code(session, code) for code in ("139900", EAST_STREET, IN_SOUTH_CODE, "139902")}
        known = {code: view.id for code, view in codes.items() if view}
        counts = open_counts(session, list(known.values()))
    assert {code: counts[i].open for code, i in known.items() if i in counts} == {
        "139900": 2,
        EAST_STREET: 1,
        IN_SOUTH_CODE: 1,
    }
    with reading(person("worker", EAST_STREET)) as session:
        assert open_counts(session, [known["139900"]])[known["139900"]].open == 1


def test_what_is_due_today_is_counted_and_the_most_urgent_comes_first() -> None:
    start = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    made = []
    for day in (1, 0, 2):
        with clock.turned(lambda day=day: start + dt.timedelta(days=day)):  # type: ignore[misc]
            made.append(matter(TESTER))
    with reading(TESTER) as session:
        late, today, later = (matter_by_id(session, made[i]).due_at for i in (1, 0, 2))
        root = grid_by_code(session, "139900")
    assert root
    assert late
    assert today
    assert later
    assert late < today < later
    with clock.turned(lambda: today - dt.timedelta(seconds=1)), reading(TESTER) as session:
        count = open_counts(session, [root.id])[root.id]
        urgent = [view.id for view in most_urgent(session, "139900", 2)]
    assert (count.open, count.overdue, count.due_today) == (3, 1, 1)
    assert urgent == [made[1], made[0]]


def test_the_same_place_is_within_fifty_metres() -> None:
    found = matter(TESTER, Place(116.05, 39.15))
    near = matter(TESTER, Place(116.0505, 39.15))  # 43 m east
    matter(TESTER, Place(116.0507, 39.15))  # 60 m east
    with reading(TESTER) as session:
        assert [view.id for view in same_place(session, found)] == [near]


def test_exports_need_the_right_and_are_journalled() -> None:
    matter(TESTER)
    with pytest.raises(Forbidden), work(person("worker", EAST_STREET)) as session:
        export_matters(session, MatterFilter())
    head = person("grid_head", EAST_STREET)
    with work(head) as session:
        assert len(export_matters(session, MatterFilter())) == 1
    with reading(TESTER) as session:
        from sqlalchemy import text

        kept = session.execute(
            text("select actor, after->>'rows' from core.journal where action = 'matter.export'")
        ).all()
    assert [tuple(row) for row in kept] == [(head.id, "1")]


def test_a_list_too_long_for_a_file_is_refused_rather_than_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    matter(TESTER)
    matter(TESTER)
    monkeypatch.setattr(listing, "EXPORT_MOST", 1)
    with pytest.raises(Refused, match="narrow it by filters"), work(TESTER) as session:
        export_matters(session, MatterFilter())


def tile(actor: Actor, z: int, x: int, y: int, **wanted: str) -> list[dict[str, object]]:
    with reading(actor) as session:
        body = matter_tile(session, z, x, y, **wanted)
    return [feature["properties"] for feature in mapbox_vector_tile.decode(body)["matter"]["features"]] if body else []


def address(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    """The tile of a point, by the formula of the OpenStreetMap wiki."""
    n = 2**z
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * n
    return z, int((lon + 180) / 360 * n), int(y)


def test_a_cluster_counts_all_it_stands_for_however_many_a_tile_may_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        report(TESTER, Place(116.05, 39.15))
    monkeypatch.setattr(tiles, "MOST", 1)
    assert [feature["n"] for feature in tile(TESTER, *address(116.05, 39.15, 8))] == [3]


def test_tiles_cluster_far_away_and_show_single_matters_near() -> None:
    first = report(TESTER, Place(116.05, 39.15)).body
    report(TESTER, Place(116.0501, 39.15))
    step(TESTER, matter(TESTER, Place(116.0502, 39.15)), "reject", note="no")
    far = tile(TESTER, *address(116.05, 39.15, 8))
    assert [feature["n"] for feature in far] == [2]
    assert "id" not in far[0]
    near = tile(TESTER, *address(116.05, 39.15, 17))
    mine = next(feature for feature in near if feature["number"] == first["number"])
    assert mine == {
        "id": first["id"],
        "number": first["number"],
        "title": "井盖缺失",
        "kind": "general",
        "state": "reported",
        "n": 1,
    }
    assert [f["n"] for f in tile(TESTER, *address(116.05, 39.15, 8), state="rejected")] == [1]
    assert tile(TESTER, *address(116.05, 39.15, 8), kind="trees.fallen") == []
    assert tile(person("worker", SOUTH_STREET), *address(116.05, 39.15, 8)) == []


def test_matters_follow_the_grids() -> None:
    found, outside = matter(TESTER, IN_EAST), matter(TESTER, Place(120.0, 39.0))
    with work(TESTER) as session:
        left, home = (grid_by_code(session, code) for code in (IN_EAST_CODE, IN_SOUTH_CODE))
        assert left is not None
        assert home is not None
        world = np.array([shapely.box(1_150_000_000, 380_000_000, 1_210_000_000, 400_000_000)], dtype=object)
        assert rehome(session, [left.id], world, [home.id], 7)["core.matter"] == 2
    for each, start in ((found, IN_EAST_CODE), (outside, None)):
        view = read(TESTER, each)
        assert view.grid is not None
        assert view.grid.code == IN_SOUTH_CODE
        with reading(TESTER) as session:
            report, last = events_of(session, each)
        assert (report.seq, last.seq, last.step, last.actor) == (1, 2, "rehome", TESTER.id)
        assert (last.from_state, last.to_state, view.version) == ("reported", "reported", 1)
        assert (last.data["from_grid"], last.data["to_grid"], last.data["version"]) == (start, IN_SOUTH_CODE, 7)
    page = admin_client(accept="text/html", accept_language="zh").get(f"/matters/{found}?lang=zh").text
    assert "网格变更" in page
    assert re.search(rf"由 .*{IN_EAST_CODE}.* 变为 .*{IN_SOUTH_CODE}.*，因网格第 7 版", page)


@pytest.mark.usefixtures("check_kind")
def test_a_list_of_one_kind_leaves_with_the_fields_of_its_form_and_real_times() -> None:
    moment = dt.datetime(2026, 11, 2, 17, 30, tzinfo=dt.UTC)
    with clock.turned(lambda: moment):
        matter(TESTER, kind="test.check", form={"level": "high", "people": 7})
    matter(TESTER)
    client = admin_client(accept="text/html", accept_language="zh")
    asked = "tab=area&lang=zh&kind=test.check"
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/matters.xlsx?{asked}").get_data()))
    (sheet,) = book.worksheets
    assert sheet.title == "事项"
    head, *rows = sheet.iter_rows(values_only=True)
    (row,) = (dict(zip(head, values, strict=True)) for values in rows)
    assert (row["等级"], row["People"]) == ("重大", 7)
    # UTC+8, the instance's own time zone
    assert row["上报时间"] == dt.datetime(2026, 11, 3, 1, 30)
    lines = client.get(f"/matters.csv?{asked}").get_data().decode("utf-8-sig")
    assert "2026-11-03T01:30:00+08:00" in lines
    everything = openpyxl.load_workbook(io.BytesIO(client.get("/matters.xlsx?tab=area&lang=zh").get_data())).worksheets
    assert "等级" not in [cell.value for cell in everything[0][1]]
    assert everything[0].max_row == 3
    head, *rows = everything[0].iter_rows(values_only=True)
    told = {dict(zip(head, values, strict=True))["表单"] for values in rows}
    assert told == {"", "等级：重大；People：7"}
    assert {dict(zip(head, values, strict=True))["最近动态"] for values in rows} == {"上报"}
