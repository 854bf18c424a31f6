"""The map of a past day: its tiles, tree, card and search as they were then."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from typing import Any

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


def page(client: FlaskClient, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def config(shown: str) -> dict[str, Any]:
    [found] = re.findall(r"data-config='([^']+)'", shown)
    told: dict[str, Any] = json.loads(html.unescape(found))
    return told


@pytest.mark.parametrize(
    ("day", "version"), [("2026-01-20", 1), ("2026-02-01", 2), ("2026-02-28", 2), ("2026-03-01", 3)]
)
def test_the_map_shows_the_version_that_held_at_the_end_of_the_day(client: FlaskClient, day: str, version: int) -> None:
    shown = page(client, f"/map?as_of={day}")
    told = config(shown)
    assert (told["version"], told["matters"], told["urls"]["report"]) == (version, False, "")
    assert f"正在查看 {day} 的网格" in shown
    assert "返回今天" in shown
    assert "查看往日的网格时不显示事项" in shown
    assert client.get(f"/tiles/grid/{version}/9/421/195.mvt").status_code in {200, 204}


def test_the_map_of_today_says_nothing_of_other_days(client: FlaskClient) -> None:
    told = config(page(client, "/map"))
    assert (told["version"], told["matters"]) == (3, True)
    assert "正在查看" not in page(client, "/map")


def test_the_map_finds_the_grid_under_the_code_that_it_bore_then(client: FlaskClient) -> None:
    for code, day, leads_to in (
        ("139912", "2026-01-20", "/map?grid=139902&as_of=2026-01-20"),
        ("139902", "2026-02-10", "/map?grid=139912&as_of=2026-02-10"),
    ):
        answer = client.get(f"/map?grid={code}&as_of={day}")
        assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)
    assert config(page(client, "/map?grid=139902&as_of=2026-01-20"))["grid"]["code"] == "139902"


def test_card_tree_and_search_are_those_of_then(client: FlaskClient) -> None:
    card = page(client, f"/grids/139912/card?{THEN}")
    for words in ("东县", "2026-02-10 时的网格", "今天：滨海县，代码 139912", f"/map?grid=139900&amp;{THEN}"):
        assert words in card, words
    assert "未办结事项" not in card
    assert "至今未变" in page(client, f"/grids/139901/card?{THEN}")
    before = client.get("/grids/139912/card?as_of=2026-01-20")
    assert before.headers["Location"] == "/grids/139902/card?as_of=2026-01-20"
    rows = page(client, f"/grids/tree?at=139901001&{THEN}")
    assert "东县" in rows
    assert "和平社区" in rows
    assert "滨海县" not in rows
    assert f"/grids/tree?parent=139901002&amp;{THEN}" in rows
    typing = {"HX-Request": "true"}
    assert f"/map?grid=139912&amp;{THEN}" in page(client, f"/search?q=东县&{THEN}", **typing)
    assert "没有找到" in page(client, f"/search?q=滨海县&{THEN}", **typing)
    assert "139912" in page(client, f"/search?q=东县&{THEN}")


def test_a_grid_retired_since_has_its_card_of_then_alone(client: FlaskClient) -> None:
    with work(TESTER) as session:
        shapes = load_shapes(session, "s.code like '139901001%' and s.code <> '139901001'")
        apply_change(session, Act("merge", 3, (), closures=tuple(shapes.grid_ids.tolist())))
    card = page(client, f"/grids/139901001001/card?{THEN}")
    assert "和平社区" in card
    assert "该网格后来已撤销" in card
    assert f'href="/grids/139901001001?{THEN}"' in card
    assert 'href="/grids/139901001001">该网格后来已撤销' in card
    assert "已撤销" in page(client, "/grids/139901001001")


def test_a_day_before_the_first_grid_is_told(client: FlaskClient) -> None:
    shown = page(client, "/map?as_of=2020-01-01")
    assert "2020-01-01 时还没有网格" in shown
    assert config(shown)["version"] is None
    assert page(client, "/map?as_of=0001-01-01")


def test_today_and_days_to_come_are_the_map_of_today(client: FlaskClient) -> None:
    for day in (dt.date.today() + dt.timedelta(days=2), dt.date(9999, 12, 31)):
        answer = client.get(f"/map?grid=139912&as_of={day}")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/map?grid=139912")
        assert f"{day} 尚未到来，现在显示的是今天的网格" in page(client, "/map?grid=139912")
        assert "尚未到来" not in page(client, "/map?grid=139912"), "said once"
    client.get(f"/map?as_of={dt.date.today()}")
    assert "尚未到来" not in page(client, "/map")


def test_the_days_to_choose_stand_first_while_the_past_is_looked_at(client: FlaskClient) -> None:
    for address, first in (("/map", "grid-tree"), ("/map?as_of=2026-01-20", "map-day")):
        shown = page(client, address)
        assert shown.count('id="map-day"') == 1
        assert min(("grid-tree", "map-day"), key=lambda name: shown.index(f'id="{name}"')) == first


@pytest.mark.parametrize("path", ["/map?as_of=tomorrow", "/grids/139912/card?as_of=2026-13-01", "/search?q=a&as_of=x"])
def test_what_is_no_day_is_refused_with_how_to_write_it(client: FlaskClient, path: str) -> None:
    assert "请写成 2026-03-03 的形式" in page(client, path, 422)
