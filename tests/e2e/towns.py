"""A small city in the database of a live server, and what browser tests ask of a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from core.db.session import connect, disconnect
from core.settings import CHECKOUT, get_settings
from tests.e2e.conftest import Live
from tests.integration.grids.planting import Box, plant

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_S = 20
LOOK_MS = 50
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def connected(live: Live) -> Iterator[None]:
    """The database of a live server, for services called by the test itself."""
    get_settings.cache_clear()
    connect(live.environment["WANGGE_DATABASE_URL"])
    try:
        yield
    finally:
        disconnect()


def plant_in(live: Live, root: Box | None = None) -> None:
    """The city of crooked boxes, by default two counties, two streets, eight communities."""
    with connected(live):
        plant(root)


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, each with the element."""
    # Read into the page by the protocol: the policy of the page lets no other script in.
    page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found["violations"] for node in fault["nodes"]]


def map_of(page: Page) -> Locator:
    """The workbench's map, drawn."""
    found = page.locator("wg-map")
    expect(found).to_have_attribute("data-ready", "true", timeout=20_000)
    return found


def eventually(page: Page, holds: Callable[[], bool], why: str) -> None:
    """Look again until it holds, for what a page tells by its pixels alone."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, why
        page.wait_for_timeout(LOOK_MS)


def still(found: Locator) -> bytes:
    """Its picture, once two in a row are the same."""
    pictures = [found.screenshot()]

    def rests() -> bool:
        pictures.append(found.screenshot())
        return pictures[-1] == pictures[-2]

    eventually(found.page, rests, "the picture does not come to rest")
    return pictures[-1]


def click_middle(page: Page, right: int = 0, down: int = 0) -> None:
    """Click the map near its middle."""
    box = page.locator("wg-map .map-view").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down)
