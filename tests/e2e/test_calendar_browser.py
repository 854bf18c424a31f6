"""The working calendar in a real browser: readable, usable by keyboard and screen reader."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.test_people_browser import AXE, violations
from tests.unit.calendars.paper import NOTICE

pytestmark = pytest.mark.browser


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; ./wangge test installs it")
def test_a_year_is_imported_and_a_day_marked_by_keyboard(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/calendars/2027")
    expect(page.get_by_text("暂定").first).to_be_visible()
    page.locator("textarea[name=text]").fill(NOTICE)
    page.get_by_role("button", name="导入").press("Enter")
    expect(page.get_by_role("link", name="2027-01-31 日 上班 春节")).to_be_visible()
    day = page.get_by_role("link", name="2027-03-08 一 上班")
    day.focus()
    day.press("Enter")
    expect(page.get_by_label("日期")).to_have_value("2027-03-08")
    page.get_by_label("放假").check()
    page.get_by_role("textbox", name="名称").fill("妇女节")
    page.get_by_role("textbox", name="名称").press("Enter")
    expect(page.get_by_role("link", name="2027-03-08 一 休息 妇女节")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
