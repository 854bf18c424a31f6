"""The figures by grid in a browser: from the list of matters, on a wide and on a narrow screen, on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from unicodedata import normalize

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from core import clock
from core.matters.places import Place
from tests.e2e.conftest import Live
from tests.e2e.towns import connected, plant_in, violations
from tests.integration.grids.plans import run
from tests.integration.matters.people import EAST_STREET, SOUTH_STREET, TESTER, matter

pytestmark = pytest.mark.browser

PERIOD = "from=2026-08-01&to=2026-09-01"
MERGED = [f"{EAST_STREET}002", f"{EAST_STREET}003"]


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    """A city whose communities merged and moved after August."""
    plant_in(live)
    with connected(live):
        with clock.turned(lambda: dt.datetime(2026, 8, 10, 4, tzinfo=dt.UTC)):
            for place in (Place(116.05, 39.15), Place(116.05, 39.25), Place(116.05, 39.35), None):
                matter(TESTER, place)
        with clock.turned(lambda: dt.datetime(2026, 9, 5, 4, tzinfo=dt.UTC)):
            run(
                "139900",
                {"op": "merge", "grids": MERGED, "code": MERGED[0], "name": "三里社区"},
                {"op": "move", "grid": f"{EAST_STREET}004", "parent": SOUTH_STREET},
            )


def test_the_figures_are_found_and_read_on_both_screens_and_on_paper(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/matters?tab=area&grid={EAST_STREET}")
    page.get_by_role("link", name="按网格统计").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("按网格统计")
    expect(page.get_by_label("统计范围")).to_have_value(EAST_STREET)
    page.goto(f"{live.url}/matters/figures?{PERIOD}&grid={EAST_STREET}")
    rows = page.locator("tbody tr")
    expect(rows.filter(has_text="新村社区")).to_contain_text("撤销")
    expect(rows.filter(has_text="东街街道合计").locator("td.number")).to_have_text(["3", "2", "-1"])
    for width, height in ((1366, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
    page.set_viewport_size({"width": 1366, "height": 768})
    sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    text = normalize("NFKC", "".join("".join(sheet.extract_text().split()) for sheet in sheets))
    assert "2026-08-01至2026-08-31" in text
    assert "东街街道合计32-1" in text
    assert "打印" not in text
    page.get_by_role("table").last.get_by_role("link").last.click()
    expect(page.get_by_role("link", name="沿革")).to_have_attribute("aria-current", "page")


def test_the_level_is_chosen_and_a_grid_that_ended_is_looked_into(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/matters/figures?{PERIOD}")
    page.get_by_label("统计到哪一级").select_option("street")
    page.wait_for_url("**level=street**")
    row = page.locator("tbody tr", has_text="南街街道")
    expect(row.locator("td.number")).to_have_text(["0", "1", "+1"])
    expect(page.locator("tbody tr", has_text="未定位到网格").locator("td.number")).to_have_text(["1", "1", "0"])
    page.goto(f"{live.url}/matters/figures?{PERIOD}&grid={MERGED[1]}")
    expect(page.get_by_role("main")).to_contain_text("新村社区已于 2026-09-05 撤销")
    assert violations(page) == []
    page.goto(f"{live.url}/matters/figures?from=2026-02-01&to=2026-03-01&lang=en")
    expect(page.get_by_role("main")).to_contain_text("No matter that you may see was reported here")
    assert violations(page) == []
