"""The editor's frames while a shared vertex is dragged: 300 grids in Chromium without a GPU, its CPU slowed."""

from __future__ import annotations

import argparse
import os
import sys

import numpy as np
from playwright.sync_api import Page, sync_playwright

from bench.cities import ACTOR, city, connected, instance, settle
from bench.tiles import running
from core.access.commands import CreateUser, GrantRole
from core.access.granting import grant_role
from core.access.service import create_user
from core.db.session import work
from core.settings import get_settings

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip
PORT = 8499
PASSWORD = "a long word for measuring 7"
STEPS = 120
CORNER = """() => {
  const { map, own } = document.querySelector('wg-grid-editor').canvas;
  const often = new Map();
  for (const leaf of own.getFeatures()) {
    const shape = leaf.getGeometry();
    for (const place of shape.getCoordinates().flat(shape.getType() === 'Polygon' ? 1 : 2).slice(1)) {
      const key = place.join();
      often.set(key, (often.get(key) ?? 0) + 1);
    }
  }
  const middle = map.getView().getCenter();
  const far = (key) => Math.hypot(...key.split(',').map((part, axis) => Number(part) - middle[axis]));
  const shared = [...often].filter(([, n]) => n >= 3).map(([key]) => key).sort((a, b) => far(a) - far(b));
  const frame = map.getTargetElement().getBoundingClientRect();
  const [right, down] = map.getPixelFromCoordinate(shared[0].split(',').map(Number));
  return [frame.left + right, frame.top + down];
}"""
COUNT = """() => {
  window.frames_ms = [];
  let before = performance.now();
  const next = (now) => {
    window.frames_ms.push(now - before);
    before = now;
    window.counting = requestAnimationFrame(next);
  };
  window.counting = requestAnimationFrame(next);
}"""


def sign_in(page: Page) -> None:
    """As the person of the bench."""
    page.goto(f"http://127.0.0.1:{PORT}/login")
    page.locator("input[name=login]").fill("bench")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def frames(page: Page, slowed: int) -> list[float]:
    """Milliseconds from frame to frame during one drag."""
    page.goto(f"http://127.0.0.1:{PORT}/grids/plans/new?parent=990000")
    page.locator("#f-title").fill("bench")
    page.locator(".form-foot button").click()
    page.wait_for_selector("wg-grid-editor[data-ready=true]")
    page.wait_for_timeout(1000)
    page.keyboard.press("e")
    x, y = page.evaluate(CORNER)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(COUNT)
    for step in range(STEPS):
        page.mouse.move(x + 10 * np.sin(step / 8), y + 10 * np.cos(step / 8) - 10)
        page.wait_for_timeout(16)
    found = page.evaluate("() => { cancelAnimationFrame(window.counting); return window.frames_ms; }")
    page.mouse.up()
    # The server answered: it took the vertex there, or said that a border would cross another
    page.wait_for_selector("wg-grid-editor[data-version='2'], .edit-bar[role=alert]", timeout=60_000)
    return [float(frame) for frame in found]


def main() -> None:
    """Drag, and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--grids", type=int, default=300)
    options.add_argument("--slowed", type=int, default=4, help="times that the CPU is slower")
    chosen = options.parse_args()
    made = city(chosen.grids)
    with instance() as (folder, _cluster, url):
        environment = {**os.environ, "WANGGE_HOME": str(folder / "home"), "WANGGE_DATABASE_URL": url}
        os.environ |= environment
        get_settings.cache_clear()
        with connected(url):
            settle(made.births())
            with_password()
        command = [sys.executable, "-m", "gunicorn", "-c", "python:web.server", "-b", f"127.0.0.1:{PORT}",
                   "web.wsgi:app"]  # fmt: skip
        with running(command, PORT, environment), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            sign_in(page)
            found = frames(page, chosen.slowed)
            browser.close()
    p50, p90 = np.percentile(found, [50, 90]).tolist()
    vertices = sum(len(leaf.exterior.coords) for leaf in made.leaves)
    print(f"\n{chosen.grids} grids, {vertices:,} vertices, CPU ×{chosen.slowed}, {len(found)} frames\n")
    print(f"| | ms | at most |\n|---|---|---|\n| p50 | {p50:.1f} | 25 |\n| p90 | {p90:.1f} | 80 |")


def with_password() -> None:
    """Somebody who may draw."""
    with work(ACTOR) as session:
        user = create_user(session, CreateUser("bench", "bench", password=PASSWORD))
        grant_role(session, GrantRole(user.id, "gis_admin"))


if __name__ == "__main__":
    main()
