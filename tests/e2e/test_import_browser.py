"""A GIS administrator without a shell imports Langfang in a browser: defects on the map, suggestions, approval."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.folks import PASSWORD, person
from tests.e2e.towns import connected, map_of, violations

pytestmark = [pytest.mark.browser, pytest.mark.real]

CITY = "admin/langfang_city_tianditu_4490.geojson"
MIXED = "admin/langfang_counties_mixed_sources_4490.geojson"
PATIENCE_MS = 120_000


def send(page: Page, live: Live, path: Path) -> None:
    page.goto(f"{live.url}/grids/import")
    page.get_by_label("边界文件").set_input_files(path)
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url(re.compile("/grids/import/[0-9a-f-]{36}"), timeout=PATIENCE_MS)


def middle_is_inside(page: Page) -> int:
    """The first defect whose own area holds the middle of its box, where the map is centred."""
    found = json.loads(page.request.get(f"{page.url}/defects.geojson").text())["features"]
    shapes = [(part["id"], shapely.geometry.shape(part["geometry"])) for part in found if part["geometry"]]
    return next(int(number) for number, shape in shapes if shape.contains(shape.envelope.centroid))


def test_langfang_comes_in_by_a_gis_administrator(
    sign_in: Callable[..., Page], live: Live, real_data: Callable[[str], Path]
) -> None:
    with connected(live):
        person("gis", "gis_admin")
    page = sign_in("gis", PASSWORD)
    page.set_default_timeout(PATIENCE_MS)
    send(page, live, real_data(CITY))
    page.get_by_role("button", name="批准：写入 1 个市").click()
    page.get_by_role("dialog").get_by_role("button", name="写入 1 个市").click()
    expect(page.get_by_text("网格已写入，为第 1 版")).to_be_visible()

    send(page, live, real_data(MIXED))
    expect(page.get_by_role("alert").or_(page.get_by_role("status")).first).to_contain_text("重叠 9")
    shown = page.locator("wg-preview-map")
    expect(shown).to_have_attribute("data-ready", "true")
    expect(page.locator("#defects tbody tr").filter(visible=True)).to_have_count(5)
    page.get_by_text("缺陷清单").click()
    rows = page.locator("#defects details tbody tr")
    expect(rows.filter(visible=True)).to_have_count(10)
    rows.nth(2).click()
    expect(shown).to_have_attribute("data-chosen", "2")
    expect(rows.nth(2)).to_have_class("current")
    expect(page.locator(".map-fact")).to_contain_text("km²")
    solid = middle_is_inside(page)
    rows.nth(solid).locator("button").dispatch_event("click")
    expect(shown).to_have_attribute("data-chosen", str(solid))
    shown.evaluate("map => map.dataset.chosen = ''")
    box = shown.locator(".map-view").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(shown).not_to_have_attribute("data-chosen", "")
    expect(page.locator("#defects tr.current")).to_have_count(1)
    assert violations(page) == []

    expect(page.get_by_role("checkbox", name="修补边界")).to_be_checked()
    page.get_by_role("button", name="按建议重新检查").click()
    width = page.get_by_label("填补缝隙，宽度不超过")
    expect(width).to_have_value(re.compile(r"13\d\d"))
    page.get_by_role("button", name="按建议重新检查").click()
    expect(shown).to_have_attribute("data-ready", "true")
    expect(shown).not_to_have_attribute("data-moved-count", "0")
    page.get_by_role("button", name="131003", exact=True).first.click()
    expect(page.locator(".map-fact")).to_contain_text("131003")
    page.get_by_role("button", name="批准：写入 10 个县").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("廊坊市 131000")
    asked.get_by_role("checkbox", name="我已核对移动的部分").check()
    asked.get_by_role("button", name="写入 10 个县").click()
    expect(page.get_by_text("网格已写入，为第 2 版")).to_be_visible()
    page.goto(f"{live.url}/map")
    expect(map_of(page)).to_have_attribute("data-visible", re.compile("131002"))
