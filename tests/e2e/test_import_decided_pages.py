"""Decisions on defects as forms send them: what cannot be meant is said on the page that it came from."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient

from tests.e2e.boundaries import CITY, HALVES, approve, layer, send, square
from tests.e2e.clients import admin_client

OVERLAPPING = layer(HALVES[0], ("139902", "东县", square(1, 0, 4, 4)))


@pytest.fixture
def client(database: str) -> FlaskClient:
    found = admin_client()
    approve(found, send(found, CITY)["id"])
    found.environ_base["HTTP_ACCEPT"] = "text/html"
    return found


@pytest.mark.parametrize("field", ["choice-1", "kept", "list", "reason"])
def test_a_choice_that_no_text_can_hold_is_refused_in_words_on_its_page(client: FlaskClient, field: str) -> None:
    file = {"file": (io.BytesIO(OVERLAPPING), "counties.geojson")}
    where = client.post("/grids/import", data=file, content_type="multipart/form-data").headers["Location"]
    client.post(f"{where}/decide", data={"act": "begin"})
    shown = client.get(where).text
    (token,) = set(re.findall(r'name="list" value="([^"]+)"', shown))
    sent = {"list": token, "page": "1", "kept": "", "choice-1": "only:", "act": "try"}
    sent[field] = {"kept": "1=only:\0", "list": f"{token}\0"}.get(field, "only:\0")
    if field == "kept":
        del sent["choice-1"]
    assert client.post(f"{where}/decide", data=sent).status_code == 303
    page = client.get(where).text
    assert "缺陷 1 不能用“only:”处理" in page
    assert "counties.geojson" in page
