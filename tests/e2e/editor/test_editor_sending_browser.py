"""Steps that are drawn, taken back or refused while others are on their way; and the tab closed meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.e2e.sending import SANLI, XINCUN, arrived, cut_off, hold_first, merge_apart, names, saved, take_back

pytestmark = pytest.mark.browser


def test_what_is_drawn_while_a_step_is_on_its_way_follows_it(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "接着画")
    held = hold_first(page)
    editors.rename(page, SANLI, "先画的")
    editors.rename(page, XINCUN, "后画的")
    page.keyboard.press("x")
    editors.draw(page, (115.99, 39.05), (116.11, 39.05))
    page.get_by_label("新网格的名称").fill("和平二社区")
    arrived(page, held).continue_()
    editors.version(page, 3)
    page.keyboard.type("新")
    expect(page.get_by_label("新网格的名称")).to_have_value("和平二社区新")
    assert names(page, live) == ["先画的", "后画的"]


def test_what_is_drawn_while_a_step_gets_lost_waits_behind_it(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "接着断网")
    held = hold_first(page)
    editors.rename(page, SANLI, "先画的")
    editors.rename(page, XINCUN, "后画的")
    cut_off(page, held)
    expect(saved(page)).to_have_text("未保存：2 步待发送")
    page.context.set_offline(False)
    editors.version(page, 3)
    assert names(page, live) == ["先画的", "后画的"]


def test_what_is_done_while_the_draft_is_read_anew_is_done_all_the_same(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "读取时")
    editors.rename(page, SANLI, "第一步")
    editors.version(page, 2)
    held = hold_first(page, "**/sheet?*")
    editors.rename(page, SANLI, "第二步")
    reading = arrived(page, held)
    editors.rename(page, XINCUN, "第三步")
    reading.continue_()
    editors.version(page, 4)
    assert names(page, live) == ["第一步", "第二步", "第三步"]


def test_taking_back_a_step_that_was_refused_takes_back_no_other(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "撤销被拒的")
    editors.rename(page, SANLI, "好的一步")
    editors.version(page, 2)
    held = hold_first(page)
    merge_apart(page)
    page.keyboard.press("Control+z")
    arrived(page, held).continue_()
    expect(page.get_by_role("alert")).to_be_visible()
    editors.editor_of(page)
    assert names(page, live) == ["好的一步"]


@pytest.mark.parametrize(("arrives", "steps"), [(False, 1), (True, 3)])
def test_a_step_that_was_taken_back_is_not_drawn_once_the_network_is_back(
    drawer: Page, live: Live, arrives: bool, steps: int
) -> None:
    page = drawer
    editors.begin(page, live, "139901", f"断网前撤销 {arrives}")
    editors.rename(page, SANLI, "好的一步")
    editors.version(page, 2)
    held = hold_first(page)
    editors.rename(page, SANLI, "撤销了的")
    take_back(page)
    editors.rename(page, XINCUN, "后画的")
    cut_off(page, held, arrives)
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.context.set_offline(False)
    editors.version(page, 2 + steps)
    assert names(page, live) == ["好的一步", "后画的"]


def test_a_step_that_went_in_and_was_taken_back_is_met_by_nobody(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "丢了回应又撤销")
    editors.rename(page, SANLI, "好的一步")
    editors.version(page, 2)
    held = hold_first(page)
    editors.rename(page, SANLI, "撤销了的")
    take_back(page)
    cut_off(page, held, arrives=True)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("alert")).not_to_contain_text("撤销了的")
    page.context.set_offline(False)
    editors.version(page, 4)
    assert names(page, live) == ["好的一步"]
    editors.rename(page, XINCUN, "后画的")
    editors.version(page, 5)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert names(page, live) == ["好的一步", "后画的"]


def test_an_editor_that_is_put_elsewhere_in_the_page_sends_each_step_once(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "移动元素")
    page.evaluate("""() => {
      const editor = document.querySelector('wg-grid-editor');
      const { parentNode, nextSibling } = editor;
      editor.remove();
      parentNode.insertBefore(editor, nextSibling);
    }""")
    editors.rename(page, SANLI, "一次")
    editors.version(page, 2)
    assert names(page, live) == ["一次"]
    editors.rename(page, SANLI, "两次")
    editors.version(page, 3)
    take_back(page)
    editors.version(page, 4)
    assert names(page, live) == ["一次"]


def test_what_was_taken_back_after_a_step_that_was_refused_is_gone(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "拒后撤销")
    editors.rename(page, SANLI, "好的一步")
    editors.version(page, 2)
    held = hold_first(page)
    merge_apart(page)
    page.keyboard.press("v")
    editors.rename(page, XINCUN, "又不要的")
    take_back(page)
    arrived(page, held).continue_()
    expect(page.get_by_role("alert")).to_be_visible()
    editors.version(page, 4)
    assert names(page, live) == ["好的一步"]


@pytest.mark.parametrize("arrives", [True, False])
def test_what_was_on_its_way_when_the_tab_closed_is_sent_by_the_next(drawer: Page, live: Live, arrives: bool) -> None:
    page = drawer
    editors.begin(page, live, "139901", f"关闭标签页 {arrives}")
    address = page.url
    held = hold_first(page)
    editors.rename(page, SANLI, "第一步")
    editors.rename(page, XINCUN, "第二步")
    editors.rename(page, SANLI, "第三步")
    first = arrived(page, held)
    if arrives:
        first.fetch()
    other = page.context.new_page()
    page.close()
    other.goto(address)
    editors.version(other, 4)
    assert names(other, live) == ["第一步", "第二步", "第三步"]
    other.reload()
    editors.version(other, 4)


def test_leaving_is_asked_about_while_a_step_is_on_its_way(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "途中离开")
    held = hold_first(page)
    editors.rename(page, SANLI, "途中的")
    arrived(page, held)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    held[0].continue_()
    editors.version(page, 2)
