"""The workbench in a browser: grids by zoom, card, search, tree, theme, layers, measure, share, report mode."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.towns import click_middle, map_of, plant_in, violations

pytestmark = pytest.mark.browser

WEST_COMMUNITY = "lon=116.05&lat=39.05&z=13"


@pytest.fixture(scope="module", autouse=True)
def city(live: Live) -> None:
    plant_in(live)


def test_levels_follow_the_zoom_and_a_click_brings_the_card(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    found = map_of(page)
    expect(found).to_have_attribute("data-level", "community")
    expect(found).to_have_attribute("data-visible", re.compile("139901001001"))
    click_middle(page)
    card = page.locator("#grid-card article")
    expect(card.get_by_role("heading", level=2)).to_have_text("和平社区")
    expect(card).to_contain_text("139901001001")
    expect(card.get_by_role("link", name="东街街道")).to_be_visible()
    expect(page).to_have_url(re.compile("grid=139901001001"))
    assert violations(page) == []
    page.get_by_role("button", name="全市").click()
    expect(found).to_have_attribute("data-level", "street")
    expect(found).to_have_attribute("data-visible", "139901001 139901002 139902")


def test_the_address_brings_the_same_view_back(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?grid=139901002003&{WEST_COMMUNITY}")
    expect(map_of(page)).to_have_attribute("data-selected", "139901002003")
    expect(page.locator("#grid-card h2")).to_have_text("新村社区")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制当前视图的链接").click()
    expect(page.get_by_role("status").filter(has_text="已复制")).to_be_visible()
    shared = page.evaluate("navigator.clipboard.readText()")
    page.goto(shared)
    expect(map_of(page)).to_have_attribute("data-selected", "139901002003")
    expect(page.locator("wg-map")).to_have_attribute("data-zoom", "13")


def test_after_the_session_has_ended_a_click_leads_to_the_login_and_back(
    sign_in: Callable[..., Page], live: Live
) -> None:
    watched = sign_in()
    page = watched.context.new_page()  # the refused requests may be told in its console
    watched.goto("about:blank")  # not in that of the watched page, which may still be loading
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    map_of(page)
    page.context.clear_cookies()
    click_middle(page)
    expect(page).to_have_url(re.compile(r"/login\?next=.*z%3D13.*grid%3D139901001001"))
    page.get_by_label("登录名").fill(live.login)
    page.get_by_label("密码").fill(live.password)
    page.get_by_role("button", name="登录").click()
    expect(map_of(page)).to_have_attribute("data-selected", "139901001001")
    expect(map_of(page)).to_have_attribute("data-zoom", "13")


def test_every_grid_in_view_bears_its_name(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map")
    found = map_of(page)
    visible, names = found.evaluate("map => [map.dataset.visible.split(' '), map.dataset.names.split(' ')]")
    assert len(names) == len(visible) > 2
    page.get_by_label("网格名称").uncheck()
    expect(found).to_have_attribute("data-names", "")
    page.get_by_label("网格名称").check()
    expect(found).not_to_have_attribute("data-names", "")


@pytest.mark.parametrize(
    ("typed", "code"),
    [("slsq", "139901001002"), ("139901002004", "139901002004"), ("东县", "139902")],
)
def test_search_by_initials_code_and_name_opens_the_first_hit_by_enter(
    sign_in: Callable[..., Page], live: Live, typed: str, code: str
) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map")
    map_of(page)
    page.keyboard.press("/")
    page.keyboard.insert_text(typed)
    expect(page.locator(".search-hits")).to_have_attribute("data-for", typed)
    page.keyboard.press("Enter")
    expect(page.locator("wg-map")).to_have_attribute("data-selected", code)
    expect(page.locator(f'#grid-card [data-grid="{code}"]')).to_be_visible()


def test_a_fast_enter_opens_what_was_typed_and_not_the_former_hits(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map")
    map_of(page)
    search = page.get_by_role("searchbox", name="搜索")
    search.fill("slsq")
    expect(page.locator(".search-hits")).to_have_attribute("data-for", "slsq")
    search.fill("139901002004")
    search.press("Enter")
    expect(page.locator("wg-map")).to_have_attribute("data-selected", "139901002004")
    search.fill("没有这个地方")
    search.press("Enter")
    page.wait_for_url("**/search?q=*")
    expect(page.locator("main")).to_contain_text("没有这个地方")


def test_the_address_keeps_theme_and_layers(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    map_of(page)
    page.get_by_label("专题着色").select_option(label="今日到期")
    page.get_by_label("网格名称").uncheck()
    expect(page).to_have_url(re.compile(r"theme=due_today.*layers=grids%2Cmatters$"))
    shared = page.url
    page.evaluate("localStorage.clear()")
    page.goto(f"{live.url}/map")
    map_of(page)
    expect(page.get_by_label("网格名称")).to_be_checked()
    page.goto(shared)
    found = map_of(page)
    expect(found).to_have_attribute("data-theme", "due_today")
    expect(page.get_by_label("网格名称")).not_to_be_checked()
    expect(page.get_by_label("事项", exact=True)).to_be_checked()


def test_a_click_asks_for_the_card_once(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    map_of(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/card") else None)
    click_middle(page)
    expect(page.locator("#grid-card h2")).to_have_text("和平社区")
    page.wait_for_load_state("networkidle")
    assert len(asked) == 1


def test_an_address_in_english_brings_its_parts_in_english(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?lang=en&{WEST_COMMUNITY}")
    map_of(page)
    click_middle(page)
    card = page.locator("#grid-card > article")
    expect(card.locator(".tag").first).to_have_text("Community")
    expect(card.get_by_role("link", name="Report here")).to_be_visible()
    expect(page.get_by_role("group", name="Legend")).to_contain_text("Community")


def test_the_tree_opens_and_chooses(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map")
    map_of(page)
    tree = page.locator("#grid-tree")
    tree.locator("summary", has_text="西县").click(position={"x": 12, "y": 12})
    tree.get_by_role("link", name="南街街道").click()
    expect(page.locator("wg-map")).to_have_attribute("data-selected", "139901002")
    expect(page.locator("#grid-card h2")).to_have_text("南街街道")
    expect(tree.locator(".tree-row.current")).to_contain_text("南街街道")


def test_the_tree_follows_what_was_searched_for(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map")
    map_of(page)
    expect(page.locator("#grid-tree .tree-row.current")).to_have_count(0)
    page.locator(".global-search input").fill("slsq")
    expect(page.locator(".search-hits")).to_have_attribute("data-for", "slsq")
    page.keyboard.press("Enter")
    expect(page.locator("#grid-card h2")).to_have_text("三里社区")
    expect(page.locator("#grid-tree .tree-row.current")).to_contain_text("三里社区")
    expect(page.locator("#grid-tree .tree-row.current")).to_be_in_viewport()


def test_grids_are_coloured_by_their_open_matters(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    for lon in ("116.05", "116.15", "116.16"):
        title = f"路灯不亮 {lon}"
        live.cli("matter", "report", "--kind", "general", "--lon", lon, "--lat", "39.05", "--title", title)
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    map_of(page)
    page.get_by_label("专题着色").select_option(label="未办结事项")
    legend = page.get_by_role("group", name="图例")
    expect(legend).to_contain_text("未办结事项 · 村（社区）")
    rows = legend.locator("li.class")
    expect(rows).to_have_text([re.compile(r"0\s*6 个"), re.compile(r"1\s*1 个"), re.compile(r"≥ 2\s*1 个")])
    assert violations(page) == []
    page.get_by_label("专题着色").select_option("")
    expect(rows).to_have_count(0)


def test_measuring_tells_distance_and_ends_by_escape(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    found = map_of(page)
    page.get_by_role("button", name="测量距离").click()
    expect(page.locator(".map-mode")).to_contain_text("依次点击各点")
    expect(found).to_have_attribute("data-mode", "distance")
    click_middle(page, -100)
    click_middle(page, 100)
    # 200 pixels of 19.109 m at the equator, by the cosine of 39.05°
    expect(page.locator(".map-mode")).to_have_text(re.compile(r"2\.9[67]\d km"))
    page.locator(".map-view").press("Escape")
    expect(found).to_have_attribute("data-mode", "")
    expect(page.locator(".map-mode")).to_have_count(0)


def test_report_mode_takes_the_clicked_place_to_the_form(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    map_of(page)
    page.get_by_role("button", name="在地图上上报事项").click()
    expect(page.locator(".map-mode")).to_contain_text("请点击事项所在位置")
    click_middle(page)
    page.wait_for_url("**/matters/new?lon=116.0*&lat=39.0*")
    expect(page.locator("wg-point-picker output")).to_contain_text("和平社区")


def test_the_map_answers_to_the_keyboard(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{WEST_COMMUNITY}")
    found = map_of(page)
    view = page.locator(".map-view")
    view.press("ArrowRight")
    expect(page).not_to_have_url(re.compile(r"lon=116\.0500"))
    view.press("+")
    expect(found).to_have_attribute("data-zoom", "14")
    expect(found).not_to_have_attribute("data-selected", re.compile(".+"))
    expect(page.locator("#grid-card h2")).to_have_text("试验市")
    view.press("Enter")
    expect(found).to_have_attribute("data-selected", "139901001001")
    expect(page.locator("#grid-card h2")).to_have_text("和平社区")


def test_from_search_to_card_to_report_by_the_keyboard_alone(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map")
    map_of(page)
    page.keyboard.press("/")
    page.keyboard.insert_text("slsq")
    expect(page.locator(".search-hits")).to_have_attribute("data-for", "slsq")
    page.keyboard.press("Enter")
    expect(page.locator("#grid-card h2 a")).to_be_focused()
    assert violations(page) == []
    report = page.locator("#grid-card").get_by_role("link", name="在此上报")
    for _ in range(10):
        page.keyboard.press("Tab")
        if report.evaluate("link => link === document.activeElement"):
            break
    expect(report).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/matters/new?lon=116.0*&lat=39.1*")


def test_a_phone_opens_at_the_map_whatever_is_chosen(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live.url}/map?grid=139901001001")
    map_of(page)
    expect(page.locator("#grid-tree .tree-row.current")).to_contain_text("和平社区")
    assert page.evaluate("window.scrollY") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_click_on_a_matter_tells_what_it_is(sign_in: Callable[..., Page], live: Live) -> None:
    place = ("--lon", "116.13", "--lat", "39.14")
    live.cli("matter", "report", "--kind", "general", *place, "--title", "井盖松动")
    page = sign_in()
    page.goto(f"{live.url}/map?lon=116.13&lat=39.14&z=15")
    map_of(page)
    expect(page.locator("wg-map")).to_have_attribute("data-things", "matters")
    click_middle(page)
    card = page.locator("#map-matter article")
    expect(card.get_by_role("heading")).to_have_text("井盖松动")
    for words in ("已上报", "类型", "三里社区", "期限"):
        expect(card).to_contain_text(words)
    assert violations(page) == []
    card.get_by_role("link", name="打开").click()
    page.wait_for_url("**/matters/*")


def test_the_search_page_lists_hits_to_be_touched(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/search?q=社区")
    expect(page.locator(".search-page").get_by_role("link").nth(1)).to_be_visible()
    assert violations(page) == []
