"""Pages and lists are sent packed to those who take it, and read the same."""

from __future__ import annotations

import gzip
import json

import pytest
from flask.testing import FlaskClient

from tests.e2e.clients import admin_client, stranger_of


@pytest.fixture
def client(database: str) -> FlaskClient:
    return admin_client()


@pytest.mark.parametrize("path", ["/glossary", "/api/v1/openapi.json"])
def test_long_texts_are_packed_for_those_who_take_it(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 3
    assert len(gzip.decompress(packed.data)) == len(plain.data)


def test_short_texts_stay_as_they_are(client: FlaskClient) -> None:
    answer = client.get("/api/v1/grids/coverage", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert json.loads(answer.data)


def test_a_part_that_a_stranger_asked_for_leads_to_the_login_and_back(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/map?grid=131003&z=12"}
    answer = stranger_of(client).get("/grids/131003/card", headers=headers)
    assert answer.status_code == 401
    assert "/login?next=/map%3Fgrid%3D131003%26z%3D12" in answer.get_data(as_text=True)
    headers["HX-Current-URL"] = "http://[/"
    assert stranger_of(client).get("/grids/131003/card", headers=headers).status_code == 401
