"""A report from a phone: the kind is chosen, the place is the phone's own or said not to be known, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import plant_in, violations
from tests.integration.grids.planting import node

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
UNCOVERED = """said => {
  const { left, right, top, bottom } = said.getBoundingClientRect();
  return [top + 2, bottom - 2].every((y) => said.contains(document.elementFromPoint((left + right) / 2, y)));
}"""
HERE = {"longitude": 116.05, "latitude": 39.05, "accuracy": 12.0}


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)


@pytest.fixture
def phone(sign_in: Callable[..., Page], live: Live) -> Page:
    page = sign_in()
    page.set_viewport_size(PHONE)
    page.goto(f"{live.url}/matters/new")
    expect(page.locator("wg-point-picker")).to_have_attribute("data-ready", "true", timeout=20_000)
    return page


@pytest.fixture
def apart(sign_in: Callable[..., Page], browser: Browser) -> Iterator[Page]:
    """A phone in a context of its own: a refusal and a lost network are lines in the console."""
    context: BrowserContext = browser.new_context(storage_state=sign_in().context.storage_state(), viewport=PHONE)
    yield context.new_page()
    context.close()


def fill(page: Page, title: str) -> None:
    expect(page.locator("input[name=kind]:checked")).to_have_count(0)
    page.get_by_role("radio", name="一般事项").check()
    expect(page.get_by_text("没有专门类型的事项")).to_be_visible()
    page.get_by_label("标题").fill(title)


def send(page: Page) -> None:
    page.get_by_role("button", name="提交").click()


def test_the_phone_tells_where_it_is(phone: Page) -> None:
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation(HERE)
    assert violations(phone) == []
    fill(phone, "井盖松动")
    phone.get_by_role("button", name="当前位置").click()
    expect(phone.get_by_label("经度")).to_have_value("116.0500000")
    expect(phone.locator("[data-grid]")).to_contain_text("精度约 12 米")
    send(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("井盖松动")
    expect(phone.get_by_role("main")).to_contain_text("已收到")
    expect(phone.get_by_role("main")).to_contain_text("和平社区")


def test_a_phone_that_may_not_tell_says_what_to_do(phone: Page) -> None:
    phone.get_by_role("button", name="当前位置").click()
    expect(phone.get_by_text("浏览器未获准提供位置。请在浏览器的网站设置中允许定位")).to_be_visible()


def test_a_report_without_a_place_is_sent_only_when_that_is_said(phone: Page) -> None:
    fill(phone, "夜间噪声")
    send(phone)
    asked = phone.get_by_label("经度")
    assert "尚未标出位置" in asked.evaluate("field => field.validationMessage")
    phone.get_by_label("无法确定位置").check()
    send(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("夜间噪声")
    expect(phone.get_by_role("main")).to_contain_text("未定格")


def test_a_refused_report_begins_with_what_is_wrong_and_leads_there(apart: Page, live: Live) -> None:
    apart.goto(f"{live.url}/matters/new")
    fill(apart, "路灯不亮")
    apart.get_by_label("无法确定位置").check()
    apart.get_by_label("照片").set_input_files({"name": "fake.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})
    send(apart)
    summary = apart.get_by_role("alert").filter(has_text="尚未保存")
    expect(summary.locator("xpath=..")).to_be_focused()
    expect(summary).to_be_in_viewport()
    apart.set_viewport_size({"width": PHONE["width"], "height": 2400})  # so that nothing is scrolled under the bar
    assert violations(apart) == []
    apart.set_viewport_size(PHONE)
    summary.get_by_role("link", name="“fake.jpg”没有保存").click()
    expect(apart.get_by_label("照片")).to_be_focused()


def picture(name: str, colour: str) -> FilePayload:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_chosen_photo_is_shown_and_can_be_left_out_again(phone: Page) -> None:
    fill(phone, "垃圾外溢")
    phone.get_by_label("无法确定位置").check()
    field = phone.get_by_label("照片")
    field.set_input_files(picture("a.jpg", "green"))
    field.set_input_files(picture("b.jpg", "red"))
    shown = phone.locator("form#report .photos img")
    expect(shown).to_have_count(2)
    assert shown.evaluate_all("pictures => pictures.every(each => each.complete && each.naturalWidth)")
    assert violations(phone) == []
    phone.get_by_role("button", name="移除 a.jpg").click()
    expect(shown).to_have_count(1)
    send(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("垃圾外溢")
    expect(phone.locator(".photos .caption")).to_have_count(1)
    phone.get_by_role("button", name="添加备注").click()
    dialog = phone.get_by_role("dialog", name="添加备注")
    expect(dialog).to_contain_text("事项状态不变")
    dialog.get_by_label("照片").set_input_files(picture("c.jpg", "blue"))
    dialog.get_by_role("button", name="移除 c.jpg").click()
    expect(dialog.locator("img")).to_have_count(0)


def test_a_lost_network_loses_nothing(apart: Page, live: Live) -> None:
    page, context = apart, apart.context
    page.goto(f"{live.url}/matters/new?lon=116.05&lat=39.05")
    fill(page, "路灯不亮")
    picture = BytesIO()
    Image.new("RGB", (64, 48), "green").save(picture, "JPEG")
    page.get_by_label("照片").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    context.set_offline(True)
    send(page)
    said = page.get_by_role("alert").filter(has_text="没有网络，尚未送出")
    expect(said).to_be_in_viewport(ratio=1)
    assert said.evaluate(UNCOVERED), "nothing lies over it"
    expect(page.get_by_label("标题")).to_have_value("路灯不亮")
    context.set_offline(False)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("路灯不亮")
    expect(page.locator(".photos img").first).to_be_visible()


def test_a_place_close_to_a_border_names_both_sides_before_anything_is_sent(phone: Page) -> None:
    lon, lat = node(1, 1)
    phone.get_by_label("经度").fill(str(lon + 1e-4))
    phone.get_by_label("纬度").fill(str(lat + 2e-3))
    phone.get_by_label("纬度").blur()
    said = phone.locator("[data-grid]")
    expect(said).to_contain_text(re.compile(r"社区 \d+ · 距 \S+社区 \d+ 仅 \d+ 米，请核对图钉位置"))
    phone.get_by_label("经度").fill(str(lon + 5e-3))
    phone.get_by_label("经度").blur()
    expect(said).not_to_contain_text("请核对")
