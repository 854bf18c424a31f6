"""A GIS administrator repairs a damaged city in a browser: list, map, choice, a look at what follows, the record."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.db.cluster import Cluster
from tests.e2e.conftest import Live
from tests.e2e.folks import PASSWORD, person
from tests.e2e.towns import connected, plant_in, violations
from tests.integration.grids import planting
from tests.integration.grids.bringing import proven
from tests.integration.grids.damaging import moved, redraw

pytestmark = pytest.mark.browser

SOUTH_WEST, NEXT_NORTH = "139901001001", "139901001002"


@pytest.fixture(scope="module")
def damaged(live: Live, cluster: Cluster) -> Live:
    plant_in(live)
    with connected(live):
        person("gis", "gis_admin")
        person("head", "grid_head")
        redraw(cluster, live.environment["WANGGE_DATABASE_URL"], SOUTH_WEST, moved(planting.node(1, 1), -0.01, -0.01))
    return live


def test_who_may_not_repair_is_not_led_there(sign_in: Callable[..., Page], damaged: Live) -> None:
    page = sign_in("head", PASSWORD)
    page.goto(f"{damaged.url}/grids")
    expect(page.get_by_role("link", name="检查")).to_have_count(0)


def test_a_damaged_city_is_repaired(sign_in: Callable[..., Page], damaged: Live) -> None:
    page = sign_in("gis", PASSWORD)
    page.goto(f"{damaged.url}/grids")
    page.get_by_role("link", name="检查").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("修复边界")
    shown = page.locator("wg-preview-map")
    expect(shown).to_have_attribute("data-ready", "true")
    expect(shown).to_have_attribute("data-problem-count", re.compile("[1-9]"))
    row = page.locator("#decisions tbody tr").first
    row.locator("[data-go]").click()
    expect(shown).to_have_attribute("data-chosen", "1")
    expect(row).to_have_class("current")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.set_viewport_size({"width": 1366, "height": 768})

    row.get_by_role("radio").and_(page.locator(f'[value="give:{NEXT_NORTH}"]')).check()
    page.get_by_label("原因，").or_(page.locator("#reason")).first.fill("一个角被误改")
    page.get_by_role("button", name="查看修复结果").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("按此修复边界？")
    expect(dialog).to_contain_text("一个角被误改")
    assert violations(page) == []
    dialog.get_by_role("button", name="修复", exact=True).click()
    page.wait_for_url(re.compile("/grids/repair/[0-9a-f-]{36}"))
    expect(page.locator("body")).to_contain_text("边界已修复，并经证明严密无缝。")
    assert violations(page) == []
    with connected(damaged):
        assert proven().exact
    page.goto(f"{damaged.url}/grids/repair")
    expect(page.locator(".empty")).to_contain_text("全域网格严密")
    assert violations(page) == []
