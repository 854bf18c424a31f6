"""Micro-grids on the map: drawn, named and chosen from zoom 16 on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.e2e.towns import click_middle, connected, map_of, plant_in
from tests.integration.access.making import PASSWORD, person
from tests.integration.grids.planting import micro_city

pytestmark = pytest.mark.browser

IN_THE_FIRST = "lon=116.05&lat=39.20"


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live, micro_city())


@pytest.mark.parametrize(("zoom", "chosen"), [(15, "139900-01"), (16, "139900-01-01"), (18, "139900-01-01")])
def test_a_click_chooses_the_micro_grid_where_it_is_drawn(
    sign_in: Callable[..., Page], live: Live, zoom: int, chosen: str
) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{IN_THE_FIRST}&z={zoom}")
    found = map_of(page)
    expect(found).to_have_attribute("data-visible", "139900-01 139900-01-01")
    click_middle(page)
    expect(found).to_have_attribute("data-selected", chosen)
    expect(page.locator(f'#grid-card [data-grid="{chosen}"]')).to_be_visible()


def test_what_needs_a_lower_level_is_not_offered_on_a_micro_grid(sign_in: Callable[..., Page], live: Live) -> None:
    with connected(live):
        person("drawer", "gis_admin")
    page = sign_in("drawer", PASSWORD)
    editors.begin(page, live, "139900", "微网格")
    net = page.get_by_label("按方格细分")
    editors.click(page, (116.3, 39.2))
    expect(net).to_be_visible()
    editors.click(page, (116.05, 39.3))
    expect(page.locator(".edit-panel h2")).to_have_text("柳树巷微网格")
    expect(net).to_have_count(0)
    page.keyboard.press("n")
    editors.draw(page, (115.99, 39.2), (116.08, 39.2))
    expect(page.get_by_role("alert")).to_contain_text("没有更低的层级")
