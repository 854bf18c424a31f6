"""Only pages of this very site may act for a person, and login leads nowhere else."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text

from core.access.commands import CreateUser
from core.access.service import create_user
from core.db.session import reading, work
from tests.e2e.folks import PASSWORD, TESTER, person
from tests.e2e.signing import form_token, send, signed_in
from web.app import create_app


@pytest.fixture
def app(database: str) -> APIFlask:
    return create_app()


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    person("li", "security_admin")
    return signed_in(app, "li")


def departments() -> int:
    with reading(TESTER) as session:
        return int(session.execute(text("select count(*) from core.department")).scalar_one())


OFFICE = {"code": "party", "name": "组织部"}


def test_a_form_with_its_token_is_taken(client: FlaskClient) -> None:
    assert send(client, "/departments", OFFICE).status_code == 302
    assert departments() == 1


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    assert client.post("/departments", data=OFFICE).status_code == 403
    assert client.post("/departments", data={**OFFICE, "csrf_token": "0" * 64}).status_code == 403
    assert departments() == 0


def test_the_token_of_another_browser_is_refused(app: APIFlask, client: FlaskClient) -> None:
    theirs = form_token(signed_in(app, "li"))
    assert client.post("/departments", data={**OFFICE, "csrf_token": theirs}).status_code == 403
    assert departments() == 0


def test_every_page_writes_the_token_anew_and_all_are_taken(client: FlaskClient) -> None:
    first, second = form_token(client), form_token(client)
    assert first != second
    for number, token in enumerate((first, second)):
        fields = {"code": f"office{number}", "name": f"办公室{number}", "csrf_token": token}
        assert client.post("/departments", data=fields).status_code == 302
    for broken in ("", "z" * 128, first[:64], first + "00", "0" * 128, first[:-1] + "é"):
        assert client.post("/departments", data={**OFFICE, "csrf_token": broken}).status_code == 403
    assert departments() == 2


def test_a_form_from_elsewhere_is_refused_although_it_has_the_token(client: FlaskClient) -> None:
    fields = {**OFFICE, "csrf_token": form_token(client)}
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "http://["):
        assert client.post("/departments", data=fields, headers={"Origin": origin}).status_code == 403
    assert departments() == 0
    assert client.post("/departments", data=fields, headers={"Origin": "http://localhost"}).status_code == 302
    assert departments() == 1


def test_the_api_asks_a_browser_for_the_token_in_a_header(client: FlaskClient) -> None:
    refused = client.post("/api/v1/matters", json={})
    assert refused.status_code == 403
    assert refused.mimetype == "application/problem+json"
    heard = client.post("/api/v1/matters", json={}, headers={"X-CSRF-Token": form_token(client)})
    assert heard.status_code == 422


def test_login_itself_needs_the_token(app: APIFlask) -> None:
    person("wang")
    answer = app.test_client().post("/login", data={"login": "wang", "password": PASSWORD})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_login_goes_on_within_this_site_alone(app: APIFlask) -> None:
    person("wang")
    ways = {
        "/grids?parent=1&tab=2": "/grids?parent=1&tab=2",
        "https://evil.example/": "/map",
        "//evil.example": "/map",
        "/.//evil.example": "/map",
        "/%2fevil.example": "/map",
        "/map/../%2Fevil.example": "/map",
        "/matters?q=a//b": "/matters?q=a//b",
        "/\\evil.example": "/map",
        "/\t/evil.example": "/map",
        "/\n/evil.example": "/map",
        "javascript:alert(1)": "/map",
        "": "/map",
    }
    for wanted, reached in ways.items():
        fields = {"login": "wang", "password": PASSWORD, "next": wanted}
        answer = send(app.test_client(), "/login", fields, "/login")
        assert (answer.status_code, answer.headers["Location"]) == (302, reached), wanted


def test_a_stranger_comes_back_to_the_page_that_was_wanted(app: APIFlask) -> None:
    person("wang", "worker")
    client = app.test_client()
    sent = client.get("/grids?as=list&text=北")
    assert sent.status_code == 302
    page = client.get(sent.headers["Location"])
    assert 'name="next" value="/grids?as=list&amp;text=' in page.get_data(as_text=True)


def test_the_session_cookie_is_out_of_reach_of_scripts(app: APIFlask) -> None:
    person("wang")
    client = app.test_client()
    cookie = send(client, "/login", {"login": "wang", "password": PASSWORD}, "/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_first_password_must_be_changed_before_anything_else(app: APIFlask) -> None:
    with work(TESTER) as session:
        made = create_user(session, CreateUser("zhao", "赵敏"))
    assert made.one_time_password is not None
    client = signed_in(app, "zhao", made.one_time_password)
    assert client.get("/map").headers["Location"] == "/account/password"
    assert client.get("/api/v1/me").status_code == 403
    fields = {"old": made.one_time_password, "new": PASSWORD, "again": PASSWORD}
    assert send(client, "/account/password", fields, "/account/password").headers["Location"] == "/map"
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/map").status_code == 200
