"""Lines that are drawn for a grid and do not do for it what they should."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.integration.grids.planting import node

pytestmark = pytest.mark.browser

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
