"""Pages of grids as of a past day: tree, page, print and list as they were then, with the way back to today."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from flask.testing import FlaskClient

from core.db.session import work
from core.grids.acts import Act
from core.grids.reading import load_shapes
from core.grids.writing import apply_change
from tests.e2e.clients import TESTER, admin_client
from tests.integration.grids.planting import plant, recode, rename

THEN = "as_of=2026-02-10"


@pytest.fixture
def client(database: str) -> FlaskClient:
    """The eastern county was 139902 东县 until February, 139912 东县 until March, and is 139912 滨海县 since."""
    plant()
    recode("139902", "139912", 2, dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    rename("139912", "滨海县", 3, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), all_tiles=True)
    return admin_client(accept="text/html")


@pytest.fixture
def without_east_street(client: FlaskClient) -> FlaskClient:
    """The communities of the first street ended today."""
    with work(TESTER) as session:
        shapes = load_shapes(session, "s.code like '139901001%' and s.code <> '139901001'")
        apply_change(session, Act("merge", 3, (), closures=tuple(shapes.grid_ids.tolist())))
    return client


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_the_tree_is_that_of_the_day(client: FlaskClient) -> None:
    shown = page(client, f"/grids?{THEN}")
    assert "正在查看 2026-02-10 的网格" in shown
    assert 'href="/grids">返回今天' in shown
    assert "全域第 2 版" in shown
    assert "东县" in shown
    assert "滨海县" not in shown
    assert f'href="/grids/139912?{THEN}"' in shown
    assert f"/grids.xlsx?{THEN}" in shown
    today = page(client, "/grids")
    assert "正在查看" not in today
    assert "滨海县" in today


@pytest.mark.parametrize("part", ["", "/print"])
def test_page_and_print_show_the_grid_as_it_was(client: FlaskClient, part: str) -> None:
    shown = page(client, f"/grids/139912{part}?{THEN}")
    assert "<h1>东县</h1>" in shown
    assert "正在查看 2026-02-10 的网格" in shown
    assert f'href="/grids/139912{part}">返回今天' in shown
    assert f'data-url="/api/v1/grids/139912/shape?{THEN}"' in shown
    assert "未办结事项" not in shown
    assert "事项、人员和各部门栏目只有今天的数据" in shown
    assert "正在查看" not in page(client, f"/grids/139912{part}")


def test_links_of_a_past_page_stay_in_the_past(client: FlaskClient) -> None:
    shown = page(client, f"/grids/139901?{THEN}")
    for link in (f"/grids/139900?{THEN}", f"/grids/139901001?{THEN}", f"/grids/139901/print?{THEN}"):
        assert f'href="{link}"' in shown, link
    assert f"/map?grid=139901&amp;{THEN}" in shown
    assert f'href="/grids/139901?{THEN}"' in page(client, f"/grids/139901/card?{THEN}")
    assert f'href="/grids/139901/print?{THEN}"' in page(client, f"/grids/139901/card?{THEN}")


def test_a_code_of_another_time_leads_to_the_grid_under_the_code_of_the_day(client: FlaskClient) -> None:
    answer = client.get("/grids/139912?as_of=2026-01-20")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/grids/139902?as_of=2026-01-20")
    shown = page(client, "/grids/139902?as_of=2026-01-20")
    assert "139902" in shown
    assert 'href="/grids/139912">返回今天' in shown


def test_a_grid_that_ended_since_has_its_page_of_then(without_east_street: FlaskClient) -> None:
    shown = page(without_east_street, f"/grids/139901001001?{THEN}")
    assert "<h1>和平社区</h1>" in shown
    assert "此网格已于" not in shown
    assert "此网格已于" in page(without_east_street, "/grids/139901001001")


def test_a_grid_that_ended_is_found_by_its_code_and_told_on_the_map(without_east_street: FlaskClient) -> None:
    found = page(without_east_street, "/search?q=139901001003")
    assert 'href="/grids/139901001003"' in found
    assert "新村社区" in found
    card = page(without_east_street, "/grids/139901001003/card")
    assert "此网格已于" in card
    assert 'href="/grids/139901001003"' in card
    assert "没有找到" in page(without_east_street, "/search?q=139977")


def test_before_there_was_such_a_grid_that_is_told(client: FlaskClient) -> None:
    unborn = page(client, "/grids/139912?as_of=2020-01-01", 404)
    assert "2020-01-01 时没有代码为 139912 的网格" in unborn
    assert 'href="/grids/139912"' in unborn
    assert 'href="/grids/139912"' not in page(client, "/grids/139912x", 404)
    assert "2020-01-01 时还没有网格" in page(client, "/grids?as_of=2020-01-01")
    assert "请写成 2026-03-03 的形式" in page(client, "/grids?as_of=x", 422)


def test_the_list_for_download_is_that_of_the_day(client: FlaskClient) -> None:
    answer = client.get(f"/grids.csv?{THEN}")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert {row[1] for row in rows if row[0].strip("\t='\"") == "139912"} == {"东县"}
    assert "20260210" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("day", ["2026-W10", "2026-W10-1", "20260203"])
@pytest.mark.parametrize(("language", "told"), [("zh", "2026-03-03"), ("en", "write it like 2026-03-03")])
def test_a_week_or_a_day_without_its_dashes_is_no_day(client: FlaskClient, day: str, language: str, told: str) -> None:
    client.set_cookie("lang", language)
    answer = client.get(f"/grids?as_of={day}")
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/grids", "/grids/139912", "/grids/139912/print", "/search?q=139912"])
def test_a_day_to_come_is_the_page_of_today_and_said_to_be(client: FlaskClient, path: str) -> None:
    ahead = dt.date.today() + dt.timedelta(days=2)
    answer = client.get(f"{path}{'&' if '?' in path else '?'}as_of={ahead}")
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    assert f"{ahead} 尚未到来，现在显示的是今天的网格" in page(client, path)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("grids=139912", "grids"),
        ("parent=139912&grid=139912", "parent"),
        ("grid=", "grid"),
        ("grid=139912&as_of=", "as_of"),
        ("grid=139912&as_of=2999-01-01", "2999-01-01 尚未到来"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_of_something_else_is_refused_and_not_the_whole_city(
    client: FlaskClient, kind: str, query: str, said: str
) -> None:
    assert said in page(client, f"/grids.{kind}?{query}", 422)


@pytest.mark.parametrize("path", ["139912", "at?lon=116.3&lat=39.1", "tree"])
def test_the_api_refuses_a_moment_to_come(client: FlaskClient, path: str) -> None:
    there = f"/api/v1/grids/{path}{'&' if '?' in path else '?'}as_of="
    today = dt.datetime.now(dt.UTC)
    for ahead in ("2999-01-01", (today + dt.timedelta(days=1)).isoformat().replace("+", "%2B")):
        assert "尚未到来" in page(client, there + ahead, 422)
    for known in (f"{today.date() - dt.timedelta(days=1)}", today.isoformat().replace("+", "%2B")):
        assert client.get(there + known).status_code == 200


def test_what_was_done_by_commands_is_told_to_be(client: FlaskClient) -> None:
    shown = page(client, "/grids/139912?tab=history")
    assert "命令行（tester）" in shown, "a name of the operating system alone is nobody's"
    periods = client.get("/api/v1/grids/139912/history").json["items"]
    assert "命令行（tester）" in [period["actor"] for period in periods]
