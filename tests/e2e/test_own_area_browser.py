"""The map opens on the part of the city that was granted to whoever looks; an address with a view wins."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.access.commands import GrantRole
from core.access.granting import grant_role
from core.db.session import work
from tests.e2e.conftest import Live
from tests.e2e.folks import PASSWORD, TESTER, person
from tests.e2e.towns import connected, map_of, plant_in

pytestmark = pytest.mark.browser

SHARED = "lon=116.30&lat=39.20&z=14"


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)
    with connected(live):
        person("jiedao", "grid_head", "139901002")
        person("quanshi", "leader")
        walker = person("liangge", "worker", "139901001004")
        with work(TESTER) as session:
            grant_role(session, GrantRole(walker, "worker", "139901002004"))


def test_a_street_clerk_sees_her_street_chosen_in_the_tree(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in("jiedao", PASSWORD)
    found = map_of(page)
    expect(found).to_have_attribute("data-selected", "139901002")
    # the middle of her street, not of the city at 116.2
    expect(page).to_have_url(re.compile(r"lon=116\.1[67]\d+&lat=39\.2"))
    expect(page.locator("#grid-card h2")).to_have_text("南街街道")
    tree = page.locator("#grid-tree")
    expect(tree.locator(".tree-row.current")).to_contain_text("南街街道")
    expect(tree.get_by_role("link", name="北关社区")).to_have_count(1)
    expect(tree.get_by_role("link", name="北关社区")).to_be_in_viewport()


def test_two_grids_open_on_the_first_with_a_link_to_the_other(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in("liangge", PASSWORD)
    found = map_of(page)
    expect(found).to_have_attribute("data-selected", "139901001004")
    others = page.get_by_role("navigation", name="我的网格")
    expect(others.get_by_role("link")).to_have_count(2)
    # closer than the zoom 10 of the city, over the two communities in the north
    expect(found).to_have_attribute("data-zoom", "11")
    expect(page).to_have_url(re.compile(r"lon=116\.11\d+&lat=39\.3"))
    others.get_by_role("link").last.click()
    expect(map_of(page)).to_have_attribute("data-selected", "139901002004")


def test_rights_for_the_whole_city_open_the_whole_city_and_its_card(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in("quanshi", PASSWORD)
    found = map_of(page)
    expect(found).to_have_attribute("data-visible", "139901001 139901002 139902")
    expect(page.locator("#grid-card h2")).to_have_text("试验市")
    expect(found).not_to_have_attribute("data-selected", re.compile(".+"))


def test_a_shared_view_wins_over_the_own_area(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in("jiedao", PASSWORD)
    page.goto(f"{live.url}/map?{SHARED}")
    found = map_of(page)
    expect(found).to_have_attribute("data-visible", "139902")
    expect(found).to_have_attribute("data-zoom", "14")
    expect(page.locator("#grid-card h2")).to_have_text("南街街道")  # hers, though the map looks elsewhere
    expect(found).not_to_have_attribute("data-selected", re.compile(".+"))
    page.goto(f"{live.url}/map?grid=139901001001")
    expect(map_of(page)).to_have_attribute("data-selected", "139901001001")
    expect(page.locator("#grid-tree .tree-row.current")).to_contain_text("和平社区")


def colours(page: Page, lon: float) -> Counter[tuple[int, ...]]:
    """Colours of a square of map without border, name or matter, at latitude 39.20."""
    page.goto(f"{page.url.split('?', maxsplit=1)[0]}?lon={lon}&lat=39.20&z=15")
    map_of(page)
    page.get_by_label("专题着色").select_option(label="未办结事项")
    expect(page.locator("wg-map")).to_have_attribute("data-theme", "open")  # as it is drawn
    box = page.locator("wg-map .map-view").bounding_box()
    assert box is not None
    clip = {"x": box["x"] + box["width"] / 2 - 20, "y": box["y"] + box["height"] / 2 - 20, "width": 40, "height": 40}
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]
    return Counter(picture.get_flattened_data())


def test_where_she_may_see_no_matters_the_theme_is_hatched(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in("jiedao", PASSWORD)
    own = colours(page, 116.13)
    legend = page.get_by_role("group", name="图例").locator("li.class")
    expect(legend).to_have_text([re.compile(r"0\s*4 个"), re.compile(r"无数据\s*4 个")])
    assert len(own) == 1, "a class is one plain colour"
    [(_ground, most)] = colours(page, 116.05).most_common(1)
    assert most < 1300, "lines run over a fifth of a hatch, 1,600 pixels here"
