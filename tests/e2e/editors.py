"""The boundary editor in the browser, driven by the pixels under places."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import connected, plant_in
from tests.integration.access.making import PASSWORD, person

Place = tuple[float, float]
PIXEL = """([lon, lat]) => {
  const { map } = document.querySelector('wg-grid-editor').canvas;
  map.renderSync();
  const x = lon / 180 * 20037508.342789244;
  const y = Math.log(Math.tan((90 + lat) * Math.PI / 360)) / Math.PI * 20037508.342789244;
  const frame = map.getTargetElement().getBoundingClientRect();
  const [right, down] = map.getPixelFromCoordinate([x, y]);
  return [frame.left + right, frame.top + down];
}"""

STILL = "() => !document.querySelector('wg-grid-editor').canvas.map.getView().getAnimating()"


def people_and_city(live: Live) -> None:
    """The small city, somebody who draws in it and somebody who decides."""
    plant_in(live)
    with connected(live):
        person("drawer", "gis_admin")
        person("decider", "gis_admin")


def sign_in(page: Page, login: str = "drawer") -> None:
    """By the form that is open."""
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def rename(page: Page, place: Place, name: str) -> None:
    """Of the leaf at a place."""
    click(page, place)
    page.get_by_label("名称", exact=True).fill(name)
    page.get_by_role("button", name="更名").first.click()


def painted(page: Page, colour: str, west: float, south: float, east: float, north: float) -> int:
    """How many pixels of the map have a colour, such as #1b5fae, in a box of degrees."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    (left, bottom), (right, top) = pixel(page, (west, south)), pixel(page, (east, north))
    inside = picture.crop((round(left), round(top), round(right), round(bottom)))
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return sum(count for count, found in inside.getcolors(inside.width * inside.height) or () if found == wanted)


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
    """Where a place is on the screen, once the map stands still."""
    page.wait_for_function(STILL)
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
