"""The editor's steps on their way: held back, let go, taken back, and what the page says of them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e import editors
from tests.e2e.conftest import Live

SANLI, XINCUN = (116.05, 39.15), (116.05, 39.25)


def saved(page: Page) -> Locator:
    """What the strip says of saving."""
    return page.locator(".edit-strip .saved")


def names(page: Page, live: Live) -> list[str]:
    return [operation["name"] for operation in editors.plan_of(page, live)["operations"]]


def hold_first(page: Page, what: str = "**/operations") -> list[Route]:
    """Keep the next step on its way, or the next reading, and let those after it through."""
    held: list[Route] = []

    def handle(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(what, handle)
    return held


def arrived(page: Page, held: list[Route]) -> Route:
    """What is kept on its way, once it is."""
    for _ in range(200):
        if held:
            break
        page.wait_for_timeout(50)
    return held[0]


def cut_off(page: Page, held: list[Route], arrives: bool = False) -> None:
    """The network goes while that is on its way: it does not arrive, or its answer does not."""
    route = arrived(page, held)
    if arrives:
        route.fetch()
    page.context.set_offline(True)
    route.abort()


def take_back(page: Page) -> None:
    """By the key, with the map in hand."""
    page.locator(".map-view").focus()
    page.keyboard.press("Control+z")


def merge_apart(page: Page) -> None:
    """Send a step that is refused: what was renamed last, with a grid that it does not touch."""
    page.keyboard.press("m")
    editors.click(page, (116.15, 39.35))
    expect(page.locator("wg-grid-editor")).to_have_attribute("data-selected", "139901001002 139901002004")
    page.keyboard.press("Enter")
