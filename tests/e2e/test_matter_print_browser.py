"""An ordinary matter on paper: one A4 sheet that says all of it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.conftest import Live
from tests.e2e.towns import plant_in

pytestmark = pytest.mark.browser

TEXT = "人行道井盖松动，行人踩上去有响声，已摆放警示桶，等待产权单位更换。"
A4 = (595, 842)


def plain(text: str) -> str:
    """Without white space, and with the usual letters where a font knows others of the same shape."""
    return normalize("NFKC", "".join(text.split()))


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)


def test_an_ordinary_matter_is_one_sheet(sign_in: Callable[..., Page], live: Live, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    Image.new("RGB", (1600, 1200), "green").save(photo, "JPEG")
    told = live.cli(
        *("matter", "report", "--kind", "general", "--lon", "116.05", "--lat", "39.05", "--photo", str(photo)),
        *("--title", "井盖松动", "--text", TEXT, "--json"),
    )
    number = told.stdout.split('"number": "')[1].split('"')[0]
    for step, note in (("accept", "情况属实，予以受理。"), ("settle", "已到现场处置。"), ("close", "井盖已更换。")):
        live.cli("matter", "step", number, step, "--note", note)
    page = sign_in()
    page.goto(f"{live.url}/matters?tab=area&q={number}")
    page.get_by_role("link", name="井盖松动").click()
    page.get_by_role("link", name="打印").click()
    expect(page.locator("wg-preview-map")).to_have_attribute("data-ready", "true", timeout=20_000)
    expect(page.locator("wg-preview-map")).to_have_attribute("data-shapes", "1")
    sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert len(sheets) == 1
    assert tuple(round(side) for side in sheets[0].mediabox[2:]) == A4
    text = plain(sheets[0].extract_text())
    for words in ("井盖松动", number, TEXT, "和平社区", "网格自办", "井盖已更换。", "打印"):
        assert plain(words) in text, words
