"""A browser without scripts: a Flask client that logs in by the form and sends forms with their token."""

from __future__ import annotations

import re
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.e2e.folks import PASSWORD


def form_token(client: FlaskClient, page: str = "/map") -> str:
    """The token that the forms of this client's pages carry."""
    found = re.search(r'name="csrf-token" content="([0-9a-f]{128})"', client.get(page).get_data(as_text=True))
    assert found is not None
    return found[1]


def send(client: FlaskClient, path: str, fields: dict[str, Any] | None = None, page: str = "/map") -> TestResponse:
    """Send a form as a page of this site would; uploads are (file, name) pairs."""
    return client.post(path, data={"csrf_token": form_token(client, page), **(fields or {})})


def signed_in(app: APIFlask, login: str, password: str = PASSWORD) -> FlaskClient:
    """A client with the person's session."""
    client = app.test_client()
    answer = send(client, "/login", {"login": login, "password": password}, "/login")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return client
