"""What is sent is read only of whom it may be read, and only as far as the address takes it."""

from __future__ import annotations

import io

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from core.access.commands import IssueToken
from core.access.sessions import issue_token
from core.db.session import work
from tests.e2e.folks import TESTER, person
from tests.e2e.signing import form_token, signed_in
from tests.e2e.test_access_matrix import MATRIX, routes
from web.app import create_app

BOUNDARY = "parts"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
UPLOADS = {
    "POST /api/v1/files",
    "POST /api/v1/imports",
    "POST /api/v1/plans/<uuid:plan_id>/layer",
    "POST /grids/import",
    "POST /grids/layers",
    "POST /grids/plans/<uuid:plan_id>/layer",
    "POST /matters/<uuid:matter_id>/steps/<step>",
    "POST /matters/new",
    "POST /people/import/users",
    "POST /people/import/workers",
    "POST /plugins/install",
    "POST /responsibilities/import",
    "POST /settings/logo",
}


@pytest.fixture
def app(database: str) -> APIFlask:
    return create_app()


def part(size: int) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="x"; filename="x.bin"\r\n\r\n'
    return head.encode() + b"x" * size + f"\r\n--{BOUNDARY}--\r\n".encode()


def sent(app: APIFlask, method: str, url: str, body: io.BytesIO, **headers: str) -> TestResponse:
    size = str(len(body.getvalue()))
    return app.test_client().open(
        url, method=method, input_stream=body, content_type=MULTIPART, headers={"Content-Length": size, **headers}
    )


def test_what_strangers_send_is_refused_unread(app: APIFlask) -> None:
    wrong = []
    for name, method, url in routes(app):
        if method == "GET" or name in MATRIX["open"]:
            continue
        for headers in ({}, {"Authorization": "Bearer wg_nobody"}, {"X-CSRF-Token": "0" * 64}):
            body = io.BytesIO(part(1000))
            status = sent(app, method, url, body, **headers).status_code
            if status != 401 or body.tell():
                wrong.append((name, status, body.tell()))
    assert wrong == []


@pytest.mark.parametrize("path", ["/login", "/settings/view"])
def test_strangers_send_short_forms_alone(app: APIFlask, path: str) -> None:
    client = app.test_client()
    token = form_token(client, "/login")
    short = client.post(path, data={"csrf_token": token, "login": "x" * 1000, "password": "y"})
    assert short.status_code in {302, 401}
    for extra in ({"login": "x" * 20_000}, {"photo": (io.BytesIO(b"x" * 20_000), "x.jpg")}):
        assert client.post(path, data={"csrf_token": token, **extra}).status_code == 413


def test_a_body_without_a_stated_length_is_read_no_further_than_the_limit(app: APIFlask) -> None:
    body = io.BytesIO(part(3_000_000))
    answer = app.test_client().post(
        "/login", input_stream=body, content_type=MULTIPART, environ_overrides={"wsgi.input_terminated": True}
    )
    assert answer.status_code == 413
    assert body.tell() < 100_000


def test_only_addresses_for_uploads_take_large_bodies(app: APIFlask) -> None:
    user = person("li")
    with work(TESTER) as session:
        token = issue_token(session, IssueToken(user, "tests"))
    taken = set()
    for name, method, url in routes(app):
        if method == "GET" or name in MATRIX["open"] or name == "POST /logout":
            continue
        client = signed_in(app, "li") if not url.startswith("/api/") else app.test_client()
        headers = {"Authorization": f"Bearer {token}"} if url.startswith("/api/") else {}
        body = io.BytesIO(part(2_500_000))
        headers["Content-Length"] = str(len(body.getvalue()))
        answer = client.open(url, method=method, input_stream=body, content_type=MULTIPART, headers=headers)
        if answer.status_code != 413 and body.tell():
            taken.add(name)
    assert taken == UPLOADS


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"place": {"lon": NaN, "lat": 39}}', "NaN, which is no number"),
        ('{"place": {"lon": -Infinity, "lat": 39}}', "-Infinity, which is no number"),
        ('{"place": {"lon": 1e400, "lat": 39}}', "too large: 1e400"),
        ('{"form": {"deaths": 0, "deaths": 3}}', "the field deaths twice"),
        ('{"title": "a", "title": "b"}', "the field title twice"),
    ],
)
def test_a_body_that_two_readers_could_take_for_different_things_is_refused(
    app: APIFlask, body: str, said: str
) -> None:
    answer = app.test_client().post("/api/v1/matters?lang=en", data=body, headers=worker_headers())
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert said in answer.get_json()["detail"]


@pytest.mark.parametrize("lon", ["true", '"116.1"', "[116.1]", "null"])
def test_what_is_no_number_is_not_taken_for_one(app: APIFlask, lon: str) -> None:
    body = f'{{"kind": "general", "title": "x", "place": {{"lon": {lon}, "lat": 39}}}}'
    answer = app.test_client().post("/api/v1/matters", data=body, headers=worker_headers())
    assert answer.status_code == 422
    assert "/place/lon" in {fault.get("pointer") for fault in answer.get_json()["errors"]}


def worker_headers() -> dict[str, str]:
    user = person("li", "worker")
    with work(TESTER) as session:
        token = issue_token(session, IssueToken(user, "tests"))
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def test_a_long_json_body_is_refused_in_words(app: APIFlask) -> None:
    sent = {"text": "x" * 2_000_000}
    answer = app.test_client().post("/api/v1/matters?lang=en", json=sent, headers=worker_headers())
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert "larger than this address takes" in answer.get_json()["detail"]
