"""The map of a past day in the browser: choose the day, see what held, go back to today."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import click_middle, connected, map_of, plant_in, violations
from tests.integration.grids.planting import recode, rename

pytestmark = pytest.mark.browser

EAST = "lon=116.3&lat=39.2&z=9"


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)
    with connected(live):
        recode("139902", "139912", 2, dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
        rename("139912", "滨海县", 3, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), all_tiles=True)


def test_a_past_day_is_chosen_looked_at_and_left(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{EAST}")
    map_of(page)
    page.get_by_label("查看某日的网格").fill("2026-01-20")
    page.get_by_role("button", name="查看", exact=True).click()
    page.wait_for_url(lambda url: "as_of=2026-01-20" in url and "z=9" in url)
    map_of(page)
    strip = page.locator(".workbench > .strip")
    expect(strip).to_contain_text("正在查看 2026-01-20 的网格")
    click_middle(page)
    card = page.locator("#grid-card")
    expect(card.locator("h2")).to_have_text("东县")
    expect(card).to_contain_text("139902")
    expect(card).to_contain_text("今天：滨海县，代码 139912")
    expect(page.locator("#grid-tree .current")).to_contain_text("东县")
    assert "grid=139902" in page.url
    assert "as_of=2026-01-20" in page.url, "a link to this view keeps the day"
    assert violations(page) == []
    page.get_by_label("搜索", exact=True).fill("dongxian")
    hit = page.locator(".search-hits a")
    expect(hit).to_have_count(0)
    page.get_by_label("搜索", exact=True).fill("139901001")
    hit.first.click()
    expect(card.locator("h2")).to_have_text("东街街道")
    assert "as_of=2026-01-20" in page.url
    page.goto(f"{live.url}/map?grid=139902&as_of=2026-01-20")
    map_of(page)
    strip.get_by_role("link", name="返回今天").click()
    page.wait_for_url(lambda url: "as_of" not in url and "grid=139912" in url)
    expect(card.locator("h2")).to_have_text("滨海县")
    expect(strip).to_have_count(0)


def test_the_history_leads_to_the_map_of_then(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/grids/139902?tab=history")
    assert "/grids/139912" in page.url
    assert violations(page) == []
    page.get_by_role("link", name="查看当时的地图").last.click()
    found = map_of(page)
    expect(found).to_have_attribute("data-selected", "139902")
    expect(page.locator(".workbench > .strip")).to_contain_text("正在查看 2026-01-05 的网格")


def test_the_slider_of_versions_leads_to_their_days(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{EAST}")
    map_of(page)
    slider = page.get_by_label("网格版本")
    expect(slider).to_have_attribute("aria-valuetext", "今天")
    slider.press("ArrowLeft")
    page.wait_for_url(lambda url: "as_of=2026-03-01" in url)
    map_of(page)
    expect(slider).to_have_attribute("aria-valuetext", re.compile("2026-03-01 · v3"))
    slider.press("ArrowLeft")
    page.wait_for_url(lambda url: "as_of=2026-02-01" in url)
    map_of(page)
    assert violations(page) == []
    slider.press("End")
    page.wait_for_url(lambda url: "as_of" not in url)


def test_the_slider_waits_until_the_keys_rest_and_keeps_the_focus(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{EAST}")
    map_of(page)
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    slider = page.get_by_label("网格版本")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    page.wait_for_url(lambda url: "as_of=2026-02-01" in url)
    map_of(page)
    assert not any("as_of=2026-03-01" in url for url in visited)
    expect(slider).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "as_of=2026-03-01" in url)
    expect(slider).to_be_focused()
