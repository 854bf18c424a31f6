"""Boundaries redrawn in the browser: real pixels are clicked and dragged, then codes and exactness are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.e2e.towns import violations
from tests.integration.access.making import PASSWORD
from tests.integration.grids.planting import node

pytestmark = pytest.mark.browser

COMMUNITY, NORTH_OF_IT = "139901001001", "139901001002"
CORNER = node(1, 1)
"""Where four communities meet."""


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
    expect(editor).to_have_attribute("data-leaves", re.compile("139901001001.*139901002004"))
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


A, B, UPPER = "#1b5fae", "#8a5300", "#34414f"
"""Colours of both parts of a split, and of the borders of the grids above."""
WEST_OF, EAST_OF = (116.085, 39.025), (116.21, 39.025)
NORTH, SOUTH = (116.11, 39.03, 116.19, 39.095), (116.11, 39.0, 116.19, 39.02)
"""Ends of a line through the first community of the second street, and what lies on its sides."""


def test_the_larger_part_of_a_split_keeps_the_name_and_the_map_shows_both(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "切下一条")
    page.keyboard.press("x")
    editors.draw(page, WEST_OF, EAST_OF)
    north, south = page.get_by_role("radio", name="A 部分"), page.get_by_role("radio", name="B 部分")
    expect(north).to_be_checked()
    assert editors.painted(page, A, *NORTH) > 100, "to the left of a line to the east"
    assert editors.painted(page, B, *SOUTH) > 100
    assert editors.painted(page, A, *SOUTH) == 0
    assert editors.painted(page, "#b3261e", 116.08, 38.99, 116.11, 39.1) > 100, "the grid that is cut is outlined"
    page.keyboard.press("Escape")
    assert editors.painted(page, B, *SOUTH) == 0
    editors.draw(page, EAST_OF, WEST_OF)
    expect(south).to_be_checked()
    expect(page.locator(".edit-panel label").filter(has=south)).to_contain_text("km²")
    page.get_by_label("新网格的名称").fill("路南")
    page.get_by_role("button", name="确定").click()
    editors.version(page, 2)
    page.keyboard.press("v")
    editors.click(page, (116.15, 39.06))
    expect(page.locator(".edit-panel h2")).to_have_text("和平社区")
    editors.click(page, (116.15, 39.01))
    expect(page.locator(".edit-panel h2")).to_have_text("路南")


def test_the_smaller_part_may_keep_the_name(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "小的沿用")
    page.keyboard.press("x")
    editors.draw(page, WEST_OF, EAST_OF)
    page.get_by_role("radio", name="B 部分").check()
    page.get_by_label("新网格的名称").fill("路北")
    page.get_by_role("button", name="确定").click()
    editors.version(page, 2)
    (operation,) = editors.plan_of(page, live)["operations"]
    assert operation["names"] == [None, "路北"], "what was not typed is not written down"
    page.keyboard.press("v")
    editors.click(page, (116.15, 39.06))
    expect(page.locator(".edit-panel h2")).to_have_text("路北")


def test_keys_work_right_after_a_name_was_given(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "更名后撤销")
    editors.click(page, (116.05, 39.15))
    page.get_by_label("名称", exact=True).fill("三里新社区")
    page.keyboard.press("Enter")
    editors.version(page, 2)
    page.keyboard.press("Control+z")
    editors.version(page, 3)
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="拆分")).to_have_attribute("aria-pressed", "true")


def test_acts_besides_drawing_offer_the_grids_they_need(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "划归")
    editors.click(page, (116.05, 39.15))
    page.get_by_text("更多操作").click()
    chosen = "input => [...input.list.options].map(option => option.value).sort()"
    assert page.get_by_label("划归其他上级").evaluate(chosen) == ["139901002"]
    near = page.get_by_label("范围并入").evaluate(chosen)
    assert near[0] == "139901001001"
    assert "139901001003" in near
    assert "139901001004" not in near
    expect(page.locator(".edit-panel")).not_to_contain_text("代码")


def test_tracing_says_how_it_goes(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "描边")
    page.keyboard.press("r")
    page.keyboard.press("t")
    expect(page.locator(".edit-bar")).to_contain_text("沿")
    page.keyboard.press("t")
    expect(page.locator(".edit-bar")).to_contain_text("新边界")


@pytest.mark.parametrize("ending", ["double click", "Enter"])
def test_a_new_border_ends_on_the_old_one_with_tracing_on_as_well(drawer: Page, live: Live, ending: str) -> None:
    page = drawer
    editors.begin(page, live, "139901", f"描边到边界 {ending}")
    editors.click(page, (116.15, 39.25))
    page.keyboard.press("r")
    page.keyboard.press("t")
    (west, south), (east, north) = node(1, 2), node(1, 3)
    upper = ((east - west) * 0.8 + west, (north - south) * 0.8 + south)
    for place in ((116.08, 39.22), (116.12, 39.25)):
        page.mouse.click(*editors.pixel(page, place))
        page.wait_for_timeout(300)
    if ending == "Enter":
        page.mouse.click(*editors.pixel(page, upper))
        page.keyboard.press("Enter")
    else:
        page.mouse.dblclick(*editors.pixel(page, upper))
    editors.version(page, 2)
    (step,) = editors.plan_of(page, live)["operations"]
    assert (step["op"], step["grid"]) == ("reshape", "139901002003")


def test_borders_of_the_grids_above_are_told_apart(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "上级边界")
    (x, south), (_x, north) = node(1, 1), node(1, 2)
    assert editors.painted(page, UPPER, x - 0.02, south + 0.02, x + 0.02, north - 0.02) > 40, "between two streets"
    assert editors.painted(page, UPPER, 116.02, 39.08, 116.08, 39.12) == 0, "between communities of one street"


def test_names_on_the_map_grow_in_elder_mode_and_tools_keep_their_words_whole(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "大字")
    letters = editors.painted(page, "#16263a", 116.0, 39.0, 116.2, 39.4)
    page.locator("summary").first.click()
    page.locator("button[name=elder]").click()
    editors.editor_of(page)
    assert editors.painted(page, "#16263a", 116.0, 39.0, 116.2, 39.4) > 1.2 * letters
    page.goto(f"{page.url}?lang=en")
    editors.editor_of(page)
    words = page.locator(".edit-tools > button > span")
    assert set(words.evaluate_all("all => all.map(each => each.getClientRects().length)")) == {1}


def test_on_a_phone_the_strip_is_read_and_the_tools_lie_free(drawer: Page, live: Live) -> None:
    editors.begin(drawer, live, "139901", "手机")
    drawer.set_viewport_size({"width": 390, "height": 844})
    facts = drawer.locator(".edit-strip > span").first.bounding_box()
    assert facts
    assert facts["width"] > 300
    tools, legend = (drawer.locator(each).bounding_box() for each in ("wg-grid-editor .map-tools", ".edit-legend"))
    assert tools
    assert legend
    assert tools["y"] + tools["height"] <= legend["y"]
    assert drawer.locator("wg-grid-editor .map-tools > :last-child").bounding_box()["height"] >= 40  # type: ignore[index]


def test_the_legend_leaves_the_scale_bar_free_in_elder_mode(drawer: Page, live: Live) -> None:
    editors.begin(drawer, live, "139901", "比例尺")
    drawer.set_viewport_size({"width": 1366, "height": 768})
    drawer.evaluate("document.documentElement.classList.add('elder')")
    legend, scale = (drawer.locator(each).bounding_box() for each in (".edit-legend", "wg-grid-editor .ol-scale-line"))
    assert legend
    assert scale
    assert legend["x"] + legend["width"] <= scale["x"]


def test_a_line_that_does_not_cut_is_refused_before_anything_is_asked(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "没切断")
    page.keyboard.press("x")
    editors.draw(page, (116.02, 39.04), (116.07, 39.06))
    expect(page.get_by_role("alert")).to_contain_text("没有把网格切成两部分")
    expect(page.get_by_label("新网格的名称")).to_have_count(0)
    editors.draw(page, (115.99, 39.05), (116.11, 39.05))
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("新网格的名称")).to_be_visible()
