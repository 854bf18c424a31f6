"""Pages of people, roles, posts and the journal, by a browser without scripts."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from core.access.commands import CreateUser
from core.access.service import create_user
from core.db.session import reading, work
from tests.e2e.folks import PASSWORD, TESTER, journal, person
from tests.e2e.people_pages import STREET, id_of, one_time_password, page
from tests.e2e.signing import form_token, send, signed_in


def api_token(client: FlaskClient) -> str:
    shown = send(client, "/account/tokens", {"name": "phone"}).get_data(as_text=True)
    found = re.search(r"wg_[\w-]{40,}", shown)
    assert found is not None
    return found[0]


def test_a_person_is_added_with_a_role_and_a_password_that_is_shown_once(app: APIFlask, security: FlaskClient) -> None:
    fields = {"login": "zhang", "name": "张三", "phone": "139-0000-0001", "role": "worker", "grid": STREET}
    password = one_time_password(send(security, "/users", fields).get_data(as_text=True))
    assert password not in page(security, "/users")
    shown = page(security, f"/users/{id_of('zhang')}")
    assert password not in shown
    assert "东街街道" in shown
    assert signed_in(app, "zhang", password).get("/map").headers["Location"] == "/account/password"


def test_the_first_password_page_says_the_rules_and_offers_nothing_that_cannot_be_opened(
    app: APIFlask, security: FlaskClient
) -> None:
    shown = send(security, "/users", {"login": "zhang", "name": "张三", "role": "worker", "grid": STREET})
    newcomer = signed_in(app, "zhang", one_time_password(shown.get_data(as_text=True)))
    first = page(newcomer, "/account/password")
    assert "10 至 128 个字符" in first
    assert 'action="/logout"' in first
    for closed in ('href="/map"', 'action="/search"', 'href="/matters"'):
        assert closed not in first


def test_a_reset_ends_the_old_password_and_the_sessions(app: APIFlask, security: FlaskClient) -> None:
    person("zhang", "worker")
    browser = signed_in(app, "zhang")
    assert browser.get("/map").status_code == 200
    shown = send(security, f"/users/{id_of('zhang')}/reset").get_data(as_text=True)
    assert browser.get("/map").headers["Location"].startswith("/login?next=")
    refused = send(app.test_client(), "/login", {"login": "zhang", "password": PASSWORD}, "/login")
    assert refused.status_code == 401
    signed_in(app, "zhang", one_time_password(shown))


def test_a_reset_ends_tokens_and_says_so(app: APIFlask, security: FlaskClient) -> None:
    person("zhang", "worker")
    bearer = {"Authorization": f"Bearer {api_token(signed_in(app, 'zhang'))}"}
    assert app.test_client().get("/api/v1/me", headers=bearer).status_code == 200
    assert "API tokens of this person have ended" in send(security, f"/users/{id_of('zhang')}/reset").get_data(
        as_text=True
    )
    assert app.test_client().get("/api/v1/me", headers=bearer).status_code == 401


def test_the_manager_ends_one_session_and_one_token(app: APIFlask, security: FlaskClient) -> None:
    person("zhang", "worker")
    lost, here = signed_in(app, "zhang"), signed_in(app, "zhang")
    bearers = [{"Authorization": f"Bearer {api_token(here)}"} for _n in range(2)]
    place = f"/users/{id_of('zhang')}"
    for kind, end in (("sessions", "end"), ("tokens", "revoke")):
        ends = re.findall(rf'action="({place}/{kind}/[0-9a-f-]{{36}}/{end})"', page(security, place))
        assert len(ends) == 2
        send(security, ends[-1])
    assert lost.get("/map").headers["Location"].startswith("/login?next=")
    assert here.get("/map").status_code == 200
    answers = [app.test_client().get("/api/v1/me", headers=bearer).status_code for bearer in bearers]
    assert answers == [401, 200]


def test_wrong_present_passwords_are_slowed_down_on_the_account_page(app: APIFlask) -> None:
    person("zhang", "worker")
    client = signed_in(app, "zhang")
    short = {"old": PASSWORD, "new": "short", "again": "short"}
    assert 'id="f-new-error"' in send(client, "/account/password", short).get_data(as_text=True)
    fields = {"old": "a guess", "new": "Eight-Lanterns-5", "again": "Eight-Lanterns-5"}
    answers = [send(client, "/account/password", fields) for _n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "再试" in answers[-1].get_data(as_text=True)
    assert send(client, "/account/password", {**fields, "old": PASSWORD}).status_code == 429


def test_a_disabled_person_is_out_at_the_next_request(app: APIFlask, security: FlaskClient) -> None:
    person("zhang", "worker")
    browser = signed_in(app, "zhang")
    bearer = {"Authorization": f"Bearer {api_token(browser)}"}
    assert app.test_client().get("/api/v1/me", headers=bearer).get_json()["name"] == "王建华"
    send(security, f"/users/{id_of('zhang')}/disable")
    assert app.test_client().get("/api/v1/me", headers=bearer).status_code == 401
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.get("/map").headers["Location"].startswith("/login?next=")


def test_browsers_are_named_in_words(app: APIFlask) -> None:
    person("zhang", "worker")
    client = app.test_client()
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML) Chrome/126.0.0.0 Safari/537.36"
    client.environ_base["HTTP_USER_AGENT"] = agent
    send(client, "/login", {"login": "zhang", "password": PASSWORD}, "/login")
    assert ">Chrome 126 · Windows<" in page(client, "/account")


def test_a_session_that_is_ended_from_another_browser_is_over(app: APIFlask) -> None:
    person("zhang", "worker")
    lost, here = signed_in(app, "zhang"), signed_in(app, "zhang")
    ended = re.search(r"/account/sessions/[0-9a-f-]{36}/end", page(here, "/account"))
    assert ended is not None
    send(here, ended[0])
    assert lost.get("/map").headers["Location"].startswith("/login?next=")
    assert here.get("/map").status_code == 200


def test_a_role_that_is_taken_back_is_gone_at_the_next_request(app: APIFlask, security: FlaskClient) -> None:
    person("zhang", "desk")
    browser = signed_in(app, "zhang")
    assert browser.get("/matters/new").status_code == 200
    revoke = re.search(r"/grants/[0-9a-f-]{36}/revoke", page(security, f"/users/{id_of('zhang')}"))
    assert revoke is not None
    send(security, revoke[0])
    assert browser.get("/matters/new").status_code == 403


def test_a_refused_role_says_why_on_the_page(security: FlaskClient) -> None:
    person("zhang", "audit_admin")
    send(security, f"/users/{id_of('zhang')}/grants", {"role": "system_admin"})
    assert "must be three different people" in page(security, f"/users/{id_of('zhang')}")


def test_a_person_is_changed_on_their_page(security: FlaskClient) -> None:
    person("zhang")
    send(security, "/departments", {"code": "civil", "name": "民政局"})
    with reading(TESTER) as session:
        office = session.execute(text("select id from core.department")).scalar_one()
    fields = {"name": "张三丰", "phone": "13911112222", "language": "en", "department": str(office)}
    assert send(security, f"/users/{id_of('zhang')}", fields).status_code == 302
    listed = page(security, "/users?text=丰")
    assert "张三丰" in listed
    assert "民政局" in listed
    send(security, f"/users/{id_of('zhang')}", {**fields, "phone": "call me"})
    assert "5 to 15 digits" in page(security, f"/users/{id_of('zhang')}")


def test_the_list_of_people_is_filtered_paged_and_exported_alike(security: FlaskClient) -> None:
    with work(TESTER) as session:
        for number in range(52):
            create_user(session, CreateUser(f"walker-{number:02d}", "=SUM(A1)" if number == 7 else "李"))
    person("boss", "leader")
    first = page(security, "/users?text=walker")
    assert "walker-49" in first
    assert "walker-50" not in first
    more = re.search(r'href="(/users\?after=[^"]+)"', first)
    assert more is not None
    assert "walker-51" in page(security, more[1].replace("&amp;", "&"))
    assert "walker" not in page(security, "/users?role=leader")

    exported = security.get("/users.csv?text=walker").get_data()
    assert exported.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(exported.decode("utf-8-sig"))))
    assert len(rows) == 53
    assert rows[8][1] == "'=SUM(A1)"
    book = openpyxl.load_workbook(io.BytesIO(security.get("/users.xlsx?text=walker-07").get_data()))
    cells = list(book.worksheets[0].iter_rows())
    assert len(cells) == 2
    assert (cells[1][1].value, cells[1][1].data_type) == ("=SUM(A1)", "s")
    assert [after["rows"] for _who, _what, after in journal("user.export") if after] == [52, 1]


def test_departments_and_posts_leave_as_they_stand_in_their_lists(security: FlaskClient) -> None:
    for code, name, above in (("civil", "民政局", ""), ("aid", "救助科", "civil")):
        send(security, "/departments", {"code": code, "name": name, "parent": above, "phone": ""})
    send(security, "/posts", {"kind": "worker", "title": "东片巡查", "grid": STREET, "login": ""})
    offices = csv.reader(io.StringIO(security.get("/departments.csv").get_data().decode("utf-8-sig")))
    assert sorted(row[:3] for row in list(offices)[1:]) == [["aid", "救助科", "civil"], ["civil", "民政局", ""]]
    _head, row = csv.reader(io.StringIO(security.get("/posts.csv?text=东片").get_data().decode("utf-8-sig")))
    assert row[:2] == ["东片巡查", STREET]
    for path, title in (("/departments.xlsx", "部门"), ("/posts.xlsx", "岗位")):
        (sheet,) = openpyxl.load_workbook(io.BytesIO(security.get(f"{path}?lang=zh").get_data())).worksheets
        assert sheet.title == title
    assert (
        len(list(csv.reader(io.StringIO(security.get("/posts.csv?text=nowhere").get_data().decode("utf-8-sig"))))) == 1
    )


def test_granted_roles_and_the_journal_leave_as_they_stand_in_their_lists(app: APIFlask, security: FlaskClient) -> None:
    person("wang", "worker", name="王五")
    _head, row = csv.reader(io.StringIO(security.get("/grants.csv?text=wang").get_data().decode("utf-8-sig")))
    assert row[:3] == ["王五", "wang", "Grid worker"]
    assert [after["rows"] for _who, _what, after in journal("grant.export") if after] == [1]
    person("auditor", "audit_admin")
    exported = signed_in(app, "auditor").get("/journal.csv").get_data()
    acts = list(csv.reader(io.StringIO(exported.decode("utf-8-sig"))))
    assert [act[1] for act in acts if act[3] == "grant.export"] == ["钱卫国"]


def test_a_post_is_made_filled_lent_vacated_and_closed(security: FlaskClient) -> None:
    person("zhang", name="张三")
    person("sun", name="孙六")
    send(security, "/posts", {"kind": "grid_head", "grid": STREET, "login": "zhang"})
    post = re.search(r"/posts/[0-9a-f-]{36}", page(security, "/posts"))
    assert post is not None
    send(security, f"{post[0]}/deputy", {"login": "sun"})
    both = page(security, "/posts")
    assert "张三" in both
    assert "孙六" in both
    send(security, f"{post[0]}/fill", {"login": "nobody-here"})
    assert "nobody-here" in page(security, "/posts")
    assert "Vacate 1 posts?" in send(security, f"{post[0]}/vacate").get_data(as_text=True)
    assert "张三" in page(security, "/posts"), "asked about first"
    send(security, f"{post[0]}/vacate", {"sure": "1"})
    assert "vacant" in page(security, "/posts")
    send(security, f"{post[0]}/close", {"sure": "1"})
    assert "There are no posts yet" in page(security, "/posts")


def test_the_roster_names_who_serves_where(security: FlaskClient) -> None:
    person("zhang", name="张三")
    person("sun", name="孙六")
    send(security, "/posts", {"kind": "worker", "grid": STREET, "login": "zhang", "deputy": "sun"})
    send(security, "/posts", {"kind": "worker", "grid": "139902", "login": ""})
    shown = page(security, f"/posts/roster?text={STREET}")
    assert shown.index("张三") < shown.index("东街街道") < shown.index("孙六")
    assert '/grids/139902"' not in shown
    assert '/grids/139902"' in page(security, "/posts/roster")
    assert "张三" not in page(security, "/posts?kind=seat")


def test_who_walks_several_grids_is_one_row_and_changed_in_all_or_one(security: FlaskClient) -> None:
    person("zhang", name="张三")
    person("sun", name="孙六")
    codes = [f"{STREET}00{number}" for number in (1, 2, 3)]
    for code in codes:
        send(security, "/posts", {"kind": "worker", "grid": code, "login": "zhang"})
    for place in ("/posts", "/posts/roster"):
        shown = page(security, place)
        assert shown.partition("<dialog")[0].count("张三") == 1
        assert all(f'/grids/{code}"' in shown for code in codes)
    seats = re.search(r'<option value="([^"]+ [^"]+)"', page(security, "/posts"))
    assert seats is not None
    first, *_rest = seats[1].split()
    send(security, f"/posts/{first}/fill", {"login": "sun", "seats": first})
    assert [page(security, f"/posts?text={name}").count('href="/grids/') for name in ("张三", "孙六")] == [2, 1]
    asked = send(security, f"/posts/{first}/close", {"seats": seats[1]}).get_data(as_text=True)
    assert "Close 3 posts?" in asked
    assert all(f'/grids/{code}"' in asked for code in codes)
    send(security, f"/posts/{first}/close", {"seats": seats[1], "sure": "1"})
    assert "There are no posts yet" in page(security, "/posts")


def test_a_person_who_could_not_be_added_stands_in_the_form_again(security: FlaskClient) -> None:
    fields = {"login": "\u0430dmin", "name": "张三", "phone": "13900000001", "grid": STREET, "role": "worker"}
    refused = send(security, "/users", fields)
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "CYRILLIC SMALL LETTER A, U+0430" in shown
    assert all(f'value="{fields[name]}"' in shown for name in ("name", "phone", "grid"))
    assert "open data-asked" in shown


def test_a_grid_that_is_none_is_said_at_its_field(security: FlaskClient) -> None:
    refused = send(security, "/users", {"login": "zhang", "name": "张三", "role": "worker", "grid": "和平街道"})
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 404
    assert "There is no grid 和平街道" in shown
    assert re.search(r'id="f-grid"[^>]*aria-invalid="true"', shown)
    assert "张三" in shown, "what was entered stays"


def test_roles_come_by_pages(security: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pages.grants.PAGE", 2)
    for number in range(3):
        person(f"walker-{number}", "worker", STREET)
    first = page(security, "/grants?role=worker")
    assert "walker-1" in first
    assert "walker-2" not in first
    more = re.search(r'href="(/grants\?[^"]*after=2[^"]*)"', first)
    assert more is not None
    assert "walker-2" in page(security, more[1].replace("&amp;", "&"))
    assert "walker-0" in page(security, "/grants?text=walker-0")


def test_a_department_that_is_none_is_refused(security: FlaskClient) -> None:
    person("zhang")
    here = f"/users/{id_of('zhang')}"
    fields = {"name": "张三", "department": "00000000-0000-7000-8000-000000000000"}
    assert send(security, here, fields).status_code == 302
    assert "There is no such department" in page(security, here)


def test_administrators_hear_at_signing_in_that_one_got_a_new_password(app: APIFlask, security: FlaskClient) -> None:
    person("chief", "system_admin", name="赵总")
    person("auditor", "audit_admin", name="审计员")
    person("zhang", "worker")
    for login in ("chief", "zhang"):
        send(security, f"/users/{id_of(login)}/reset")
    (entry,) = journal("administrator.password_reset")
    assert entry[2] == {"login": "chief", "name": "赵总", "roles": ["system_admin"]}
    assert "钱卫国" in page(signed_in(app, "auditor"), "/account")
    person("li", "worker")
    assert "钱卫国" not in page(signed_in(app, "li"), "/account")


def test_the_menu_leads_each_administrator_to_their_own_work(app: APIFlask, security: FlaskClient) -> None:
    person("auditor", "audit_admin")
    watched = page(signed_in(app, "auditor"), "/account")
    assert 'href="/journal"' in watched
    assert 'href="/users"' not in watched
    own = page(security, "/account")
    assert 'href="/users"' in own
    assert 'href="/journal"' not in own


def test_the_journal_is_for_the_auditor_alone_and_shows_who_did_what(app: APIFlask, security: FlaskClient) -> None:
    person("auditor", "audit_admin", name="审计员")
    send(security, "/departments", {"code": "civil", "name": "民政局"})
    assert security.get("/journal").status_code == 403
    auditor = signed_in(app, "auditor")
    shown = page(auditor, "/journal?action=department.insert")
    assert "钱卫国" in shown
    assert "民政局" in shown
    assert "钱卫国" not in page(auditor, "/journal?actor=nobody-of-this-name")


def test_people_without_user_rights_are_told_whom_to_ask(app: APIFlask) -> None:
    person("zhang", "worker", STREET)
    client = signed_in(app, "zhang")
    refused = client.get("/users", headers={"Accept": "text/html"})
    assert refused.status_code == 403
    assert "可请安全管理员授权" in refused.text
    shown = page(client, "/departments")
    assert 'href="/posts"' in shown
    assert 'href="/journal"' not in shown
    assert client.post("/departments", data={"csrf_token": form_token(client)}).status_code == 403


def test_ones_own_contact_and_language_are_saved(app: APIFlask) -> None:
    person("zhang", "worker")
    client = signed_in(app, "zhang")
    send(client, "/account", {"phone": "13911112222", "email": "z@example.org", "language": "en"})
    shown = page(client, "/account")
    assert "My account" in shown
    assert "13911112222" in shown
    send(client, "/account", {"email": "nonsense", "language": "en"})
    assert "no e-mail address" in page(client, "/account")


def test_logging_out_ends_the_session_itself(app: APIFlask) -> None:
    person("zhang", "worker")
    client = signed_in(app, "zhang")
    cookie = client.get_cookie("wangge")
    assert cookie is not None
    send(client, "/logout")
    thief = app.test_client()
    thief.set_cookie("wangge", cookie.value)
    assert thief.get("/map").headers["Location"].startswith("/login?next=")


def test_a_posts_title_is_text_on_the_grids_pages(app: APIFlask, security: FlaskClient) -> None:
    person("chief", "system_admin")
    chief = signed_in(app, "chief")
    fields = {"kind": "worker", "title": "<b hx-post=/x>100%(n)s</b>", "grid": STREET}
    assert send(chief, "/posts", fields).status_code == 302
    for path in (f"/grids/{STREET}", f"/grids/{STREET}/card", f"/grids/{STREET}/print"):
        assert "&lt;b hx-post=/x&gt;100%(n)s&lt;/b&gt;" in page(chief, path), path


def test_the_filter_of_states_says_the_same_as_the_tags(app: APIFlask, security: FlaskClient) -> None:
    for login in ("newcomer", "regular", "leaver"):
        person(login, "worker")
    for login in ("regular", "leaver"):
        signed_in(app, login)
    send(security, f"/users/{id_of('leaver')}/disable")

    def listed(state: str) -> set[str]:
        shown = page(security, f"/users?state={state}")
        return {login for login in ("newcomer", "regular", "leaver") if id_of(login) in shown}

    assert [listed(state) for state in ("enabled", "waiting", "disabled")] == [{"regular"}, {"newcomer"}, {"leaver"}]
