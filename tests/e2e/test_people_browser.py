"""First login and the pages of people in a real browser: silent, readable, usable by keyboard and screen reader."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.settings import CHECKOUT
from tests.e2e.conftest import Live

pytestmark = pytest.mark.browser

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/account",
    "/account/notices",
    "/account/notices/choices",
    "/settings/channels",
    "/settings/webhooks",
    "/settings/deliveries",
    "/account/password",
    "/users",
    "/grants",
    "/departments",
    "/posts",
    "/people/import",
)


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, as rule and element."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}))"
        ".violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html}`))"
    )
    return [str(entry) for entry in found]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; ./wangge test installs it")
def test_the_pages_of_people_are_accessible_and_fit_a_phone(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    for path in PAGES:
        page.goto(f"{live.url}{path}")
        assert violations(page) == [], path
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.set_viewport_size({"width": 1366, "height": 768})


def test_filters_begin_where_the_list_begins(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    for path in ("/settings/deliveries", "/users"):
        page.goto(f"{live.url}{path}")
        field, panel = (page.locator(found).first.bounding_box() for found in (".filters .control", ".panel"))
        assert field, path
        assert panel, path
        assert field["x"] == pytest.approx(panel["x"], abs=1), path


def test_the_first_administrator_chooses_a_password_and_appoints_somebody(
    sign_in: Callable[..., Page], live: Live
) -> None:
    page = sign_in()
    expect(page).to_have_url(re.compile(r"/map(\?|$)"))  # the map writes its view into the address
    page.goto(f"{live.url}/users")
    page.get_by_role("button", name="新增人员").click()
    expect(page.get_by_label("登录名", exact=True)).to_be_focused()
    page.get_by_label("登录名", exact=True).fill("qian")
    page.get_by_label("姓名", exact=True).fill("钱卫国")
    page.locator("select[name=role]").last.select_option("security_admin")
    page.get_by_role("button", name="新增", exact=True).click()
    expect(page.get_by_text("一次性密码").first).to_be_visible()
    expect(page.locator(".slip").get_by_text("qian", exact=True)).to_be_visible()
    page.goto(f"{live.url}/map")
    expect(page.get_by_role("link", name="网格", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name="人员", exact=True)).to_have_count(0)
