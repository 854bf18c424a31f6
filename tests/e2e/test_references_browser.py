"""Reference layers on the maps: under the grids, switched by the person, remembered by the browser."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.db.base import new_id
from core.db.session import work
from core.grids.plans import drafts
from tests.e2e.conftest import Live
from tests.e2e.editors import editor_of
from tests.e2e.folks import PASSWORD, acting, person
from tests.e2e.towns import click_middle, connected, map_of, plant_in, violations
from tests.integration.grids.planting import SOUTH, WEST
from tests.integration.layers.laying import save

pytestmark = pytest.mark.browser

LON, LAT = WEST + 0.05, SOUTH + 0.05
SOURCE = "市自然资源局 2026"


@pytest.fixture(scope="module", autouse=True)
def city(live: Live, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("layers")
    plant_in(live)
    lake = save(folder / "water.gpkg", [shapely.Point(LON, LAT).buffer(0.004)], {"name": ["月湖"], "水质": ["Ⅱ类"]})
    doors = save(folder / "doors.gpkg", [shapely.Point(LON, LAT)], {"门牌号": ["12"]})
    live.cli("layer", "import", str(lake), "--kind", "water", "--source", SOURCE, "--attribute", "水质", "--hidden")
    live.cli("layer", "import", str(doors), "--kind", "housenumbers")


def colour(view: Locator) -> tuple[int, ...]:
    """Of the map, beside its middle."""
    with Image.open(io.BytesIO(view.screenshot())) as picture:
        found = picture.convert("RGB").getpixel((picture.width // 2 + 40, picture.height // 2 + 40))
    assert isinstance(found, tuple)
    return found


def look(page: Page, live: Live) -> Locator:
    page.goto(f"{live.url}/map?lon={LON}&lat={LAT}&z=16")
    map_of(page)
    return page.locator("wg-map .map-view")


def test_a_layer_is_switched_on_under_the_grids_and_remembered(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    view = look(page, live)
    box = page.get_by_role("complementary", name="网格与图层").get_by_label("水系")
    expect(box).not_to_be_checked()
    expect(page.locator(".ol-attribution")).not_to_contain_text(SOURCE)
    plain = colour(view)
    with page.expect_response("**/tiles/layers/water/**"):
        box.check()
    expect(page.locator(".ol-attribution")).to_contain_text(SOURCE)
    page.wait_for_timeout(500)
    wet = colour(view)
    assert wet != plain
    assert wet[2] > wet[0]
    click_middle(page)
    expect(page.locator("wg-map")).to_have_attribute("data-selected", "139901001001")
    view = look(page, live)
    expect(box).to_be_checked()
    expect(page.locator(".ol-attribution")).to_contain_text(SOURCE)
    box.uncheck()
    page.wait_for_timeout(500)
    look(page, live)
    expect(box).not_to_be_checked()
    assert violations(page) == []


def test_what_was_kept_of_a_thing_stands_beside_the_map_once_it_is_clicked(
    sign_in: Callable[..., Page], live: Live
) -> None:
    page = sign_in()
    view = look(page, live)
    page.get_by_role("complementary", name="网格与图层").get_by_label("水系").check()
    page.wait_for_timeout(500)
    click_middle(page)
    card = page.locator("#map-reference article")
    expect(card).to_contain_text("月湖")
    expect(card).to_contain_text("水质")
    expect(card).to_contain_text("Ⅱ类")
    expect(page.locator("wg-map")).to_have_attribute("data-selected", "139901001001")
    assert violations(page) == []
    box = view.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60, box["y"] + box["height"] / 2)
    expect(card).to_have_count(0)


def test_the_pick_map_has_the_same_layers_with_a_switch_of_its_own(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/-/gallery")
    picker = page.locator("wg-point-picker").first
    picker.scroll_into_view_if_needed()
    picker.get_by_text("参考图层").click()
    expect(picker.get_by_role("checkbox")).to_have_count(2)
    picker.get_by_label("门牌号").check()
    look(page, live)
    expect(page.get_by_role("complementary", name="网格与图层").get_by_label("门牌号")).to_be_checked()


def test_a_plan_is_drawn_and_compared_over_the_same_layers(sign_in: Callable[..., Page], live: Live) -> None:
    with connected(live):
        drawer = acting(person("drawer", "gis_admin"))
        with work(drawer) as session:
            plan = drafts.create_plan(session, drafts.NewPlan(new_id(), "139901001", "改名", ""))
            rename = {"op": "rename", "grid": "139901001001", "name": "月湖社区"}
            drafts.add_operations(session, plan.id, plan.version, [rename])
    page = sign_in("drawer", PASSWORD)
    page.goto(f"{live.url}/grids/plans/{plan.id}/edit")
    editor = editor_of(page)
    editor.get_by_text("参考图层").click()
    with page.expect_response("**/tiles/layers/water/**"):
        editor.get_by_label("水系").check()
    expect(editor.locator(".ol-attribution")).to_contain_text(SOURCE)
    assert violations(page) == []
    page.goto(page.url.removesuffix("/edit"))
    sides = page.locator("wg-compare-map figure")
    expect(sides).to_have_count(2)
    for side in (sides.first, sides.last):
        expect(side.locator(".ol-attribution")).to_contain_text(SOURCE)
    sides.first.get_by_text("参考图层").click()
    sides.first.get_by_label("水系").uncheck()
    for side in (sides.first, sides.last):
        expect(side.locator(".ol-attribution")).not_to_contain_text(SOURCE)


@pytest.mark.parametrize(("width", "height", "kind"), [(1366, 768, "roads"), (390, 844, "other")])
def test_the_pages_of_the_layers_are_for_everybody(
    sign_in: Callable[..., Page], live: Live, tmp_path: Path, width: int, height: int, kind: str
) -> None:
    with connected(live):
        person(f"gis-{width}", "gis_admin")
    page = sign_in(f"gis-{width}", PASSWORD)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{live.url}/grids/layers")
    assert violations(page) == []
    road = shapely.LineString([(LON, LAT), (LON + 0.01, LAT)])
    roads = save(tmp_path / "roads.gpkg", [road], {"路名": ["和平路"], "建成": ["是"]})
    page.get_by_label("文件", exact=False).first.set_input_files(roads)
    page.get_by_label("图层种类").select_option(kind)
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("1 行中的 1 行已显示在地图上")).to_be_visible()
    page.get_by_role("checkbox", name="建成 不保留").check()
    assert violations(page) == []
    page.get_by_role("button", name="保留勾选的字段").click()
    expect(page.get_by_role("checkbox", name="建成 保留")).to_be_checked()
    page.get_by_role("link", name="显示方式").click()
    assert violations(page) == []
    page.get_by_role("link", name="替换内容").click()
    page.get_by_label("文件", exact=False).first.set_input_files(roads)
    assert violations(page) == []
    page.get_by_role("button", name="读取文件").click()
    expect(page.get_by_role("button", name="用 1 个要素替换现有的 1 个")).to_be_visible()
    assert violations(page) == []
    for look in ("", "?lang=en"):
        page.goto(f"{live.url}/grids/layers{look}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.documentElement.classList.add('elder')")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
