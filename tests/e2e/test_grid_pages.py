"""Pages of the grids: tree, page, card, print, lists, search."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import openpyxl
import pytest
from flask.testing import FlaskClient

from core.access.commands import CreateUser, IssueToken
from core.access.service import create_user
from core.access.sessions import issue_token
from core.db.session import reading, work
from core.grids.acts import Act, Renewal
from core.grids.queries import known_grid
from core.grids.reading import load_shapes
from core.grids.writing import apply_change
from tests.e2e.clients import TESTER, admin_client, stranger_of
from tests.e2e.folks import person
from tests.integration.grids.plans import back, run
from tests.integration.grids.planting import plant, recode

IN_BLOCKS = '139901<span class="ms-1">001</span>'
"""A code that looks like blocks and copies as one."""


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    return admin_client(accept="text/html")


def page(client: FlaskClient, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_the_tree_opens_at_the_root_and_along_a_path(client: FlaskClient) -> None:
    closed = page(client, "/grids")
    assert "试验市" in closed
    assert "西县" in closed
    assert "东街街道" not in closed
    opened = page(client, "/grids?at=139901001")
    assert "和平社区" in opened
    assert "全域第 1 版 · 9 个末级网格" in opened


def test_tree_rows_come_as_a_fragment(client: FlaskClient) -> None:
    rows = page(client, "/grids/tree?parent=139901")
    assert "<html" not in rows
    assert "东街街道" in rows
    assert "/grids/tree?parent=139901001" in rows
    assert "试验市" in page(client, "/grids/tree")
    assert "<li>" not in page(client, "/grids/tree?parent=nix")


def test_a_part_that_cannot_be_had_is_a_box_and_not_a_page_within_the_page(client: FlaskClient) -> None:
    part = {"HX-Request": "true"}
    missing = page(client, "/grids/nix/card", 404, **part)
    assert "<html" not in missing
    assert "没有代码为 nix 的网格" in missing
    assert "<html" in page(client, "/grids/nix/card", 404)
    left = stranger_of(client).get("/grids/139901/card", headers={**part, "Accept": "text/html"})
    assert left.status_code == 401
    assert "<html" not in left.text
    assert 'href="/login"' in left.text


def test_an_empty_city_offers_the_import(database: str) -> None:
    empty = page(admin_client(accept="text/html"), "/grids")
    assert "还没有网格" in empty
    assert "/grids/import" in empty


def test_the_page_of_a_grid_says_what_it_is(client: FlaskClient) -> None:
    shown = page(client, "/grids/139901001")
    for text in ("东街街道", IN_BLOCKS, "乡镇（街道）", "基础网格", "379.3 km²", "西县", "和平社区", "北关社区"):
        assert text in shown, text
    assert 'data-url="/api/v1/grids/139901001/shape"' in shown
    assert "planted" in page(client, "/grids/139901001?tab=history")


def test_card_and_print_show_the_same_facts(client: FlaskClient) -> None:
    card = page(client, "/grids/139901001/card")
    assert "<html" not in card
    for shown in (card, page(client, "/grids/139901001/print")):
        for text in ("东街街道", IN_BLOCKS, "379.3 km²", "试验市", "未办结事项"):
            assert text in shown, text


def test_pages_speak_english_when_asked(client: FlaskClient) -> None:
    assert "Grids below" in page(client, "/grids/139901001?lang=en")


@pytest.mark.parametrize("path", ["/grids/nix", "/grids/nix/card", "/grids/nix/print", "/grids.csv?grid=nix"])
def test_an_unknown_grid_is_a_friendly_404(client: FlaskClient, path: str) -> None:
    assert "没有代码为 nix 的网格" in page(client, path, 404)


def test_lists_are_exported_whole(client: FlaskClient) -> None:
    answer = client.get("/grids.xlsx?grid=139901002")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:4] == ["代码", "名称", "层级", "上级代码"]
    assert [row[0] for row in rows[1:]] == ["139901002", *(f"13990100200{n}" for n in (1, 2, 3, 4))]
    assert rows[1][4] == "试验市 / 西县 / 南街街道"
    lines = list(csv.reader(io.StringIO(client.get("/grids.csv").data.decode("utf-8-sig"))))
    assert len(lines) == 14


def test_the_search_finds_while_typing_and_as_a_page(client: FlaskClient) -> None:
    hits = page(client, "/search?q=hpsq", **{"HX-Request": "true"})
    assert "<html" not in hits
    assert hits.count("/map?grid=") == 2
    assert "东街街道" in hits, "the parent tells two of one name apart"
    whole = page(client, "/search?q=hpsq")
    assert "<html" in whole
    assert whole.count("/map?grid=") == 2
    assert "没有找到“zzzz”" in page(client, "/search?q=zzzz", **{"HX-Request": "true"})
    assert "&lt;b&gt;" in page(client, "/search?q=<b>", **{"HX-Request": "true"})


def test_without_rights_there_are_no_counts_and_no_export(client: FlaskClient) -> None:
    with work(TESTER) as session:
        user = create_user(session, CreateUser(login="guest", name="来客"))
        token = issue_token(session, IssueToken(user.id, "t"))
    guest = stranger_of(client)
    guest.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    card = page(guest, "/grids/139901001/card", Accept="text/html")
    assert "东街街道" in card
    assert "未办结事项" not in card
    assert page(guest, "/grids.csv", 403, Accept="text/html")
    assert page(guest, "/grids/import", 403, Accept="text/html")


def test_an_export_of_everything_needs_the_right_everywhere(client: FlaskClient) -> None:
    user = person("scoped", "gis_admin", "139901")
    with work(TESTER) as session:
        token = issue_token(session, IssueToken(user, "t"))
    scoped = stranger_of(client)
    scoped.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    assert page(scoped, "/grids.csv", 403, Accept="text/html")
    assert page(scoped, "/grids.csv?grid=139902", 403, Accept="text/html")
    assert scoped.get("/grids.csv?grid=139901").status_code == 200


def test_nobody_signed_in_is_sent_to_the_login(client: FlaskClient) -> None:
    answer = stranger_of(client).get("/grids/139901001")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")


def test_scripts_come_packed_and_are_kept(client: FlaskClient) -> None:
    shown = page(client, "/map")
    [first, *_rest] = re.findall(r'rel="modulepreload" href="([^"]+)"', shown)
    with client.get(first, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("/grids/139902?tab=history", "/grids/139912?tab=history"),
        ("/grids/139902/card", "/grids/139912/card"),
        ("/grids/139902/print", "/grids/139912/print"),
        ("/map?grid=139902&z=12", "/map?grid=139912&z=12"),
    ],
)
def test_a_link_with_a_former_code_leads_to_the_present_one(client: FlaskClient, link: str, leads_to: str) -> None:
    recode("139902", "139912", 2, dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    answer = client.get(link)
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)
    assert "东县" in page(client, leads_to)


def test_the_search_says_by_which_former_code_it_found(client: FlaskClient) -> None:
    recode("139902", "139912", 2, dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    for address in ("/search?q=139902", "/grids/pick?grid=139902"):
        shown = page(client, address, **{"HX-Request": "true"})
        assert "东县" in shown
        assert "原编码 139902" in shown
        assert "139912" in shown
    assert "139912" in client.get("/matters?tab=area&grid=139902").headers.get("Location", "")


def test_the_search_says_by_which_former_name_it_found(client: FlaskClient) -> None:
    run("139900", {"op": "rename", "grid": "139902", "name": "海滨区"})
    shown = page(client, "/search?q=东县", **{"HX-Request": "true"})
    assert "海滨区" in shown
    assert "原名 东县" in shown


def test_the_history_of_a_grid_tells_how_its_parts_came_and_went(client: FlaskClient) -> None:
    run("139900", {"op": "subdivide", "grid": "139902", "lines": [
        [[116.3, 38.9], [116.3, 39.5]], [[116.1, 39.21], [116.5, 39.21]],
    ]})  # fmt: skip
    shown = page(client, "/grids/139902?tab=history")
    assert "直接下级新设 4 个网格，撤销 0 个" in shown
    first = client.get("/api/v1/grids/139902/history").get_json()["items"][0]
    assert (first["born_below"], first["ended_below"], first["noded"]) == (4, 0, True)
    assert "仅因相邻网格的边界接入" not in shown


def test_the_history_of_both_parents_names_a_grid_that_went_from_one_to_the_other(client: FlaskClient) -> None:
    run("139900", {"op": "move", "grid": "139901001004", "parent": "139901002"})
    assert "北关社区划归南街街道" in page(client, "/grids/139901001?tab=history")
    assert "北关社区由东街街道划入" in page(client, "/grids/139901002?tab=history")
    assert "北关社区" not in page(client, "/grids/139901?tab=history")


def test_a_change_by_a_plan_is_told_in_words_and_leads_to_the_plan(client: FlaskClient) -> None:
    done = run("139900", {"op": "rename", "grid": "139902", "name": "新东县"})
    shown = page(client, "/grids/139902?tab=history")
    assert f'<a href="/grids/plans/{done.plan.id}">调整方案</a>' in shown
    assert "试验方案" in shown, "its title is the reason"
    [renamed, born] = client.get("/api/v1/grids/139902/history").get_json()["items"]
    assert (renamed["plan"], born["plan"]) == (str(done.plan.id), None)


def test_the_history_has_one_line_per_change(client: FlaskClient) -> None:
    recode("139902", "139912", 2, dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    with work(TESTER) as session:
        shapes = load_shapes(session, "s.code = '139912'")
        renewal = Renewal(int(shapes.grid_ids[0]), shapes.polygons[0], noded=True)
        act = Act("reshape", 2, (), "北侧接入", renewals=(renewal,), effective_on=dt.date(2026, 3, 3))
        apply_change(session, act)
    shown = page(client, "/grids/139912?tab=history")
    assert "沿革" in shown
    noded, recoded, born = (re.sub(r"<[^>]+>", " ", row) for row in re.findall(r"<tr>(.*?)</tr>", shown, re.S)[1:])
    for line, words in (
        (noded, ("调整边界", "v3", "仅因相邻网格的边界接入而增加了顶点", "北侧接入", "2026-03-03", TESTER.name)),
        (recoded, ("2026-02-01", "更改编码", "v2", "139902 →", "139912", "planted")),
        (born, ("2026-01-05", "导入", "v1", "东县", "139902", "—")),
    ):
        for word in words:
            assert word in line, (word, line)
    assert "→" not in born
    assert noded.count("km²") == 2
    assert 'class="nowrap muted' in shown


def test_a_grid_that_ended_tells_who_has_its_area_now(client: FlaskClient) -> None:
    run("139901", {"op": "merge", "grids": ["139901001001", "139901001002"], "code": "139901001001"})
    ended = page(client, "/grids/139901001002")
    assert "已撤销" in ended
    assert "试验方案" in ended, "the reason of the plan"
    assert 'href="/grids/139901001001"' in ended
    assert "/map?grid=139901001002&amp;as_of=" in ended
    page(client, "/grids/139901001009", 404)


def test_no_code_and_no_name_breaks_in_the_history(client: FlaskClient) -> None:
    shown = page(client, "/grids/139901001?tab=history")
    row = shown.split("<tbody")[1].split("</tr>")[0]
    assert '<span class="code">139901<span class="ms-1">001</span></span>' in row
    assert re.search(r'<td class="nowrap ?"[^>]*>tester</td>', row), row


def test_a_grid_that_a_reversal_began_anew_leads_to_the_one_that_bore_its_code_before(client: FlaskClient) -> None:
    north, south = "139901001001", "139901001002"
    with reading(TESTER) as session:
        name = known_grid(session, south).name
    assert "此代码的前任网格" not in page(client, f"/grids/{south}?tab=history")
    back(run("139901", {"op": "merge", "grids": [north, south], "code": north}).change_id, "139901")
    shown = page(client, f"/grids/{south}?tab=history")
    assert "此代码的前任网格" in shown
    links = re.findall(rf'href="(/grids/{south}\?tab=history[^"]*as_of=[^"]+)"', shown)
    assert len(links) == 1
    before = page(client, links[0].replace("&amp;", "&"))
    assert "此代码的前任网格" not in before
    assert name in before
    for headers in ({}, {"HX-Request": "true"}):
        found = page(client, f"/search?q={south}", **headers)
        living, ended = found.index(f'href="/map?grid={south}"'), found.index(f'href="{links[0]}"')
        assert living < ended
        assert "曾使用同一代码" in found[ended:]
    assert "此代码的前任网格" not in page(client, f"/grids/{north}?tab=history")
