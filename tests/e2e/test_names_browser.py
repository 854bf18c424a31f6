"""Names of narrow grids on small maps: whole words in at most a few lines, none over another."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import click_middle, eventually, map_of, plant_in
from tests.integration.grids.planting import Box

pytestmark = pytest.mark.browser

NARROW = ["白杨县", "柳林新区", "高新开发区", "石桥县", "云溪回族自治县", "清泉县"]
PEN = """() => {
  window.written = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const at = this.getTransform();
    const [wide, down] = [this.measureText(text), parseFloat(/([\\d.]+)px/.exec(this.font)[1])];
    const left = at.a * x + at.c * y + at.e - { left: 0, center: 0.5, right: 1 }[this.textAlign] * wide.width * at.a;
    const top = at.b * x + at.d * y + at.f - (this.textBaseline === "top" ? 0 : 0.5) * down * at.d;
    const frame = document.timeline.currentTime;
    if (frame !== window.frame) window.written = [];
    window.frame = frame;
    window.written.push([text, left, top, left + wide.width * at.a, top + down * at.d]);
    return write.apply(this, arguments);
  };
}"""


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    strips = [
        Box(f"13990{at}", name, "county", (at / 10, 0.0, at / 10 + 0.1, 1.6), f"13990{at} {name}")
        for at, name in enumerate(NARROW, 1)
    ]
    plant_in(live, Box("139900", "试验市", "city", (0.1, 0.0, 0.7, 1.6), "139900 试验市", strips))


@pytest.fixture(params=[(390, 844), (1366, 768)], ids=["phone", "desk"])
def page(sign_in: Callable[..., Page], request: pytest.FixtureRequest) -> Page:
    page = sign_in()
    page.set_viewport_size({"width": request.param[0], "height": request.param[1]})
    page.add_init_script(f"({PEN})()")
    return page


def written(page: Page) -> list[tuple[str, float, float, float, float]]:
    """The words of names that the last frame drew on the canvas, each with its box."""
    return [
        (text, left, top, right, bottom)
        for text, left, top, right, bottom in page.evaluate("window.written")
        if any(text in name for name in NARROW)
    ]


def test_the_map_writes_whole_words_beside_each_other(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/map")
    expect(map_of(page)).to_have_attribute("data-names", " ".join(sorted(NARROW)))
    page.evaluate("window.written = []")
    click_middle(page)
    expect(map_of(page)).to_have_attribute("data-selected", "139904")
    eventually(page, lambda: bool(written(page)), "no name is drawn")
    words = sorted(set(written(page)))
    assert "".join(sorted("".join(NARROW))) == "".join(sorted("".join(text for text, *_ in words)))
    assert [text for text, *_ in words if len(text) < 2] == []
    for (one, *a), (other, *b) in combinations(words, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        assert apart, f"{one} lies over {other}"


def test_the_small_map_of_a_report_writes_whole_words(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/matters/new")
    expect(page.locator("wg-point-picker")).to_have_attribute("data-ready", "true")
    page.locator("wg-point-picker").scroll_into_view_if_needed()
    eventually(page, lambda: bool(written(page)), "no name is drawn")
    assert [text for text, *_ in written(page) if len(text) < 2] == []
