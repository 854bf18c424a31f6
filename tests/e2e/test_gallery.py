"""Every macro is shown, accessible, quiet and usable without scripts; the look pages keep their contract."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.settings import CHECKOUT
from tests.e2e.conftest import Live

pytestmark = pytest.mark.browser

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = ("/-/gallery", "/map", "/glossary", "/settings", "/problems/conflict")


def violations(page: Page, axe: Path) -> list[str]:
    # Read into the page by the protocol: the policy of the page lets no other script in.
    page.evaluate(axe.read_text())
    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found["violations"] for node in fault["nodes"]]


def test_no_page_of_the_look_breaks_the_rules_of_access(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    for path in PAGES:
        page.goto(live.url + path)
        page.wait_for_load_state("networkidle")
        assert violations(page, AXE) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_parts_answer_to_the_keyboard_and_the_pointer(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/-/gallery")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="打开对话框").click()
    expect(page.get_by_role("dialog", name="打开对话框")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="搜索").first).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("tr.current")).to_contain_text("楼道堆放杂物")
    page.get_by_role("button", name="再加一项").click()
    expect(page.locator('input[name="form.people.2.name"]')).to_be_focused()


def test_language_and_text_size_are_kept(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/glossary?lang=zh")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Words explained")
    page.get_by_text("管理员").click()
    page.get_by_role("button", name="Larger text").click()
    expect(page.locator("html")).to_have_css("font-size", "20px")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("名词解释")


def test_without_scripts_the_parts_stand(sign_in: Callable[..., Page], live: Live, browser: Browser) -> None:
    state = sign_in().context.storage_state()
    context = browser.new_context(storage_state=state, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live.url}/-/gallery")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#gallery-dialog")).to_be_hidden()
    page.get_by_role("button", name="打开对话框").click()
    expect(page.locator("#gallery-dialog")).to_be_visible()
    page.locator("#gallery-dialog").get_by_role("button", name="关闭").click()
    expect(page.locator("#gallery-dialog")).to_be_hidden()
    expect(page.locator('input[name="form.people.1.name"]')).to_be_visible()
    context.close()


def test_an_empty_city_offers_its_two_beginnings(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map")
    expect(page.locator("wg-map")).to_have_attribute("data-ready", "true")
    expect(page.get_by_role("button", name="载入演示城市")).to_be_visible()
    expect(page.get_by_role("link", name="导入本地边界")).to_have_attribute("href", "/grids/import")
    page.get_by_role("button", name="载入演示城市").click()
    expect(page.get_by_role("status").filter(has_text="正在载入演示城市")).to_be_visible()
