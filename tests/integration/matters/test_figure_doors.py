"""The figures by grid over the API, on their page and as files."""

from __future__ import annotations

import csv
import datetime as dt
import io

import openpyxl
import pytest
from apiflask import APIFlask

from core import clock
from core.matters.places import Place
from tests.integration.grids.plans import run
from tests.integration.matters.doors import Person
from tests.integration.matters.people import EAST_STREET, SOUTH_STREET, TESTER, matter
from web.pages import figures

AUGUST = "from=2026-08-01&to=2026-09-01"
NORTHERN = f"{EAST_STREET}004"


@pytest.fixture
def moved() -> None:
    """Three matters of August, two of them in a community that went to the other street in September."""
    with clock.turned(lambda: dt.datetime(2026, 8, 10, 4, tzinfo=dt.UTC)):
        for place in (Place(116.05, 39.35), Place(116.06, 39.35), Place(116.15, 39.35)):
            matter(TESTER, place)
    with clock.turned(lambda: dt.datetime(2026, 9, 5, 4, tzinfo=dt.UTC)):
        run("139900", {"op": "move", "grid": NORTHERN, "parent": SOUTH_STREET})


@pytest.fixture
def desk(app: APIFlask) -> Person:
    return Person(app, "desk", "desk", None)


@pytest.mark.usefixtures("moved")
def test_the_api_tells_one_side_at_a_time(desk: Person, worker: Person) -> None:
    def told(who: Person, **more: str) -> dict[str, object]:
        asked = "&".join(f"{name}={value}" for name, value in more.items())
        answer = who.api("GET", f"/matters/figures?{AUGUST}&{asked}")
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json
        return found

    then = told(desk, under="139901")
    assert (then["from"], then["to"], then["level"], then["boundaries"]) == (
        "2026-08-01", "2026-09-01", "street", "then",
    )  # fmt: skip
    assert then["items"] == [
        {"code": EAST_STREET, "name": "东街街道", "ended": None, "matters": 2},
        {"code": SOUTH_STREET, "name": "南街街道", "ended": None, "matters": 1},
    ]
    now = told(desk, under="139901", boundaries="now")
    assert [item["matters"] for item in now["items"]] == [0, 3]  # type: ignore[attr-defined]
    assert then["total"] == now["total"] == then["inside"] == now["inside"] == 3
    assert [(each["grid"], each["within"]) for each in now["changes"]] == [(EAST_STREET, False)]  # type: ignore[attr-defined]
    street = told(desk, under=EAST_STREET, boundaries="now")
    assert (street["inside"], street["elsewhere"], street["partial"]) == (0, 2, False)
    assert NORTHERN not in [item["code"] for item in street["items"]]  # type: ignore[attr-defined]
    mine = told(worker)
    assert (mine["under"], mine["total"], mine["partial"]) == (EAST_STREET, 0, True)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [("from=x", "/from"), ("to=2026-13-01", "/to"), ("level=village", "/level"), ("under=9", "/under")],
)
def test_the_api_points_at_what_makes_no_sense(desk: Person, asked: str, pointer: str) -> None:
    answer = desk.api("GET", f"/matters/figures?{asked}")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
    assert desk.api("GET", "/matters/figures?boundaries=soon").status_code == 422
    assert desk.api("GET", "/matters/figures?unknown=1").status_code == 422


def test_a_change_of_the_boundaries_leads_to_its_plan_by_title_and_to_a_grid_by_name(desk: Person) -> None:
    with clock.turned(lambda: dt.datetime(2026, 9, 5, 4, tzinfo=dt.UTC)):
        done = run("139900", {"op": "rename", "grid": NORTHERN, "name": "柳荫社区"})
    page = desk.page(f"/matters/figures?{AUGUST}&grid={EAST_STREET}")
    assert f'<a href="/grids/plans/{done.plan.id}">试验方案</a>' in page.text
    assert f'<a href="/grids/{NORTHERN}?tab=history">柳荫社区</a>' in page.text


def test_a_change_of_several_grids_says_how_many_and_below_what(desk: Person) -> None:
    with clock.turned(lambda: dt.datetime(2026, 9, 5, 4, tzinfo=dt.UTC)):
        run("139900", {"op": "merge", "grids": [f"{EAST_STREET}001", f"{EAST_STREET}002"], "code": f"{EAST_STREET}001"})
    page = desk.page(f"/matters/figures?{AUGUST}&grid={EAST_STREET}")
    words = " ".join(page.text.split())
    assert "等 2 个网格</a>" in words
    assert "均直属东街街道" in words
    told = desk.api("GET", f"/matters/figures?{AUGUST}&under={EAST_STREET}").json["changes"]
    assert [each["grids"] for each in told] == [2]


@pytest.mark.usefixtures("moved")
def test_the_page_says_both_sides_their_sums_and_what_changed(desk: Person) -> None:
    page = desk.page(f"/matters/figures?{AUGUST}&grid={EAST_STREET}")
    assert page.status_code == 200
    words = " ".join(page.text.split())
    for said in (
        "2026-08-01 至 2026-08-31",
        "东街街道合计",
        "在东街街道以外的网格",
        "统计期后",
        f"{EAST_STREET}?tab=history",
    ):
        assert said in words, said
    assert "只统计您可以查看的事项" not in words
    by_name = desk.page("/matters/figures?grid=东街街道")
    assert by_name.status_code == 302
    assert f"grid={EAST_STREET}" in by_name.location
    other_level = desk.page(f"/matters/figures?{AUGUST}&grid={EAST_STREET}&level=county")
    assert other_level.status_code == 200
    assert '<option value="community" selected>' in other_level.text


@pytest.mark.usefixtures("moved")
def test_the_page_says_whose_matters_are_counted_and_when_there_is_none(worker: Person) -> None:
    page = worker.page(f"/matters/figures?{AUGUST}")
    assert "只统计您可以查看的事项" in page.text
    assert "没有您可以查看的上报事项" in page.text
    assert "/matters/figures.xlsx" not in page.text
    assert worker.page(f"/matters/figures.csv?{AUGUST}").status_code == 403


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2026-08-01&to=2026-07-01", "截止日必须晚于起始日"),
        ("from=0001-01-01", "0001-01-01"),
        ("grid=不存在", "不存在"),
    ],
)
def test_the_page_keeps_what_was_asked_beside_its_fault(desk: Person, asked: str, said: str) -> None:
    page = desk.page(f"/matters/figures?{asked}")
    assert page.status_code == 422
    assert said in page.text
    assert 'aria-invalid="true"' in page.text
    assert desk.page(f"/matters/figures.csv?{asked}").status_code == 302


@pytest.mark.usefixtures("moved")
def test_a_long_table_is_cut_on_the_page_alone_and_says_so(desk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "GRIDS_SHOWN", 3)
    asked = f"{AUGUST}&level=community"
    page = desk.page(f"/matters/figures?{asked}").text
    assert "只显示前 3 个网格" in page
    assert "另有 5 个" in page
    assert page.count('href="/grids/13990100') == 3 + 1, "and the one whose history tells the change"
    assert desk.page(f"/matters/figures.csv?{asked}").text.count("13990100") == 8


@pytest.mark.usefixtures("moved")
def test_both_files_hold_what_the_page_shows(desk: Person) -> None:
    asked = f"{AUGUST}&grid={EAST_STREET}"
    text = desk.page(f"/matters/figures.csv?{asked}").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:5] == ["网格", "代码", "按当时边界", "按现在边界", "增减"]
    assert rows[4][:5] == ["北关社区", NORTHERN, "2", "", "-2"]
    assert [row[2:5] for row in rows[5:]] == [["2", "0", "-2"], ["0", "2", "2"], ["2", "2", "0"]]
    book = openpyxl.load_workbook(io.BytesIO(desk.page(f"/matters/figures.xlsx?{asked}").data))
    sheet = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert sheet[4][:5] == ("北关社区", NORTHERN, 2, None, -2)
