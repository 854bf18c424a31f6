"""A plan's page in the browser: both sides of what changes above the leaves, on paper too, and the approval."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import connected, plant_in, violations
from tests.integration.access.making import actor, person
from tests.integration.grids.plans import submitted

pytestmark = pytest.mark.browser

RENAME = {"op": "rename", "grid": "139901001", "name": "东大街街道"}
SEEN = """() => {
  const [map] = document.querySelector("wg-compare-map").maps;
  const [west, south, east, north] = map.getView().calculateExtent(map.getSize());
  const degrees = ([x, y]) => [x / 20037508.342789244 * 180,
    Math.atan(Math.exp(y / 20037508.342789244 * Math.PI)) * 360 / Math.PI - 90];
  return [...degrees([west, south]), ...degrees([east, north])];
}"""
STREET = (116.0, 39.0, 116.1, 39.4)
A4_WITHIN_MARGINS = 182 / 25.4 * 96
ROUND = 0.002
"""Degrees by which the planted city is crooked."""


@pytest.fixture(scope="module")
def plan(live: Live) -> str:
    """A street that shall have another name, handed in by somebody else."""
    plant_in(live)
    with connected(live):
        found = submitted("139901", RENAME, actor=actor(person("drawer", "gis_admin")))
    return f"{live.url}/grids/plans/{found.id}"


def compared(page: Page) -> None:
    expect(page.locator("wg-compare-map")).to_have_attribute("data-ready", "true", timeout=20_000)


def holds_street(page: Page) -> bool:
    west, south, east, north = page.evaluate(SEEN)
    return bool(
        west < STREET[0] + ROUND
        and south < STREET[1] + ROUND
        and east > STREET[2] - ROUND
        and north > STREET[3] - ROUND
    )


def test_a_street_that_changes_is_drawn_on_both_sides_and_fills_the_map(
    sign_in: Callable[..., Page], plan: str
) -> None:
    page = sign_in()
    page.goto(plan)
    compared(page)
    expect(page.locator("wg-compare-map")).to_have_attribute("data-shapes", "2 2")
    assert holds_street(page)
    _west, south, _east, north = page.evaluate(SEEN)
    assert north - south < 3 * (STREET[3] - STREET[1])
    height = page.evaluate("document.querySelector('wg-compare-map').maps[0].getSize()[1]")
    above = (north - STREET[3]) / (north - south) * height
    assert above > 55, "there the switch of the reference layers lies, in large letters too"
    assert not violations(page)


def test_paper_shows_all_that_changes_whatever_the_screen_showed(sign_in: Callable[..., Page], plan: str) -> None:
    page = sign_in()
    page.goto(f"{plan}/print")
    compared(page)
    page.evaluate("document.querySelector('wg-compare-map').maps[0].getView().setZoom(15)")
    close = page.evaluate(SEEN)
    assert not holds_street(page)
    page.emulate_media(media="print")
    page.wait_for_timeout(500)
    assert holds_street(page)
    page.emulate_media(media="screen")
    page.wait_for_timeout(500)
    assert page.evaluate(SEEN) == pytest.approx(close, abs=1e-4)


def test_the_approval_asks_for_a_moment_only_where_one_is_meant(sign_in: Callable[..., Page], plan: str) -> None:
    page = sign_in()
    page.goto(plan)
    page.get_by_role("button", name="批准").first.click()
    dialog = page.locator("dialog#approve")
    moment = dialog.get_by_label("生效时间")
    expect(dialog.get_by_text("生效方式")).to_be_visible()
    expect(moment).to_be_hidden()
    dialog.get_by_label("定时生效").check()
    expect(moment).to_be_visible()
    assert not violations(page)
    dialog.get_by_role("link", name="取消").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("待审批").first).to_be_visible()


NAMED = """side => {
  const map = document.querySelector("wg-compare-map").maps[side];
  const layer = map.getLayers().getArray().at(-1);
  map.renderSync();
  return layer.getSource().getFeatures().filter((label) => label.get("fate") !== "kept").flatMap((label) => {
    const [x, y] = map.getPixelFromCoordinate(label.getGeometry().getCoordinates());
    const found = new Set();
    for (let right = -60; right <= 60; right += 4) for (let down = -40; down <= 40; down += 4)
      map.forEachFeatureAtPixel([x + right, y + down], (one) => void found.add(one), { layerFilter: (one) =>
        one === layer });
    return found.has(label) ? [label.get("text")] : [];
  }).sort();
}"""
"""Which of the changed grids of a side have their names written on the map."""
FREE = """side => {
  const map = document.querySelector("wg-compare-map").maps[side];
  const layer = map.getLayers().getArray().at(-1);
  const resolution = map.getView().getResolution();
  const pen = document.createElement("canvas").getContext("2d");
  const boxes = layer.getSource().getFeatures().filter((label) => label.get("fate") !== "kept").flatMap((label) => {
    const text = layer.getStyleFunction()(label, resolution)?.getText();
    if (!text) return [];
    const [x, y] = label.getGeometry().getCoordinates();
    pen.font = text.getFont();
    const wide = pen.measureText(text.getText()).width;
    return [[x / resolution + text.getOffsetX(), text.getOffsetY() - y / resolution, wide]];
  });
  return boxes.every(([x, y, wide], n) => boxes.slice(n + 1).every(([right, down, other]) =>
    Math.abs(x - right) >= (wide + other) / 2 || Math.abs(y - down) >= 12));
}"""
"""Whether no name of a changed grid lies over another's."""


def test_the_grids_that_change_are_named_briefly_on_both_sides_however_small_they_are(
    sign_in: Callable[..., Page], live: Live
) -> None:
    with connected(live):
        west, east = "139901001001", "139901001002"
        line = [[116.05, 38.95], [116.05, 39.45]]
        found = submitted(
            "139901",
            {"op": "rename", "grid": west, "name": "东街街道柳荫社区"},
            {"op": "split", "grid": east, "line": line, "names": ["东街街道西里", "东街街道东里"]},
            actor=actor(person("namer", "gis_admin")),
        )
        later = submitted(
            "139901",
            {"op": "rename", "grid": west, "name": "东街街道第1社区"},
            {"op": "rename", "grid": "139901002001", "name": "南街街道第1社区"},
            actor=actor(person("namer2", "gis_admin")),
        )
    page = sign_in()
    page.goto(f"{live.url}/grids/plans/{found.id}")
    compared(page)
    assert page.evaluate(NAMED, 1) == sorted(["柳荫社区", "西里", "东里"])
    page.evaluate("document.querySelector('wg-compare-map').maps[0].getView().setZoom(9)")
    assert page.evaluate(NAMED, 1) == sorted(["柳荫社区", "西里", "东里"])
    assert len(page.evaluate(NAMED, 0)) == 2
    page.goto(f"{live.url}/grids/plans/{later.id}/print")
    compared(page)
    page.emulate_media(media="print")
    assert page.evaluate(NAMED, 1) == sorted(["东街街道\n第1社区", "南街街道\n第1社区"])


def test_of_many_new_grids_only_those_are_named_whose_names_lie_free(sign_in: Callable[..., Page], live: Live) -> None:
    with connected(live):
        net = {"op": "subdivide", "grid": "139901001001", "net_m": 1500}
        found = submitted("139901001", net, actor=actor(person("netter", "gis_admin")))
    page = sign_in()
    page.goto(f"{live.url}/grids/plans/{found.id}")
    compared(page)
    whole = page.evaluate("document.querySelector('wg-compare-map').maps[1].getView().getZoom()")
    closer = "zoom => document.querySelector('wg-compare-map').maps[1].getView().setZoom(zoom)"
    counts = []
    for step in (0, -1.5, 3):
        page.evaluate(closer, whole + step)
        counts.append(len(page.evaluate(NAMED, 1)))
    fitted, small, _close = counts
    assert 0 < small < fitted
    assert page.evaluate(FREE, 1)


def test_the_maps_are_drawn_as_wide_as_they_stand_on_paper(sign_in: Callable[..., Page], plan: str) -> None:
    page = sign_in()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{plan}/print")
    compared(page)
    page.emulate_media(media="print")
    page.wait_for_timeout(500)
    drawn = page.evaluate("document.querySelector('wg-compare-map').maps.map((map) => map.getSize()[0])")
    assert sum(drawn) < A4_WITHIN_MARGINS
    assert sum(drawn) > 0.9 * A4_WITHIN_MARGINS
