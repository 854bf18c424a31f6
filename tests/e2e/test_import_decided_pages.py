"""Decisions on defects as forms send them: what cannot be meant is said on the page that it came from."""

from __future__ import annotations

import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from core.access.commands import IssueToken
from core.access.sessions import issue_token
from core.db.session import work
from core.settings import get_settings
from tests.e2e.boundaries import CITY, COUNTIES, HALVES, approve, layer, levels, send, square
from tests.e2e.clients import TESTER, admin_client, found, stranger_of
from tests.e2e.filled import filled
from tests.e2e.folks import person

OVERLAPPING = layer(HALVES[0], ("139902", "东县", square(1, 0, 4, 4)))
GAP = layer(HALVES[0], ("139902", "东县", square(3, 0, 4, 4)))


@pytest.fixture
def client(database: str) -> FlaskClient:
    made = admin_client()
    approve(made, send(made, CITY)["id"])
    made.environ_base["HTTP_ACCEPT"] = "text/html"
    return made


@pytest.mark.parametrize("field", ["choice-1", "kept", "list", "reason"])
def test_a_choice_that_no_text_can_hold_is_refused_in_words_on_its_page(client: FlaskClient, field: str) -> None:
    file = {"file": (io.BytesIO(OVERLAPPING), "counties.geojson")}
    where = client.post("/grids/import", data=file, content_type="multipart/form-data").headers["Location"]
    client.post(f"{where}/decide", data={"act": "begin"})
    shown = client.get(where).text
    (token,) = set(re.findall(r'name="list" value="([^"]+)"', shown))
    sent = {"list": token, "page": "1", "kept": "", "choice-1": "only:", "act": "try"}
    sent[field] = {"kept": "1=only:\0", "list": f"{token}\0"}.get(field, "only:\0")
    if field == "kept":
        del sent["choice-1"]
    assert client.post(f"{where}/decide", data=sent).status_code == 303
    page = client.get(where).text
    assert "缺陷 1 不能用“only:”处理" in page
    assert "counties.geojson" in page


def test_a_form_for_a_list_that_is_no_longer_there_is_asked_again(client: FlaskClient) -> None:
    where = brought(client, OVERLAPPING)
    shutil.rmtree(get_settings().folder("imports"))
    answer = client.post(f"{where}/decide", data={"list": "", "page": "1", "kept": "", "act": "page-1"})
    assert (answer.status_code, "counties.geojson" in answer.text) == (200, True)


def test_choices_of_many_sessions_at_once_are_kept_whole(client: FlaskClient) -> None:
    where = brought(client, OVERLAPPING)
    form = {**filled(client.get(where).text, "decide"), "act": "page-1"}

    def turn(_number: int) -> int:
        other = client.application.test_client()
        other.environ_base.update(client.environ_base)
        return other.post(f"{where}/decide", data=form).status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(turn, range(64))) == {200}
    assert filled(client.get(where).text, "decide")["choice-1"] == form["choice-1"]


def brought(client: FlaskClient, content: bytes) -> str:
    """The address of an upload of which each defect is decided on."""
    file = {"file": (io.BytesIO(content), "counties.geojson")}
    where = client.post("/grids/import", data=file, content_type="multipart/form-data").headers["Location"]
    client.post(f"{where}/decide", data={"act": "begin"})
    return where


def turned_over(page: str) -> dict[str, str]:
    """The form of a page with the first of its decisions changed to another way."""
    form = filled(page, "decide")
    name = next(name for name in form if name.startswith("choice-"))
    ways = re.findall(rf'name="{name}" value="([^"]+)"', page)
    return form | {name: next(way for way in ways if way != form[name])}


def pressed(client: FlaskClient, address: str, form: dict[str, str]) -> str:
    answer = client.post(address, data=form)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["Location"]).text


def area(code: str) -> float:
    return float(found(admin_client(), f"/api/v1/grids/{code}")["area_m2"])


def test_what_is_approved_is_what_stands_on_the_page(client: FlaskClient) -> None:
    where = brought(client, GAP)
    shown = client.get(where).text
    proposed, other = filled(shown, "decide"), turned_over(shown)
    (name,) = (name for name in other if other[name] != proposed[name])
    asked = pressed(client, f"{where}/approve", other | {"seen": "true"})
    assert levels() == {"city": 1}, "nothing is written that was not checked"
    assert "没有写入任何数据：请再次核对" in asked
    assert filled(asked, "decide")[name] == other[name]
    pressed(client, f"{where}/approve", filled(asked, "decide") | {"seen": "true"})
    assert levels() == {"city": 1, "county": 2}
    taker, left = other[name].removeprefix("give:"), proposed[name].removeprefix("give:")
    shares = {"139901": 2, "139902": 1}
    assert area(taker) / area(left) == pytest.approx((shares[taker] + 1) / shares[left], rel=0.01)


def test_an_option_that_was_changed_is_checked_before_anything_is_written(client: FlaskClient) -> None:
    where = brought(client, GAP)
    form = filled(client.get(where).text, "decide") | {"level": "street", "seen": "true"}
    pressed(client, f"{where}/approve", form)
    assert levels() == {"city": 1}


def test_nobody_else_decides_on_an_upload(client: FlaskClient) -> None:
    where = brought(client, GAP)
    shown = client.get(where).text
    user_id = person("clerk", "gis_admin", grid="139900")
    with work(TESTER) as session:
        token = issue_token(session, IssueToken(user_id, "tests"))
    clerk = stranger_of(client)
    clerk.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    for address in (f"{where}/options", f"{where}/decide"):
        assert clerk.post(address, data=turned_over(shown)).status_code == 404
    asked = {name: value for name, value in filled(shown, "decide").items() if name != "list"}
    pressed(client, f"{where}/options", asked | {"clean": "true"})
    assert "您此前所作" not in pressed(client, f"{where}/decide", {"act": "begin"})


def test_decisions_outlive_a_cleaning_that_is_refused(client: FlaskClient) -> None:
    where = brought(client, GAP)
    other = turned_over(client.get(where).text)
    pressed(client, f"{where}/decide", other | {"act": "try"})
    refused = pressed(client, f"{where}/options", other | {"clean": "true"})
    assert "这样不能导入" in refused
    assert "逐项处理缺陷" in refused
    back = pressed(client, f"{where}/decide", {"act": "begin"})
    assert filled(back, "decide") == other | {"kept": filled(back, "decide")["kept"]}
    assert "您此前所作的 1 项处理已带入下面的清单，尚未检查" in back
    assert "批准：写入" not in back
    ready = pressed(client, f"{where}/decide", filled(back, "decide") | {"act": "try"})
    assert "批准：写入 2 个县" in ready


def test_decisions_not_yet_checked_are_kept_when_an_option_is(client: FlaskClient) -> None:
    where = brought(client, GAP)
    other = turned_over(client.get(where).text)
    after = pressed(client, f"{where}/options", other | {"reason": "会议纪要"})
    assert filled(after, "decide") == other | {"kept": filled(after, "decide")["kept"], "reason": "会议纪要"}


def test_decisions_go_over_to_the_list_of_the_layer_in_another_coordinate_system(database: str) -> None:
    client = admin_client(accept="text/html")
    where = brought(client, OVERLAPPING)
    form = filled(client.get(where).text, "options")
    root = form | {"level": "county", "root_code": "139900", "root_name": "试验市"}
    pressed(client, f"{where}/options", root)
    pressed(client, f"{where}/decide", {"act": "begin"})
    other = turned_over(client.get(where).text)
    after = pressed(client, f"{where}/options", other | {"crs": "gcj02"})
    now = filled(after, "decide")
    assert "批准：写入" not in after
    assert now["list"] != other["list"]
    assert [now[name] for name in now if name.startswith("choice-")] == [
        other[name] for name in other if name.startswith("choice-")
    ]
    assert "批准：写入" in pressed(client, f"{where}/decide", now | {"act": "try"})


def test_what_was_decided_of_a_defect_that_is_gone_is_said(database: str) -> None:
    client = admin_client(accept="text/html")
    where = brought(client, OVERLAPPING)
    form = filled(client.get(where).text, "options")
    pressed(client, f"{where}/options", form | {"level": "county", "root_code": "139900", "root_name": "试验市"})
    pressed(client, f"{where}/decide", {"act": "begin"})
    other = turned_over(client.get(where).text)
    after = pressed(client, f"{where}/options", other | {"code_field": "名称"})
    assert "以下缺陷已不存在" in after
    assert "139902" in after[after.index("以下缺陷已不存在") :]


def test_a_grid_without_a_name_is_no_dead_end_of_deciding(client: FlaskClient) -> None:
    where = brought(client, layer(HALVES[0], ("139902", "", square(2, 0, 4, 4))))
    shown = client.get(where).text
    assert "没有名称，以代码代替名称：139902" in shown
    pressed(client, f"{where}/approve", filled(shown, "decide"))
    assert levels() == {"city": 1, "county": 2}


def test_a_row_without_a_shape_is_said_once_to_be_left_out(client: FlaskClient) -> None:
    bare = json.loads(OVERLAPPING)
    bare["features"].append({**bare["features"][0], "geometry": None, "properties": {"区划代码": "139903"}})
    page = client.get(brought(client, json.dumps(bare).encode())).text
    assert page.count("没有图形，不导入") == 1
    assert "没有面积" not in page
    assert "修正为合法图形" not in page


def test_small_changes_of_area_are_told_in_square_metres_and_no_zero_has_a_sign(client: FlaskClient) -> None:
    moved = json.loads(COUNTIES)
    (ring,) = moved["features"][1]["geometry"]["coordinates"]
    west = min(x for x, _y in ring)
    ring[:] = [[x - 2e-6 if x == west else x, y] for x, y in ring]
    page = client.get(brought(client, json.dumps(moved).encode())).text
    table = page[page.index("修补后面积有变化的网格") :]
    assert re.findall(r'<td class="number[^>]*>([^<]*)</td>', table)[:4] == ["0", "1,866 m²", "−1,866 m²", "&lt; 0.01"]


def test_an_exact_file_with_a_tiny_part_offers_to_decide_on_it(client: FlaskClient) -> None:
    (x, y), (west, east) = (116.35, 39.05), json.loads(COUNTIES)["features"]
    speck = [[x, y], [x + 1e-5, y], [x + 1e-5, y + 1e-5], [x, y + 1e-5], [x, y]]
    west["geometry"] = {"type": "MultiPolygon", "coordinates": [west["geometry"]["coordinates"], [speck]]}
    east["geometry"]["coordinates"].append(speck[::-1])
    content = json.dumps({"type": "FeatureCollection", "features": [west, east]}).encode()
    file = {"file": (io.BytesIO(content), "counties.geojson")}
    where = client.post("/grids/import", data=file, content_type="multipart/form-data").headers["Location"]
    exact = client.get(where).text
    assert "批准：写入 2 个县" in exact
    assert "小于 10 平方米的碎块，如不另行处理将原样导入：139901" in exact
    assert "逐项处理缺陷" in exact
    shown = pressed(client, f"{where}/decide", {"act": "begin"})
    assert "保留，仍属 西县" in shown
    form = turned_over(shown) | {"act": "try", "seen": "true"}
    assert form["choice-1"] == "give:139902"
    ready = pressed(client, f"{where}/decide", form)
    pressed(client, f"{where}/approve", filled(ready, "decide") | {"seen": "true"})
    assert levels() == {"city": 1, "county": 2}
    record = client.get(re.findall(r'href="(/grids/repair/[^"]+)"', client.get(where).text)[0]).text
    assert "微小碎块" in record


def test_a_choice_says_who_is_left_out_if_no_other_gives_them_area(client: FlaskClient) -> None:
    west, east = HALVES
    shown = client.get(brought(client, layer(west, ("139903", "又一县", west[2]), east))).text
    assert "若别处未分得范围则不导入：又一县 139903" in shown
