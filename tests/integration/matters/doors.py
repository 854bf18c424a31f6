"""Somebody who comes by the API and by the pages, on the real application."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apiflask import APIFlask
from flask.testing import FlaskClient

from core.access.commands import CreateUser, GrantRole, IssueToken
from core.access.granting import grant_role
from core.access.recognising import actor_of_user
from core.access.service import create_user
from core.access.sessions import issue_token
from core.actor import Actor
from core.db.base import new_id
from core.db.session import work
from tests.integration.matters.people import (
    TESTER,
)

PLACE = {"lon": 116.05, "lat": 39.15, "crs": "EPSG:4490"}


class Person:
    """Somebody with a token and a browser."""

    def __init__(self, app: APIFlask, login: str, role: str, code: str | None, department: UUID | None = None) -> None:
        new = CreateUser(login, login, password="a long enough password 1", department_id=department)
        with work(TESTER) as session:
            made = create_user(session, new)
            grant_role(session, GrantRole(made.id, role, code))
        with work(TESTER) as session:
            found = actor_of_user(session, made.id)
        assert found is not None
        self.actor: Actor = found
        with work(found) as session:
            self.token = issue_token(session, IssueToken(made.id, "test"))
        self.client: FlaskClient = app.test_client()
        self.login = login

    def api(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def page(self, path: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.token}", "Accept": "text/html"})

    def send(self, path: str, **form: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/html"}
        return self.client.post(path, data=form, headers=headers, content_type="multipart/form-data")


def body_of_report(**fields: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "kind": "general",
        "title": "井盖缺失",
        "text": "",
        "place": PLACE,
        "form": {},
    } | fields
