"""Steps that do not reach the server: kept in the browser, told of, sent later, never thrown away unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.e2e.sending import SANLI, XINCUN, cut_off, hold_first, names, saved, take_back
from tests.e2e.towns import violations
from tests.integration.grids.planting import node

pytestmark = pytest.mark.browser
FORBIDDEN = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } });"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"


def test_a_step_made_offline_is_sent_once_the_network_is_back(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "断网")
    page.context.set_offline(True)
    editors.rename(page, SANLI, "三里新社区")
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text("已保留在本机：更名")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    expect(bar.get_by_role("button", name="重试")).to_be_enabled()
    expect(bar.get_by_role("button", name="关闭")).to_have_count(0)
    expect(page.get_by_role("button", name="提交审核")).to_be_disabled()
    assert violations(page) == []
    bar.get_by_role("button", name="重试").click()
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.context.set_offline(False)
    editors.version(page, 2)
    expect(bar).to_have_count(0)
    expect(saved(page)).to_have_text("已保存")
    assert names(page, live) == ["三里新社区"]


def test_a_waiting_step_survives_a_reload_and_no_other_takes_its_place(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "断网后刷新")
    page.context.set_offline(True)
    editors.rename(page, SANLI, "先画的")
    expect(page.get_by_role("alert")).to_contain_text("发送或放弃后才能继续绘制")
    editors.rename(page, XINCUN, "后画的")
    page.keyboard.press("e")
    editors.drag(page, node(1, 2), (116.11, 39.21))
    page.route("**/operations", lambda route: route.abort())
    page.context.set_offline(False)
    page.reload()
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.unroute("**/operations")
    page.reload()
    editors.version(page, 2)
    assert names(page, live) == ["先画的"]


def test_a_waiting_step_is_left_out_only_when_that_is_confirmed(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "放弃")
    page.context.set_offline(True)
    editors.rename(page, SANLI, "不要的")
    bar = page.get_by_role("alert")
    bar.get_by_role("button", name="放弃这一步").click()
    expect(bar).to_contain_text("确定放弃")
    bar.get_by_role("button", name="保留").click()
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    bar.get_by_role("button", name="放弃这一步").click()
    bar.get_by_role("button", name="放弃这一步", exact=True).click()
    page.context.set_offline(False)
    expect(saved(page)).to_have_text("已保存")
    page.reload()
    editors.editor_of(page)
    expect(bar).to_have_count(0)
    assert editors.plan_of(page, live)["operations"] == []


def test_a_step_whose_answer_was_lost_is_not_drawn_twice(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "回应丢失")
    held = hold_first(page)
    page.keyboard.press("x")
    editors.draw(page, (115.99, 39.05), (116.11, 39.05))
    page.get_by_label("新网格的名称").fill("和平二社区")
    page.keyboard.press("Enter")
    cut_off(page, held, arrives=True)
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.context.set_offline(False)
    expect(saved(page)).to_have_text("已保存")
    assert len(editors.plan_of(page, live)["operations"]) == 1


def test_a_step_that_is_left_out_after_its_answer_was_lost_is_taken_back(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "放弃已送达的")
    held = hold_first(page)
    editors.rename(page, SANLI, "不要的")
    cut_off(page, held, arrives=True)
    bar = page.get_by_role("alert")
    bar.get_by_role("button", name="放弃这一步").click()
    bar.get_by_role("button", name="放弃这一步", exact=True).click()
    expect(bar).not_to_contain_text("不要的")
    page.context.set_offline(False)
    editors.version(page, 3)
    assert names(page, live) == []


@pytest.mark.parametrize("store", [FORBIDDEN, FULL])
def test_where_the_browser_keeps_nothing_a_step_waits_as_long_as_the_page_is_open(
    drawer: Page, live: Live, store: str
) -> None:
    page = drawer
    page.add_init_script(store)
    editors.begin(page, live, "139901", "不留数据的浏览器")
    editors.rename(page, SANLI, "先画的")
    editors.version(page, 2)
    page.context.set_offline(True)
    editors.rename(page, XINCUN, "断网的")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    editors.version(page, 3)
    assert names(page, live) == ["先画的", "断网的"]


def test_a_full_store_loses_nothing_that_a_closed_tab_left(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "存储已满")
    address = page.url
    page.context.route("**/operations", lambda route: route.abort())
    editors.rename(page, SANLI, "留下的")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    full = page.context.new_page()
    full.add_init_script(FULL)
    page.close()
    for tab in (full, full.context.new_page()):
        tab.goto(address)
        expect(saved(tab)).to_have_text("未保存：1 步待发送")
        if tab is full:
            tab.close()
    tab.context.unroute("**/operations")
    tab.reload()
    editors.version(tab, 2)
    assert names(tab, live) == ["留下的"]


def test_a_waiting_step_is_sent_by_who_drew_it_alone(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "同一台电脑")
    address = page.url
    page.route("**/operations", lambda route: route.abort())
    editors.rename(page, SANLI, "甲画的")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.unroute("**/operations")
    page.context.clear_cookies()
    page.goto(f"{live.url}/login")
    editors.sign_in(page, "decider")
    page.goto(address)
    editors.editor_of(page)
    expect(saved(page)).to_have_text("已保存")
    assert names(page, live) == []
    page.context.clear_cookies()
    page.goto(f"{live.url}/login")
    editors.sign_in(page)
    page.goto(address)
    editors.version(page, 2)
    assert names(page, live) == ["甲画的"]


def test_what_was_taken_back_offline_is_taken_back_once_the_network_is_back(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "断网撤销")
    editors.rename(page, SANLI, "好的一步")
    editors.version(page, 2)
    editors.rename(page, SANLI, "不要的")
    editors.version(page, 3)
    page.context.set_offline(True)
    take_back(page)
    expect(page.get_by_role("alert")).to_contain_text("已保留在本机：撤销")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.context.set_offline(False)
    editors.version(page, 4)
    assert names(page, live) == ["好的一步"]
    page.context.set_offline(True)
    page.locator(".map-view").focus()
    page.keyboard.press("Control+y")
    expect(page.get_by_role("alert")).to_contain_text("已保留在本机：重做")
    page.context.set_offline(False)
    editors.version(page, 5)
    assert names(page, live) == ["好的一步", "不要的"]


@pytest.mark.parametrize("written", ["{broken", "null", "[1, null]", '{"a": 1}'])
def test_what_is_no_step_is_not_waited_for(drawer: Page, live: Live, written: str) -> None:
    page = drawer
    editors.begin(page, live, "139901", "别的内容")
    page.context.set_offline(True)
    editors.rename(page, SANLI, "在此")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.evaluate("text => Object.keys(localStorage).forEach((key) => localStorage.setItem(key, text))", written)
    page.context.set_offline(False)
    page.reload()
    editors.editor_of(page)
    editors.rename(page, SANLI, "重画的")
    editors.version(page, 2)
    assert names(page, live) == ["重画的"]


def test_of_two_tabs_the_later_one_keeps_its_step(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "两个标签页")
    other = page.context.new_page()
    other.goto(page.url)
    editors.editor_of(other)
    editors.rename(page, SANLI, "甲")
    editors.version(page, 2)
    editors.rename(other, XINCUN, "乙")
    expect(other.get_by_role("alert")).to_contain_text("草稿已在别处")
    other.get_by_role("button", name="载入最新状态后重试").click()
    editors.version(other, 3)
    assert names(other, live) == ["甲", "乙"]


def test_an_undo_of_one_tab_does_not_take_back_what_another_drew_meanwhile(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "两个标签页撤销")
    editors.rename(page, SANLI, "甲")
    editors.version(page, 2)
    other = page.context.new_page()
    other.goto(page.url)
    editors.version(other, 2)
    editors.rename(page, XINCUN, "乙")
    editors.version(page, 3)
    take_back(other)
    bar = other.get_by_role("alert")
    expect(bar).to_contain_text("草稿已在别处")
    expect(bar).to_contain_text("将不再执行")
    bar.get_by_role("button", name="载入最新状态").click()
    expect(bar).to_contain_text("未执行：撤销")
    editors.version(other, 3)
    assert names(other, live) == ["甲", "乙"]
    assert violations(other) == []
    take_back(other)
    editors.version(other, 4)
    expect(bar).to_have_count(0)
    assert names(other, live) == ["甲"]


def test_a_step_after_the_session_ended_waits_for_the_login(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "登录过期")
    address = page.url
    page.context.clear_cookies()
    editors.rename(page, SANLI, "登录后的")
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text("登录已过期")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    bar.get_by_role("link", name="登录").click()
    editors.sign_in(page)
    page.wait_for_url(address)
    page.get_by_role("alert").get_by_role("button").first.click()
    editors.version(page, 2)
    assert names(page, live) == ["登录后的"]


def test_a_draft_on_grids_that_changed_leads_to_drawing_it_anew(drawer: Page, live: Live, tmp_path: Path) -> None:
    page = drawer
    editors.begin(page, live, "139901", "底图已变")
    editors.rename(page, (116.15, 39.35), "北关甲")
    editors.version(page, 2)
    operations = tmp_path / "ops.jsonl"
    operations.write_text(json.dumps({"op": "rename", "grid": "139901002004", "name": "北关乙"}))
    live.cli("plan", "run", "--parent", "139901", "--ops", str(operations))
    editors.rename(page, SANLI, "再画的")
    expect(page.get_by_role("tab", name="检查")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".edit-panel")).to_contain_text("139901002004")
    bar = page.get_by_role("alert")
    expect(bar).not_to_contain_text("草稿已在别处")
    expect(bar).to_contain_text("已保留在本机：更名")
    address = page.url
    page.reload()
    expect(page.get_by_role("tab", name="检查")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="更新到当前边界").click()
    page.wait_for_url(lambda url: not url.endswith("/edit"))
    page.goto(address)
    editors.editor_of(page)
    page.get_by_role("alert").get_by_role("button", name="重试").click()
    expect(saved(page)).to_have_text("已保存")
    assert names(page, live)[-1] == "再画的"
