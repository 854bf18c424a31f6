"""Flask test clients that ask as the first administrator, or as nobody."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from core.access.commands import IssueToken
from core.access.service import ensure_first_admin
from core.access.sessions import issue_token
from core.actor import command_line
from core.db.session import work
from web.app import create_app

TESTER = command_line("tester")


def admin_client(**headers: str) -> FlaskClient:
    """A client of a fresh application on the test's database, with the administrator's bearer token."""
    application = create_app()
    with work(TESTER) as session:
        ensure_first_admin(session)
    with work(TESTER) as session:
        user_id = session.execute(text("select id from core.user_account")).scalar_one()
        token = issue_token(session, IssueToken(user_id, "tests"))
    client = application.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    for name, value in headers.items():
        client.environ_base[f"HTTP_{name.upper()}"] = value
    return client


def stranger_of(client: FlaskClient) -> FlaskClient:
    """A client of the same application with nobody signed in."""
    return client.application.test_client()


def found(client: FlaskClient, path: str, status: int = 200) -> Any:
    """The JSON of an address that must answer with ``status``."""
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()
