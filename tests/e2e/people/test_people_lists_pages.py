"""Lists of people that come in through the pages: whole or not at all, again with more rows, slips made again."""

from __future__ import annotations

import base64
import io
import re

import openpyxl
import pytest
from apiflask import APIFlask
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import text

from core.access.commands import NewUser
from core.actor import command_line
from core.db.base import new_id
from core.db.session import reading
from tests.e2e.folks import TESTER, journal
from tests.e2e.people_pages import STREET, id_of, one_time_password, page, sheet
from tests.e2e.signing import send, signed_in
from web.pages.lists import slips


def hidden(shown: str) -> dict[str, str]:
    """What the form of a preview sends back."""
    return dict(re.findall(r'<input type="hidden" name="(id|digest|update|list)" value="([^"]*)">', shown))


def taken_over(client: FlaskClient, data: bytes, **fields: str) -> str:
    """The page of a list that was looked at and taken over."""
    seen = send(client, "/people/import/users", {**fields, "file": (io.BytesIO(data), "a.xlsx")})
    assert seen.status_code == 200
    return send(client, "/people/import/users", hidden(seen.get_data(as_text=True))).headers["Location"]


def slips_of(client: FlaskClient, *rows: tuple[str, ...]) -> str:
    """The slips of a list that is taken over without a fault."""
    place = taken_over(client, sheet(*rows).getvalue())
    assert f"{place}/slips" in page(client, place)
    return send(client, f"{place}/slips").get_data(as_text=True)


def test_lists_come_in_whole_or_not_at_all_and_every_fault_is_shown(security: FlaskClient) -> None:
    template = openpyxl.load_workbook(io.BytesIO(security.get("/people/import/users.xlsx").get_data()))
    heads = tuple(str(cell.value) for cell in template.worksheets[0][1])
    good, bad = ("zhao", "赵敏", "13900000002", "worker", STREET), ("zhou", "周", "", "king", "nowhere")
    refused = send(security, "/people/import/users", {"file": (sheet(heads, good, bad), "a.xlsx")})
    assert refused.status_code == 422
    shown = refused.get_data(as_text=True)
    assert "角色 “king” is no role" in shown
    assert "网格编码 “nowhere” is no living grid</strong> · row 3" in shown
    assert id_of("zhao") == "None"
    assert one_time_password(slips_of(security, heads, good))

    walks = ("登录名", "网格编码", "岗位"), ("zhao", STREET, "网格员")
    assert send(security, "/people/import/workers", {"file": (sheet(*walks), "b.xlsx")}).status_code == 302
    assert "赵敏" in page(security, f"/posts?text={STREET}")
    assert "赵敏" not in page(security, "/posts?text=139902")
    assert "139****0002" in page(security, f"/grids/{STREET}")


def test_the_same_fault_of_many_rows_is_told_once_with_its_rows(security: FlaskClient) -> None:
    rows = [(f"walker{n}", "周", "", "网格员", "nowhere") for n in range(12)]
    heads = ("登录名", "姓名", "电话", "角色", "网格编码")
    refused = send(security, "/people/import/users", {"file": (sheet(heads, *rows), "a.xlsx")})
    shown = refused.get_data(as_text=True)
    assert shown.count("is no living grid") == 1
    assert "12 rows: 2、3、4、5、6、7、8、9、10、11、12、13" in shown


def test_faults_of_a_list_quote_what_is_wrong_and_name_its_column_once(security: FlaskClient) -> None:
    heads = ("登录名", "姓名", "电话", "角色", "网格编码")
    rows = ("b d", "甲", "", "", ""), ("yi", "乙", "12a", "", ""), ("bing", "丙", "", "国王", "88888")
    refused = send(security, "/people/import/users?lang=zh", {"file": (sheet(heads, *rows), "a.xlsx")})
    shown = refused.get_data(as_text=True)
    for told in (
        "<strong>“b d”：登录名不能含有", "<strong>“12a”：电话号码应为",
        "<strong>角色“国王”不是已有的角色</strong> · 1 行：第 4 行",
        "<strong>网格编码“88888”不是现行网格</strong> · 1 行：第 4 行",
    ):  # fmt: skip
        assert told in shown


def test_one_time_passwords_are_slips_and_a_file_that_the_server_does_not_keep(security: FlaskClient) -> None:
    heads, row = ("登录名", "姓名", "角色", "网格编码"), ("zhao", "赵敏", "网格员", "全市")
    shown = slips_of(security, heads, row)
    file = re.search(r'href="data:[^"]+;base64,([^"]+)"', shown)
    assert file is not None
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(file[1])))
    _head, values = book.worksheets[0].iter_rows(values_only=True)
    assert values == ("zhao", "赵敏", one_time_password(shown[: file.start()] + shown[file.end() :]))


def test_slips_that_were_lost_are_made_again_until_somebody_signs_in(app: APIFlask, security: FlaskClient) -> None:
    form, data = str(new_id()), sheet(("登录名", "姓名"), ("zhao", "赵敏")).getvalue()
    places = [taken_over(security, data, id=form) for _n in range(2)]
    assert places[0] == places[1]
    place = places[0]
    first, second = (one_time_password(send(security, f"{place}/slips").get_data(as_text=True)) for _n in range(2))
    refused = send(app.test_client(), "/login", {"login": "zhao", "password": first}, "/login")
    assert refused.status_code == 401
    signed_in(app, "zhao", second)
    assert f"{place}/slips" not in page(security, place)
    assert "zhao" not in send(security, f"{place}/slips").get_data(as_text=True).split("</nav>")[-1]
    assert place in page(security, "/people/import")
    assert {after["people"] for _who, _what, after in journal("user.slips") if after} == {1, 0}


def test_a_list_that_comes_again_adds_the_new_and_shows_who_stands_otherwise(security: FlaskClient) -> None:
    heads = ("登录名", "姓名", "电话", "角色", "网格编码")
    zhao, sun = ("zhao", "赵敏", "13900000002", "网格员", STREET), ("sun", "孙六", "", "", "")
    slips_of(security, heads, zhao)
    changed = ("zhao", "赵敏敏", "13900000003", "网格员", STREET)
    data = sheet(heads, changed, sun).getvalue()
    shown = page(security, taken_over(security, data))
    assert "赵敏敏" in shown
    assert "139****0003" in shown
    assert "left as it stood" in shown
    assert "赵敏敏" not in page(security, "/users")
    assert "taken over" in page(security, taken_over(security, data, update="true"))
    assert "赵敏敏" in page(security, "/users")


def test_a_list_is_shown_before_it_is_taken_over_and_named_after(security: FlaskClient) -> None:
    heads = ("登录名", "姓名", "角色", "网格编码")
    slips_of(security, heads, ("zhao", "赵敏", "", ""))
    journalled = len(journal("core.user_account.insert"))
    data = sheet(heads, ("zhao", "赵敏", "", ""), ("sun", "孙六", "网格员", STREET)).getvalue()
    shown = send(security, "/people/import/users", {"file": (io.BytesIO(data), "a.xlsx")}).get_data(as_text=True)
    for told in ("孙六", "Grid worker", STREET, "unchanged"):
        assert told in shown, [line for line in shown.splitlines() if "国王" in line]
    assert (id_of("sun"), len(journal("core.user_account.insert"))) == ("None", journalled)
    sent = hidden(shown)
    other = sheet(heads, ("zhou", "周七", "", "")).getvalue()
    again = send(security, "/people/import/users", {**sent, "list": base64.b64encode(other).decode()})
    assert (again.status_code, id_of("zhou")) == (200, "None")
    result = page(security, send(security, "/people/import/users", sent).headers["Location"])
    assert f'href="/users/{id_of("sun")}"' in result


def test_a_preview_and_what_came_of_it_show_phone_and_where_each_role_holds(security: FlaskClient) -> None:
    heads = ("登录名", "姓名", "电话", "角色", "网格编码")
    people = (
        ("qian", "钱七", "13900000007", "网格员", STREET),
        ("li", "李八", "", "领导", ""),
        ("sun", "孙九", "", "", ""),
    )
    with reading(TESTER) as session:
        named = text("select name from core.grid_state where code = :code and upper_inf(valid)")
        name = session.execute(named, {"code": STREET}).scalar_one()
    seen = send(security, "/people/import/users", {"file": (sheet(heads, *people), "a.xlsx")})
    shown = seen.get_data(as_text=True)
    walker, leader, nothing = (shown.split(f">{login}<")[1].split("</tr>")[0] for login in ("qian", "li", "sun"))
    assert all(told in walker for told in ("13900000007", name, STREET))
    assert "the whole city" in leader
    assert "the whole city" not in nothing
    result = page(security, send(security, "/people/import/users", hidden(shown)).headers["Location"])
    assert "the whole city" in result
    assert all(told in result for told in (name, STREET))


def test_a_file_that_is_no_list_is_refused(security: FlaskClient) -> None:
    answer = send(security, "/people/import/users", {"file": (io.BytesIO(b"PK\x03\x04rubbish"), "a.xlsx")})
    assert answer.status_code == 422
    assert "no XLSX list" in answer.get_data(as_text=True)


def test_slips_made_on_the_server_itself_carry_no_address_that_leads_nobody_there(security: FlaskClient) -> None:
    shown = slips_of(security, ("登录名", "姓名"), ("zhao", "赵敏"))
    assert "carry no address" in shown
    assert "Log in at" not in shown
    assert "localhost" not in shown[shown.index('class="slips"') :]


@pytest.mark.parametrize(("address", "named"), [("http://[::1]:8000/", False), ("https://grid.example/", True)])
def test_slips_name_the_address_under_which_they_were_made(app: APIFlask, address: str, named: bool) -> None:
    with app.test_request_context("/people", base_url=address):
        g.actor = command_line("tester")
        shown = slips([NewUser(new_id(), "zhao", "赵敏", "abcd-efgh")])
    assert (f"<dd>{address}</dd>" in shown) == named
