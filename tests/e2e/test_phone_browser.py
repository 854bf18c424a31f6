"""On a phone: five places and the menu of the others, the map with its sheet, lists as cards, nothing over the rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import click_middle, map_of, plant_in, violations

pytestmark = pytest.mark.browser

PHONE = (390, 844)


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)


@pytest.fixture
def phone(sign_in: Callable[..., Page]) -> Page:
    page = sign_in()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return page


def height(found: Locator) -> float:
    box = found.bounding_box()
    assert box is not None
    return box["height"]


def test_the_bar_has_places_the_report_in_their_middle_and_the_menu_of_the_others(phone: Page, live: Live) -> None:
    phone.goto(f"{live.url}/matters")
    bar = phone.get_by_role("navigation", name="主菜单")
    more = bar.locator("summary")
    shown = [link for link in bar.get_by_role("link").all() if link.is_visible()]
    assert 3 <= len(shown) <= 6
    assert [link.inner_text() for link in shown].index("上报") == 2
    assert bar.get_by_role("link", name="上报").evaluate("link => link.scrollHeight <= link.clientHeight")
    word = bar.get_by_text("上报").bounding_box()
    assert word is not None
    assert word["y"] + word["height"] <= PHONE[1], "the word stands whole in the bar"
    if more.count():
        more.click()
        expect(bar.locator(".menu-list a").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_english_words_stand_whole_in_the_bar(phone: Page, live: Live) -> None:
    phone.goto(f"{live.url}/matters?lang=en")
    words = phone.get_by_role("navigation", name="Main menu").locator("> a > span:visible")
    expect(words.first).to_have_text("Map")
    whole = (
        "words => words.every(word => word.scrollHeight <= word.clientHeight && word.scrollWidth <= word.clientWidth)"
    )
    assert words.evaluate_all(whole)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_step_of_a_matter_is_cut_off(phone: Page, live: Live, language: str) -> None:
    title = f"路面塌陷 {language}"
    live.cli("matter", "report", "--kind", "general", "--lon", "116.05", "--lat", "39.05", "--title", title)
    phone.goto(f"{live.url}/matters?tab=area&q={title}")
    phone.get_by_role("link", name=title, exact=True).click()
    phone.wait_for_url("**/matters/*-*")
    phone.goto(f"{phone.url}?lang={language}")
    steps = phone.locator(".stepper > li")
    boxes = [step.bounding_box() for step in steps.all()]
    assert len(boxes) > 3
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0] for box in boxes)
    assert steps.evaluate_all("steps => steps.every(step => step.scrollWidth <= step.clientWidth)")
    assert violations(phone) == []


@pytest.mark.parametrize(("path", "field", "typed"), [("/matters", "内容", "井盖"), ("/users", "内容", "admin")])
def test_filters_are_folded_behind_a_button_that_counts_them(
    phone: Page, live: Live, path: str, field: str, typed: str
) -> None:
    phone.goto(f"{live.url}{path}")
    wanted = phone.locator("form.filters").get_by_label(field)
    button = phone.locator(".filters-fold summary")
    expect(button).to_have_text("筛选")
    expect(wanted).to_be_hidden()
    button.click()
    wanted.fill(typed)
    wanted.press("Enter")
    expect(button).to_have_text("筛选 · 已设 1 项")
    expect(wanted).to_be_hidden()
    assert violations(phone) == []
    phone.set_viewport_size({"width": 1366, "height": 768})
    expect(wanted).to_be_visible()
    expect(button).to_be_hidden()


def test_a_filter_that_was_refused_stands_open(phone: Page, live: Live) -> None:
    page = phone.context.new_page()  # the refused request may be told in its console
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(f"{live.url}/matters?state=open&grid=139901009")
    expect(page.locator("form.filters").get_by_label("网格")).to_be_visible()


def test_a_click_on_the_map_brings_a_strip_that_opens_to_the_whole_card(phone: Page, live: Live) -> None:
    phone.goto(f"{live.url}/map")
    found = map_of(phone)
    whole = height(found)
    assert whole > 600
    click_middle(phone, right=-60)
    strip = phone.get_by_role("complementary", name="选中内容")
    bench = phone.locator(".workbench")
    expect(bench).to_have_attribute("data-sheet", "strip")  # by a script that comes late
    expect(strip.get_by_role("heading", level=2)).to_be_visible()
    assert height(found) > whole / 2, "the map stays in sight"
    strip.get_by_role("button", name="选中内容").click()
    expect(bench).to_have_attribute("data-sheet", "card")
    assert height(strip) > whole / 2
    strip.get_by_role("button", name="选中内容").click()
    phone.get_by_role("button", name="网格与图层", exact=True).first.click()
    expect(phone.get_by_label("网格名称")).to_be_visible()
    expect(strip).to_be_hidden()
    assert violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
