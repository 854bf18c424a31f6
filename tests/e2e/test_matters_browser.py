"""A matter's whole way in a browser: reported with a photo, found, moved, noted, accepted, settled, closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import click_middle, map_of, plant_in, violations

pytestmark = pytest.mark.browser

VIEW = "lon=116.05&lat=39.05&z=13"


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)


def photo(colour: tuple[int, int, int]) -> FilePayload:
    from PIL import Image

    body = BytesIO()
    Image.new("RGB", (640, 480), colour).save(body, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": body.getvalue()}


def take(page: Page, step: str, note: str = "", picture: FilePayload | None = None) -> None:
    """One step by its button and dialog."""
    page.locator("aside").get_by_role("button", name=step, exact=True).click()
    dialog = page.get_by_role("dialog", name=step, exact=True)
    if note:
        dialog.get_by_label("备注").fill(note)
    if picture:
        dialog.get_by_label("照片").set_input_files(picture)
    dialog.get_by_role("button", name=step, exact=True).click()
    page.wait_for_load_state()


def test_a_matter_goes_its_whole_way(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{VIEW}")
    map_of(page)
    page.get_by_role("button", name="在地图上上报事项").click()
    click_middle(page)
    page.get_by_role("radio", name="一般事项").check()
    expect(page.get_by_text("没有专门类型的事项")).to_be_visible()
    page.get_by_label("标题").fill("楼道堆放杂物")
    page.get_by_label("说明").fill("三单元楼道堆放纸箱，影响通行。")
    page.get_by_label("照片").set_input_files(photo((90, 120, 60)))
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("楼道堆放杂物")
    expect(page.get_by_role("main")).to_contain_text("和平社区")
    expect(page.locator(".photos img").first).not_to_have_js_property("naturalWidth", 0)
    address = page.url
    assert violations(page) == []

    page.goto(f"{live.url}/matters?tab=area&q=杂物")
    row = page.locator("tbody tr", has_text="楼道堆放杂物")
    expect(row).to_contain_text("和平社区")
    assert violations(page) == []
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(address)

    page.goto(f"{live.url}/map?{VIEW}")
    map_of(page)
    click_middle(page)
    found = page.locator("#map-matter")
    expect(found.get_by_role("heading")).to_have_text("楼道堆放杂物")
    found.get_by_role("link", name="打开").click()
    page.wait_for_url(address)

    expect(page.locator("aside .actions > .btn-primary")).to_have_text(["受理"])
    expect(page.locator("aside .actions > .btn")).to_have_text(["受理", "不予受理", "添加备注"])
    page.locator("aside summary", has_text="更多").click()
    expect(page.locator("aside").get_by_role("button", name="撤回", exact=True)).to_be_visible()
    assert violations(page) == []
    page.locator("aside").get_by_role("button", name="移动位置").click()
    dialog = page.get_by_role("dialog", name="移动位置")
    expect(dialog.locator("wg-point-picker")).to_have_attribute("data-ready", "true", timeout=20_000)
    expect(dialog.locator(".map-view canvas").first).to_be_visible()
    box = dialog.locator(".map-view").bounding_box()
    assert box is not None
    before = dialog.get_by_label("经度").input_value()
    page.mouse.click(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2)
    expect(dialog.get_by_label("经度")).not_to_have_value(before)
    moved = dialog.get_by_label("经度").input_value()
    dialog.get_by_role("button", name="移动位置", exact=True).click()
    expect(page.locator("aside")).to_contain_text(moved.rstrip("0"))

    take(page, "添加备注", "已联系物业。", photo((60, 90, 160)))
    expect(page.locator(".timeline")).to_contain_text("已联系物业。")
    expect(page.locator(".timeline img")).to_have_count(2)
    take(page, "受理")
    take(page, "网格自办", "纸箱已清运。")
    take(page, "办结", "现场复核无误。")
    timeline = page.locator(".timeline > li")
    expect(timeline).to_have_count(6)
    for words in ("上报", "移动位置", "添加备注", "受理", "办结"):
        expect(page.locator(".timeline")).to_contain_text(words)
    expect(page.locator("aside").get_by_role("button", name="受理", exact=True)).to_have_count(0)
    expect(page.locator("aside").get_by_role("button", name="添加备注")).to_be_visible()


def test_lists_leave_as_sheets(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    live.cli("matter", "report", "--kind", "general", "--lon", "116.3", "--lat", "39.2", "--title", "井盖缺失")
    page.goto(f"{live.url}/matters?tab=area&q=井盖")
    for link, signature in (("Excel", b"PK"), ("CSV", "\ufeff".encode())):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=link).click()
        body = waiting.value.path().read_bytes()
        assert body.startswith(signature)
    assert "井盖缺失" in body.decode("utf-8-sig")
    assert re.search("东县|139902", body.decode("utf-8-sig"))


def test_a_report_without_a_title_keeps_what_was_typed(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/matters/new?lon=116.05&lat=39.05")
    page.get_by_label("标题").fill(" ")
    page.get_by_label("说明").fill("写了很久的说明")
    # an answer of 422 is a line in the console, so the form is sent and read without the page's own log
    token = page.locator('meta[name="csrf-token"]').get_attribute("content")
    answer = page.request.post(
        f"{live.url}/matters/new",
        form={"csrf_token": token or "", "kind": "general", "title": " ", "text": "写了很久的说明", "lon": "116.05",
              "lat": "39.05", "id": page.locator('input[name="id"]').input_value()},
        headers={"Accept": "text/html"},
    )  # fmt: skip
    assert answer.status == 422
    assert "写了很久的说明" in answer.text()


def test_without_scripts_a_matter_goes_on_too(sign_in: Callable[..., Page], live: Live, browser: Browser) -> None:
    context = browser.new_context(storage_state=sign_in().context.storage_state(), java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live.url}/matters/new?lon=116.05&lat=39.05&kind=general")
    page.get_by_label("标题").fill("路灯不亮")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("路灯不亮")
    take(page, "受理")
    expect(page.get_by_role("main")).to_contain_text("已受理")
    page.locator("aside summary", has_text="更多").click()
    take(page, "撤回")
    dialog = page.get_by_role("dialog", name="撤回", exact=True)
    expect(dialog).to_be_visible()
    dialog.get_by_label("理由").fill("重复上报")
    dialog.get_by_role("button", name="撤回").click()
    expect(page.get_by_role("main")).to_contain_text("重复上报")
    context.close()
