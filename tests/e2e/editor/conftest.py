"""The small city and somebody who draws in it, for every module of tests that drive the editor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import editors
from tests.e2e.conftest import Live


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    editors.people_and_city(live)


@pytest.fixture
def drawer(browser: Browser, live: Live, browser_context_args: dict[str, object]) -> Iterator[Page]:
    """A page of somebody whose steps may be refused, which the browser logs as an error."""
    context = browser.new_context(**browser_context_args)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live.url}/login")
    editors.sign_in(page)
    yield page
    context.close()
