"""Maps and grid cards on paper: the sheet of the map, the browser's own print, one A4 page, outlines, tables."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import map_of, plant_in, still

pytestmark = pytest.mark.browser

WEST_COMMUNITY = "lon=116.05&lat=39.05&z=13"


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)


def test_the_map_is_printed_on_a_sheet_of_its_own(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?grid=139901001001")
    map_of(page)
    expect(page.locator("#grid-card h2")).to_have_text("和平社区")
    page.evaluate("() => { window.print = () => undefined; }")
    page.get_by_role("button", name="打印地图").click()
    sheet = page.locator(".map-sheet")
    for words in ("和平社区", "全域网格版本 1", "CGCS2000", "村（社区）"):
        expect(sheet).to_contain_text(words)
    for side, pixels in (("naturalWidth", 2080), ("naturalHeight", 1320)):
        expect(sheet.locator("img")).to_have_js_property(side, pixels)


def test_the_browsers_own_print_of_the_workbench_is_the_map(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    map_of(page)
    page.emulate_media(media="print")
    for hidden in (".pane.left", ".pane.right", ".map-tools"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".map-legend")).to_be_visible()
    box = page.locator("wg-map .ol-viewport").bounding_box()
    assert box
    assert box["height"] > 500


def test_on_paper_the_browsers_own_print_draws_the_map_as_wide_as_the_paper(
    sign_in: Callable[..., Page], live: Live
) -> None:
    page = sign_in()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    map_of(page)
    page.evaluate("""() => matchMedia("print").addEventListener("change", ({ matches }) => {
        const view = document.querySelector("wg-map .map-view");
        if (matches) window.drawn = [view.clientWidth, view.querySelector("canvas").width];
    })""")
    page.pdf(prefer_css_page_size=True)
    paper, drawn = page.evaluate("window.drawn")
    assert paper > 600
    assert drawn == paper
    expect(page.locator("wg-map canvas").first).to_have_js_property("width", 390)


def test_the_outline_on_a_printed_card_fills_the_height_of_its_frame(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    for code in ("139900", "139901", "139901001001"):
        page.goto(f"{live.url}/grids/{code}/print")
        page.emulate_media(media="print")
        expect(page.locator("wg-preview-map")).to_have_attribute("data-ready", "true")
        picture = Image.open(io.BytesIO(still(page.locator("wg-preview-map .map-view")))).convert("RGB")
        ground = picture.getpixel((picture.width // 4, picture.height // 2))
        column = [picture.getpixel((picture.width // 2, y)) for y in range(4, picture.height - 4)]
        drawn = sum(colour != ground for colour in column)
        assert drawn > 0.7 * picture.height, code


@pytest.mark.parametrize("what", ["map", "card"])
def test_a_print_is_one_a4_sheet(sign_in: Callable[..., Page], live: Live, what: str) -> None:
    page = sign_in()
    if what == "map":
        page.goto(f"{live.url}/map?grid=139901001001")
        map_of(page)
        page.evaluate("() => { window.print = () => undefined; }")
        page.get_by_role("button", name="打印地图").click()
        expect(page.locator(".map-sheet img")).to_have_count(1)
    else:
        page.goto(f"{live.url}/grids/139901001001/print")
        expect(page.locator("wg-preview-map")).to_have_attribute("data-ready", "true")
    sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", sheets)) == 1
    [box] = set(re.findall(rb"/MediaBox \[([\d. ]+)\]", sheets))
    assert sorted(round(float(side)) for side in box.split()[2:]) == [595, 842]


def test_a_printed_table_is_a_table_however_narrow_the_paper(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/grids/139901001/print")
    page.set_viewport_size({"width": 688, "height": 1000})
    row = page.get_by_role("row").filter(has_text="和平社区")
    expect(row).to_have_css("display", "flex")
    page.emulate_media(media="print")
    expect(row).to_have_css("display", "table-row")
