"""The ten counties of Langfang on the first map: no name is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import map_of

pytestmark = [pytest.mark.browser, pytest.mark.real]

COUNTIES = "三河市 固安县 大厂回族自治县 大城县 安次区 广阳区 文安县 永清县 霸州市 香河县"


@pytest.mark.parametrize("size", [(1366, 768), pytest.param((390, 844), marks=pytest.mark.long)])
def test_the_first_map_names_every_county(
    sign_in: Callable[..., Page], live: Live, real_data: Callable[[str], Path], size: tuple[int, int]
) -> None:
    if not live.cli("grid", "tree", "--json").stdout.strip():
        city = str(real_data("admin/langfang_city_tianditu_4490.geojson"))
        live.cli("grid", "import", city, "--level", "city")
        counties = str(real_data("admin/langfang_counties_tianditu_4490.geojson"))
        live.cli("grid", "import", counties, "--level", "county", "--parent", "131000")
    page = sign_in()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{live.url}/map")
    expect(map_of(page)).to_have_attribute("data-names", COUNTIES)
