"""A boundary file by the browser: upload, refusal with defects on the map, a mended file, approval, the map."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.boundaries import CITY, COUNTIES, GAPPED
from tests.e2e.conftest import Live
from tests.e2e.towns import eventually, map_of, still, violations

pytestmark = pytest.mark.browser


def upload(page: Page, live: Live, name: str, content: bytes) -> None:
    page.goto(f"{live.url}/grids/import")
    file: FilePayload = {"name": name, "mimeType": "application/geo+json", "buffer": content}
    page.get_by_label("边界文件").set_input_files(file)
    page.locator('form[enctype="multipart/form-data"] button.btn-primary').click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def approve(page: Page) -> None:
    page.get_by_role("button", name="批准：写入").click()
    page.get_by_role("dialog").get_by_role("button", name="写入").click()
    expect(page.locator('form[action$="/approve"]')).to_have_count(0)


def test_a_city_grows_from_files_and_a_gap_is_shown(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    upload(page, live, "city.geojson", CITY)
    approve(page)

    upload(page, live, "gapped.geojson", GAPPED)
    expect(page.locator("form[action$='/approve']")).to_have_count(0)
    expect(page.locator("#defects details tbody tr")).to_have_count(1)
    preview = page.locator("wg-preview-map .map-view")
    expect(page.locator("wg-preview-map")).to_have_attribute("data-ready", "true")
    before = still(preview)
    page.locator("#defects [data-go]").first.click()
    eventually(page, lambda: preview.screenshot() != before, "the map does not go to the defect")
    assert violations(page) == []

    upload(page, live, "counties.geojson", COUNTIES)
    approve(page)
    page.goto(f"{live.url}/map")
    expect(map_of(page)).to_have_attribute("data-visible", "139901 139902")
