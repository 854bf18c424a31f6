"""The boundary editor in the browser, driven by the pixels under places."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Live

Place = tuple[float, float]
PIXEL = """([lon, lat]) => {
  const { map } = document.querySelector('wg-grid-editor').canvas;
  const x = lon / 180 * 20037508.342789244;
  const y = Math.log(Math.tan((90 + lat) * Math.PI / 360)) / Math.PI * 20037508.342789244;
  const frame = map.getTargetElement().getBoundingClientRect();
  const [right, down] = map.getPixelFromCoordinate([x, y]);
  return [frame.left + right, frame.top + down];
}"""


def begin(page: Page, live: Live, parent: str, title: str) -> Locator:
    """A new plan by the form, open in the editor."""
    page.goto(f"{live.url}/grids/plans/new?parent={parent}")
    page.get_by_label("标题").fill(title)
    page.get_by_role("button", name="开始绘制").click()
    page.wait_for_url("**/edit")
    return editor_of(page)


def editor_of(page: Page) -> Locator:
    """The editor, with nothing under way."""
    found = page.locator("wg-grid-editor")
    expect(found).to_have_attribute("data-ready", "true", timeout=20_000)
    return found


def pixel(page: Page, place: Place) -> tuple[float, float]:
    x, y = page.evaluate(PIXEL, list(place))
    return x, y


def click(page: Page, *places: Place) -> None:
    for place in places:
        page.mouse.click(*pixel(page, place))


def draw(page: Page, *places: Place) -> None:
    """A line by clicks; a double click ends it."""
    for place in places[:-1]:
        page.mouse.click(*pixel(page, place))
        page.wait_for_timeout(300)  # two clicks at once would be a double click
    page.mouse.dblclick(*pixel(page, places[-1]))


def drag(page: Page, start: Place, end: Place) -> None:
    page.mouse.move(*pixel(page, start))
    page.mouse.down()
    page.mouse.move(*pixel(page, end), steps=5)
    page.mouse.up()


def version(page: Page, number: int) -> None:
    """Wait for that version of the draft."""
    expect(page.locator("wg-grid-editor")).to_have_attribute("data-version", str(number))
    editor_of(page)


def plan_of(page: Page, live: Live) -> Any:
    """The plan of the page as the server holds it."""
    key = page.url.split("/grids/plans/")[1].split("/")[0]
    return json.loads(live.cli("plan", "show", key, "--json").stdout)


def exact(live: Live) -> bool:
    return bool(json.loads(live.cli("grid", "check", "--json").stdout)["exact"])
