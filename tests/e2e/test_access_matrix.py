"""Every route has its row in the access matrix, and turns away exactly those whom the row names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from apiflask import APIFlask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from core.access.actions import actions
from core.access.commands import CreateUser, GrantRole, IssueToken
from core.access.granting import grant_role
from core.access.roles import ROLES
from core.access.service import create_user
from core.access.sessions import issue_token
from core.actor import command_line
from core.db.session import work
from web.app import create_app

MATRIX: Mapping[str, list[str]] = tomllib.loads(Path(__file__).with_name("access_matrix.toml").read_text())
NO_ROLE = ""
SOMETHING = {"IntegerConverter": "1", "UUIDConverter": "00000000-0000-7000-8000-000000000000"}


@pytest.fixture
def app(database: str) -> APIFlask:
    return create_app()


@pytest.fixture
def tokens(app: APIFlask) -> dict[str, str]:
    """A bearer token of one person for each role, and of one who has none."""
    made = {}
    with work(command_line("tester")) as session:
        for role in (NO_ROLE, *ROLES):
            user = create_user(session, CreateUser(f"person-{role}", "某人"))
            if role:
                grant_role(session, GrantRole(user.id, role))
            made[role] = issue_token(session, IssueToken(user.id, "tests"))
    return made


def routes(app: APIFlask) -> Iterator[tuple[str, str, str]]:
    """Row name, method and an address of each route."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method} {rule.rule}", method, address(rule)


def address(rule: Rule) -> str:
    """An address that a route takes: the first of its choices, the id of nothing."""
    found = rule.rule
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        choice = re.search(rf"<any\(([^,)]+)[^>]*\):{name}>", found)
        value = choice[1].strip("'") if choice else SOMETHING.get(kind, "x")
        found = re.sub(rf"<[^<>]*\b{name}>", value, found, count=1)
    return found


def rows(key: str) -> set[str]:
    return set(MATRIX[key])


def bearer(app: APIFlask, method: str, url: str, token: str) -> TestResponse:
    return app.test_client().open(url, method=method, headers={"Authorization": f"Bearer {token}"})


def test_every_route_has_one_row_and_every_row_a_route(app: APIFlask) -> None:
    listed = [row for key in MATRIX for row in MATRIX[key]]
    assert len(listed) == len(set(listed))
    assert set(listed) == {name for name, _method, _url in routes(app)}


def test_every_row_names_an_action_that_is_declared() -> None:
    assert set(MATRIX) - {"open", "signed"} <= set(actions())


def test_nobody_passes_without_signing_in(app: APIFlask) -> None:
    page = app.test_client()
    token = re.search(r'name="csrf-token" content="(\w+)"', page.get("/login").get_data(as_text=True))
    assert token is not None
    passed = []
    for name, method, url in routes(app):
        answer = page.open(url, method=method, headers={"X-CSRF-Token": token[1]})
        sent_to_login = answer.status_code == 302 and answer.headers["Location"].startswith("/login?next=")
        if (sent_to_login or answer.status_code == 401) == (name in rows("open")) and name != "POST /login":
            passed.append((name, answer.status_code))
    assert passed == []


def test_a_person_without_a_role_is_refused_by_no_route_for_everybody(app: APIFlask, tokens: dict[str, str]) -> None:
    answers = {
        name: bearer(app, method, url, tokens[NO_ROLE]).status_code
        for name, method, url in routes(app)
        if name in rows("signed")
    }
    assert {name: status for name, status in answers.items() if status in {401, 403} or status >= 500} == {}


@pytest.mark.parametrize("action", sorted(set(MATRIX) - {"open", "signed"}))
def test_an_action_lets_in_the_roles_that_have_it_and_no_other(
    app: APIFlask, tokens: dict[str, str], action: str
) -> None:
    holders = actions()[action].roles
    wrong = []
    for name, method, url in routes(app):
        if name not in rows(action):
            continue
        for role, token in tokens.items():
            status = bearer(app, method, url, token).status_code
            if (status == 403) != (role not in holders) or status == 401 or status >= 500:
                wrong.append((name, role, status))
    assert wrong == []
