"""A plugin's layer on the map: grouped, locked without the right, a click on a point brings its card."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.folks import PASSWORD, person
from tests.e2e.towns import click_middle, connected, map_of, plant_in, violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def city(live: Live, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("plugin")
    plant_in(live)
    with connected(live):
        person("newcomer")
    built = json.loads(live.cli("plugin", "build", "plugins/emergency", "--out", str(folder), "--json").stdout)
    live.cli("plugin", "install", built["file"])
    live.cli("plugin", "enable", "emergency")
    places = folder / "shelters.csv"
    places.write_text("name,lon,lat,capacity,address,office_phone\n北关小学操场,116.05,39.05,800,北关路 3 号,\n")
    live.cli("emergency", "import-shelters", str(places))


def test_a_click_on_a_point_brings_its_card(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?lon=116.05&lat=39.05&z=14")
    map_of(page)
    layers = page.get_by_role("complementary", name="网格与图层")
    expect(layers.locator("li.group")).to_have_text("应急管理")
    layers.get_by_label("避难场所").check()
    expect(page.get_by_role("group", name="图例")).to_contain_text("避难场所")
    card = page.locator("#map-feature article")
    expect(card).to_have_count(0)
    expect(page.locator("wg-map")).to_have_attribute("data-things", "emergency.shelters")
    click_middle(page)
    expect(card.get_by_role("heading")).to_have_text("北关小学操场")
    expect(card).to_contain_text("800 · 北关路 3 号")
    assert violations(page) == []
    card.get_by_role("link", name="打开").click()
    page.wait_for_url("**/p/emergency/")


def test_without_the_right_a_layer_is_locked(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in("newcomer", PASSWORD)
    page.goto(f"{live.url}/map")
    map_of(page)
    row = page.get_by_role("listitem").filter(has_text="避难场所")
    expect(row.get_by_role("checkbox")).to_be_disabled()
    expect(row.locator(".tag")).to_have_text("无权限")
