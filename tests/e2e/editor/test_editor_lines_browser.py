"""Lines that are drawn for a grid and do not do for it what they should."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.integration.grids.planting import node

pytestmark = pytest.mark.browser

PROBLEM = "#c2185b"
IN = (116.05, 39.05)
TWICE = ((116.02, 38.99), (116.03, 39.04), (116.04, 38.985), (116.055, 38.985), (116.065, 39.04), (116.075, 38.99))
"""In and out of the grid from the south, two times."""


def test_of_a_line_that_cuts_twice_no_sides_are_asked_but_the_second_cut_is_shown(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "切了两次")
    for language, why, there in (("zh", "每切一次请单独画一条线", "定位"), ("en", "one line for each cut", "Go there")):
        page.context.add_cookies([{"name": "lang", "value": language, "url": live.url}])
        page.reload()
        editors.editor_of(page)
        editors.click(page, IN)
        page.keyboard.press("x")
        editors.draw(page, *TWICE)
        expect(page.get_by_role("alert")).to_contain_text(why)
        expect(page.get_by_role("alert").get_by_role("button", name=there)).to_be_visible()
        expect(page.get_by_role("radio")).to_have_count(0)


def test_a_line_outside_of_the_grid_that_is_divided_is_told_and_not_counted(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "画到外面")
    for language, one, why in (
        ("zh", "已画 1 条线", "在正在划分的网格之外"),
        ("en", "1 lines drawn", "lies outside the grid"),
    ):
        page.context.add_cookies([{"name": "lang", "value": language, "url": live.url}])
        page.reload()
        editors.editor_of(page)
        editors.click(page, IN)
        page.keyboard.press("n")
        editors.draw(page, (116.03, 38.99), (116.03, 39.11))
        expect(page.locator(".edit-panel")).to_contain_text(one)
        editors.draw(page, (116.12, 39.05), (116.17, 39.05))
        expect(page.get_by_role("alert")).to_contain_text(why)
        expect(page.locator(".edit-panel")).to_contain_text(one)


def test_a_new_border_is_for_the_grid_that_it_meets_not_for_one_selected_elsewhere(drawer: Page, live: Live) -> None:
    page = drawer
    editor = editors.begin(page, live, "139901", "别处选中")
    editors.click(page, (116.05, 39.35))
    expect(editor).to_have_attribute("data-selected", "139901001004")
    page.keyboard.press("r")
    (west, south), (east, north) = node(1, 0), node(1, 1)
    at = [(west + (east - west) * share, south + (north - south) * share) for share in (0.25, 0.75)]
    editors.draw(page, at[0], (at[0][0] + 0.02, (at[0][1] + at[1][1]) / 2), at[1])
    editors.version(page, 2)
    (step,) = editors.plan_of(page, live)["operations"]
    assert step["op"] == "reshape"
    assert step["grid"] in {"139901001001", "139901002001"}


def test_a_line_that_the_editor_refuses_stays_and_is_corrected_by_its_corners(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "没切断，改一改")
    page.keyboard.press("x")
    editors.draw(page, (115.99, 39.05), (116.07, 39.05))
    expect(page.get_by_role("alert")).to_contain_text("拖动其顶点即可改正")
    editors.drag(page, (116.07, 39.05), (116.12, 39.06))
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_label("新网格的名称").fill("路北")
    page.get_by_role("button", name="确定").click()
    editors.version(page, 2)


def test_a_new_border_that_the_server_refuses_stays_until_another_tool_is_taken(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "改界被拒")
    page.keyboard.press("r")
    (west, south), (east, north) = node(1, 0), node(1, 1)
    end = (west + (east - west) * 0.8, south + (north - south) * 0.8)
    editors.draw(page, (116.05, 39.02), (116.08, 39.05), end)
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("没有两次穿过同一边界")
    circle = (116.02, 38.99, 116.14, 39.1)
    assert editors.painted(page, PROBLEM, *circle) > 20
    page.keyboard.press("c")
    expect(refused).to_have_count(0)
    expect(page.locator(".edit-bar")).to_contain_text("画出")
    assert editors.painted(page, PROBLEM, *circle) == 0
    page.keyboard.press("r")
    editors.draw(page, (116.05, 39.02), (116.08, 39.05), end)
    expect(refused).to_contain_text("没有两次穿过同一边界")
    editors.drag(page, (116.05, 39.02), (west + (east - west) * 0.2, south + (north - south) * 0.2))
    editors.version(page, 2)
    expect(refused).to_have_count(0)


def test_a_division_first_asks_for_its_grid_which_a_click_chooses(drawer: Page, live: Live) -> None:
    page = drawer
    editor = editors.begin(page, live, "139901", "细分先选")
    bar, net = page.locator(".edit-bar"), page.get_by_label("按方格细分")
    page.keyboard.press("n")
    expect(bar).to_contain_text("点击要细分的网格")
    editors.click(page, IN)
    expect(editor).to_have_attribute("data-selected", "139901001001")
    expect(net).to_be_visible()
    expect(bar).to_contain_text("右侧填方格边长")
    editors.draw(page, (116.03, 38.99), (116.03, 39.11))
    expect(page.locator(".edit-panel")).to_contain_text("已画 1 条线")
    page.keyboard.press("Enter")
    editors.version(page, 2)
    (step,) = editors.plan_of(page, live)["operations"]
    assert (step["op"], step["grid"]) == ("subdivide", "139901001001")
