"""Boundaries redrawn in the browser: real pixels are clicked and dragged, then codes and exactness are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.e2e.towns import connected, plant_in, violations
from tests.integration.access.making import PASSWORD, person
from tests.integration.grids.planting import node

pytestmark = pytest.mark.browser

COMMUNITY, NORTH_OF_IT = "139901001001", "139901001002"
CORNER = node(1, 1)
"""Where four communities meet."""
MIDDLE = (116.05, 39.05)


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)
    with connected(live):
        person("drawer", "gis_admin")
        person("decider", "gis_admin")


@pytest.fixture
def drawer(browser: Browser, live: Live, browser_context_args: dict[str, object]) -> Iterator[Page]:
    """Somebody at the editor whose steps may be refused, which the browser logs as an error."""
    context = browser.new_context(**browser_context_args)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live.url}/login")
    page.get_by_label("登录名").fill("drawer")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)
    yield page
    context.close()


def test_a_split_is_drawn_handed_in_and_approved_by_another(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in("drawer", PASSWORD)
    page.goto(f"{live.url}/grids/plans")
    page.get_by_role("link", name="新建方案").first.click()
    assert violations(page) == []
    editor = editors.begin(page, live, "139901", "和平社区拆分")
    assert violations(page) == []
    expect(page.get_by_role("button", name="提交审核")).to_be_disabled()
    page.keyboard.press("x")
    editors.draw(page, (115.99, 39.05), (116.11, 39.05))
    page.keyboard.type("和平二社区")
    page.keyboard.press("Enter")
    editors.version(page, 2)
    expect(editor).to_have_attribute("data-leaves", re.compile("139901001005"))
    page.get_by_role("tab", name="检查").click()
    expect(page.locator(".edit-panel")).to_contain_text("无缝隙、无重叠")
    page.get_by_role("tab", name="变动").click()
    expect(page.locator(".edit-effect")).to_have_count(2)
    assert violations(page) == []
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url(lambda url: not url.endswith("/edit"))
    expect(page.locator("main")).to_contain_text("待审批")
    expect(page.get_by_role("button", name="批准")).to_have_count(0)
    address = page.url
    page.goto(f"{address}/print")
    expect(page.locator("wg-compare-map")).to_have_attribute("data-ready", "true")
    assert violations(page) == []
    page.context.clear_cookies()
    page = sign_in("decider", PASSWORD)
    page.goto(address)
    compared = page.locator("wg-compare-map")
    expect(compared).to_have_attribute("data-ready", "true")
    assert violations(page) == []
    page.get_by_role("button", name="批准").first.click()
    page.get_by_label("立即生效").check()
    page.get_by_role("dialog").get_by_role("button", name="批准").click()
    expect(page.locator("main")).to_contain_text("方案已批准")
    expect(page.locator("main")).to_contain_text("已生效")
    expect(compared).to_have_attribute("data-ready", "true")
    assert editors.exact(live)
    page.goto(f"{live.url}/grids/139901001005")
    expect(page.locator("h1")).to_have_text("和平二社区")


def test_a_shared_vertex_is_dragged_for_all_its_grids_and_taken_back(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "改界")
    page.keyboard.press("e")
    editors.drag(page, node(1, 2), (116.11, 39.21))
    editors.version(page, 2)
    (operation,) = editors.plan_of(page, live)["operations"]
    assert (operation["op"], operation["from"]) == ("move_vertex", [round(part, 7) for part in node(1, 2)])
    page.get_by_role("tab", name="检查").click()
    expect(page.locator(".edit-panel h3").filter(has_text="变动")).to_contain_text(re.compile(r"[3-9]"))
    page.keyboard.press("Control+z")
    editors.version(page, 3)
    assert editors.plan_of(page, live)["operations"] == []
    page.keyboard.press("Control+y")
    editors.version(page, 4)
    page.reload()
    editors.editor_of(page)
    assert len(editors.plan_of(page, live)["operations"]) == 1, "closing the page loses nothing"


def test_an_edge_that_is_dragged_gets_a_vertex(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "加点")
    page.keyboard.press("e")
    (west, south), (east, north) = node(0, 2), node(1, 2)
    middle = ((west + east) / 2, (south + north) / 2)
    editors.drag(page, middle, (middle[0], middle[1] + 0.01))
    editors.version(page, 2)
    assert [one["op"] for one in editors.plan_of(page, live)["operations"]] == ["insert_vertex", "move_vertex"]


def test_grids_that_do_not_border_are_not_merged_and_the_place_is_shown(drawer: Page, live: Live) -> None:
    page = drawer
    editor = editors.begin(page, live, "139901", "合并")
    page.keyboard.press("m")
    editors.click(page, (116.05, 39.15), (116.15, 39.35))
    expect(editor).to_have_attribute("data-selected", "139901001002 139901002004")
    page.keyboard.press("Enter")
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("必须相邻")
    assert violations(page) == []
    refused.get_by_role("button", name="定位").click()
    refused.get_by_role("button", name="关闭").click()
    expect(editor).to_have_attribute("data-selected", "139901001002 139901002004")
    page.get_by_role("button", name="方案全图").click()
    editors.editor_of(page)
    editors.click(page, (116.15, 39.35), (116.05, 39.25))
    expect(editor).to_have_attribute("data-selected", "139901001002 139901001003")
    page.get_by_label("合并后的名称").fill("三里新村社区")
    page.get_by_role("button", name="合并 2 个网格").click()
    editors.version(page, 2)
    expect(editor).not_to_have_attribute("data-leaves", re.compile("139901001003"))


def test_the_border_of_the_plan_stays(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "外边界")
    page.keyboard.press("e")
    editors.drag(page, node(2, 2), (116.22, 39.2))
    expect(page.locator(".edit-bar")).to_contain_text("与方案范围外的网格共用")
    assert editors.plan_of(page, live)["operations"] == []


def test_of_two_tabs_the_later_one_keeps_its_step(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "两个标签页")
    other = page.context.new_page()
    other.goto(page.url)
    editors.editor_of(other)
    for tab, place, name in ((page, (116.05, 39.15), "甲"), (other, (116.05, 39.25), "乙")):
        editors.click(tab, place)
        tab.get_by_label("名称", exact=True).fill(name)
        tab.get_by_role("button", name="更名").first.click()
    expect(other.get_by_role("alert")).to_contain_text("草稿已在别处")
    other.get_by_role("button", name="载入最新状态后重试").click()
    editors.version(other, 3)
    assert [one["name"] for one in editors.plan_of(other, live)["operations"]] == ["甲", "乙"]


def test_a_step_without_network_is_kept_and_sent_again(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "断网")
    editors.click(page, (116.05, 39.15))
    page.get_by_label("名称", exact=True).fill("三里新社区")
    page.context.set_offline(True)
    page.get_by_role("button", name="更名").first.click()
    expect(page.get_by_role("alert")).to_contain_text("最后一步已保留")
    page.context.set_offline(False)
    page.reload()
    page.get_by_role("button", name="重试").click()
    editors.version(page, 2)
    expect(page.get_by_role("alert")).to_have_count(0)
