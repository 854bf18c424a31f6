"""One draft in two tabs, and steps whose fate nobody knows: each step is in the draft once, and says what it meets."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIResponse, Page, Request, Route, expect

from tests.e2e import editors
from tests.e2e.conftest import Live
from tests.e2e.sending import SANLI, XINCUN, arrived, cut_off, hold_first, names, saved, take_back
from tests.integration.grids.planting import node

pytestmark = pytest.mark.browser
LOCKS = pytest.mark.parametrize("locks", [True, False])
"""Whether the browser has them: over plain http it has none."""
EDGE = ((node(0, 2)[0] + node(1, 2)[0]) / 2, (node(0, 2)[1] + node(1, 2)[1]) / 2)


def second_tab(page: Page) -> tuple[Page, list[str]]:
    """The same draft in another tab, and the paths to which that sends."""
    other, sent = page.context.new_page(), list[str]()

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    other.on("request", note)
    other.goto(page.url)
    editors.editor_of(other)
    return other, sent


def without_locks(page: Page) -> None:
    page.context.add_init_script("delete Navigator.prototype.locks")


def lose_the_answer(page: Page) -> None:
    """The next step goes in, but nobody here learns of it."""

    def handle(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/operations", handle, times=1)


def pull_the_edge(page: Page) -> None:
    """Put a vertex in and move it, by one drag."""
    page.keyboard.press("e")
    editors.drag(page, EDGE, (EDGE[0], EDGE[1] + 0.01))


@LOCKS
def test_a_second_tab_leaves_the_first_what_that_is_sending(drawer: Page, live: Live, locks: bool) -> None:
    page = drawer
    if not locks:
        without_locks(page)
    editors.begin(page, live, "139901", "两页同时")
    held = hold_first(page)
    editors.rename(page, SANLI, "第一步")
    editors.rename(page, XINCUN, "第二步")
    first = arrived(page, held)
    other, sent = second_tab(page)
    other.wait_for_timeout(500 if locks else 3000)
    assert sent == []
    expect(saved(other)).to_have_text("已保存")
    first.continue_()
    editors.version(page, 3)
    assert names(page, live) == ["第一步", "第二步"]


@LOCKS
def test_an_open_tab_sends_what_another_had_to_leave(drawer: Page, live: Live, locks: bool) -> None:
    page = drawer
    if not locks:
        without_locks(page)
    editors.begin(page, live, "139901", "另一页关闭")
    other, sent = second_tab(page)
    held = hold_first(page)
    editors.rename(page, SANLI, "第一步")
    editors.rename(page, XINCUN, "第二步")
    arrived(page, held)
    assert sent == []
    page.close()
    expect(other.locator("wg-grid-editor")).to_have_attribute("data-version", "3", timeout=15_000)
    editors.editor_of(other)
    assert names(other, live) == ["第一步", "第二步"]


def test_of_a_tab_that_lives_but_is_silent_a_step_that_two_send_is_one(drawer: Page, live: Live) -> None:
    page = drawer
    without_locks(page)
    page.context.add_init_script("BroadcastChannel.prototype.postMessage = () => undefined")
    editors.begin(page, live, "139901", "不作声的标签页")
    held = hold_first(page)
    editors.rename(page, SANLI, "只一次")
    first = arrived(page, held)
    other, sent = second_tab(page)
    expect(other.locator("wg-grid-editor")).to_have_attribute("data-version", "2", timeout=15_000)
    assert len(sent) == 1
    first.continue_()
    editors.version(page, 2)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert names(page, live) == ["只一次"]


def test_a_step_that_is_in_is_not_drawn_again_after_others(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "回应丢失后")
    other, _sent = second_tab(page)
    lose_the_answer(page)
    editors.rename(page, SANLI, "甲")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    other.reload()
    editors.editor_of(other)
    editors.rename(other, XINCUN, "乙")
    editors.version(other, 3)
    page.get_by_role("alert").get_by_role("button", name="重试").click()
    editors.version(page, 3)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert names(page, live) == ["甲", "乙"]


def test_taking_back_behind_a_lost_step_takes_back_the_last_operation_alone(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "断网撤销移点")
    held = hold_first(page)
    pull_the_edge(page)
    take_back(page)
    cut_off(page, held)
    expect(saved(page)).to_have_text("未保存：2 步待发送")
    page.context.set_offline(False)
    editors.version(page, 3)
    plan = editors.plan_of(page, live)
    assert [one["op"] for one in plan["operations"]] == ["insert_vertex"]
    assert plan["undone"] == 1


def test_what_was_wholly_taken_back_behind_a_lost_step_is_not_sent(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "断网全撤")
    editors.rename(page, SANLI, "好的一步")
    editors.version(page, 2)
    held = hold_first(page)
    pull_the_edge(page)
    take_back(page)
    take_back(page)
    page.keyboard.press("v")
    editors.rename(page, XINCUN, "后画的")
    cut_off(page, held)
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.context.set_offline(False)
    editors.version(page, 3)
    assert names(page, live) == ["好的一步", "后画的"]


def test_a_lost_redo_is_not_taken_for_another_step_that_came_in(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "重做丢失")
    editors.rename(page, SANLI, "撤了的")
    editors.version(page, 2)
    take_back(page)
    editors.version(page, 3)
    other, _sent = second_tab(page)
    page.route("**/redo", lambda route: route.abort(), times=1)
    page.keyboard.press("Control+y")
    expect(page.get_by_role("alert")).to_contain_text("已保留在本机：重做")
    editors.rename(other, XINCUN, "另一页")
    editors.version(other, 4)
    page.get_by_role("alert").get_by_role("button", name="重试").click()
    expect(page.get_by_role("alert")).to_contain_text("草稿已在别处")
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.get_by_role("button", name="载入最新状态").click()
    expect(page.get_by_role("alert")).to_contain_text("未执行：重做")
    assert names(page, live) == ["另一页"]


def test_of_two_tabs_the_later_one_says_what_was_drawn_there_and_what_here(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "各画一步")
    other, _sent = second_tab(page)
    editors.rename(page, SANLI, "甲")
    editors.version(page, 2)
    editors.rename(other, XINCUN, "乙")
    bar = other.get_by_role("alert")
    for _time in range(2):
        expect(bar).to_contain_text("其间新增：更名 139901001002 甲；这一步将接在其后。")
        expect(bar).to_contain_text("已保留在本机：更名 139901001003 乙。")
        expect(page.get_by_role("alert")).to_have_count(0)
        other.reload()
    take_back(page)
    editors.version(page, 3)
    other.reload()
    expect(bar).to_contain_text("草稿现有 0 步")
    bar.get_by_role("button", name="载入最新状态后重试").click()
    editors.version(other, 4)
    expect(bar).to_have_count(0)
    assert names(other, live) == ["乙"]


def test_leaving_the_first_of_two_steps_out_makes_the_second_the_next(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "放弃第一步")
    held = hold_first(page)
    editors.rename(page, SANLI, "不要的")
    editors.rename(page, XINCUN, "要的")
    cut_off(page, held)
    bar = page.get_by_role("alert")
    expect(saved(page)).to_have_text("未保存：2 步待发送")
    bar.get_by_role("button", name="放弃这一步").click()
    bar.get_by_role("button", name="放弃这一步", exact=True).click()
    expect(saved(page)).to_have_text("未保存：1 步待发送")
    page.context.set_offline(False)
    editors.version(page, 2)
    assert names(page, live) == ["要的"]


def test_a_reading_that_was_long_on_its_way_does_not_take_the_draft_back(drawer: Page, live: Live) -> None:
    page = drawer
    editors.begin(page, live, "139901", "迟到的读取")
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/sheet?*", lambda route: late.append((route, route.fetch())), times=1)
    page.get_by_role("button", name="缩小").click(click_count=2, delay=300)
    for _time in range(200):
        if late:
            break
        page.wait_for_timeout(50)
    editors.rename(page, SANLI, "第一步")
    editors.version(page, 2)
    route, response = late[0]
    route.fulfill(response=response)
    page.wait_for_timeout(500)
    editors.rename(page, XINCUN, "第二步")
    editors.version(page, 3)
    expect(page.get_by_role("alert")).to_have_count(0)
