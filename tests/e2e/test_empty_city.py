"""Pages that live by the boundaries, before there are any: they say so and lead whoever may to the import."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.e2e.clients import admin_client
from tests.e2e.folks import person
from tests.e2e.signing import signed_in

EMPTY = "还没有网格：全域为空"
PAGES = ("/grids/repair", "/matters/figures", "/grids/layers")


@pytest.fixture
def client(database: str) -> FlaskClient:
    return admin_client(accept="text/html")


def main_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address, headers={"Accept": "text/html"})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 200, shown
    return re.sub(r"^.*?<main|</main>.*$", "", shown, flags=re.S)


@pytest.mark.parametrize("address", PAGES)
def test_who_may_import_is_led_there(client: FlaskClient, address: str) -> None:
    shown = main_of(client, address)
    assert EMPTY in shown
    assert 'href="/grids/import"' in shown
    assert "无法判断" not in shown


def test_who_may_not_import_is_told_alone(client: FlaskClient) -> None:
    person("looker", "leader")
    shown = main_of(signed_in(client.application, "looker"), "/matters/figures")
    assert EMPTY in shown
    assert 'href="/grids/import"' not in shown
