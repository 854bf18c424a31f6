"""A refused file decided on defect by defect in a browser: the list beside the map, choices kept, approval."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.boundaries import CITY, HALVES, layer, square
from tests.e2e.conftest import Live
from tests.e2e.folks import PASSWORD, person
from tests.e2e.test_import_browser import send
from tests.e2e.towns import connected, violations
from tests.integration.grids.bringing import proven

pytestmark = pytest.mark.browser


def test_a_refused_file_is_decided_on_defect_by_defect(
    sign_in: Callable[..., Page], live: Live, tmp_path: Path
) -> None:
    (tmp_path / "city.geojson").write_bytes(CITY)
    (tmp_path / "counties.geojson").write_bytes(layer(HALVES[0], ("139902", "东县", square(1, 0, 4, 4))))
    with connected(live):
        person("gis", "gis_admin")
    page = sign_in("gis", PASSWORD)
    send(page, live, tmp_path / "city.geojson")
    page.get_by_role("button", name="批准：写入 1 个市").click()
    page.get_by_role("dialog").get_by_role("button", name="写入 1 个市").click()
    expect(page.get_by_text("网格已写入，为第 1 版")).to_be_visible()

    send(page, live, tmp_path / "counties.geojson")
    page.get_by_role("button", name="逐项处理缺陷").click()
    shown = page.locator("wg-preview-map")
    expect(shown).to_have_attribute("data-ready", "true")
    row = page.locator("#decisions tbody tr").first
    row.locator("[data-go]").click()
    expect(shown).to_have_attribute("data-chosen", "0")
    expect(row).to_have_class("current")
    other = row.get_by_role("radio", checked=False).first
    wanted = other.get_attribute("value")
    other.check()
    page.get_by_role("button", name="按所选方式检查").click()
    expect(page.locator("#decisions tbody tr").first.get_by_role("radio", checked=True)).to_have_value(str(wanted))
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.set_viewport_size({"width": 1366, "height": 768})

    page.get_by_role("button", name="批准：写入 2 个县").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="写入 2 个县").click()
    expect(page.get_by_text("网格已写入，为第 2 版")).to_be_visible()
    with connected(live):
        assert proven().exact

    expect(page.get_by_role("button", name="按所选方式检查")).to_have_count(0)
    page.get_by_role("link", name="处理结果").click()
    expect(page.get_by_role("heading", name="边界导入")).to_be_visible()
    expect(page.locator("tbody tr").first).to_contain_text("县")
    decided = page.url
    assert violations(page) == []
    page.goto(f"{live.url}/grids/139901?tab=history")
    page.get_by_role("link", name="导入", exact=True).click()
    expect(page).to_have_url(decided)
