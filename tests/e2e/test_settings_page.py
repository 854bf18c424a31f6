"""What the settings page keeps holds everywhere; what it refuses changes nothing."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest
from flask.testing import FlaskClient

from core.db.session import work
from core.instance import mark_demo
from tests.e2e.clients import TESTER, admin_client, stranger_of

FORM = {"organisation": "北城", "timezone": "Asia/Shanghai", "shown_crs": "EPSG:4527", "language": "zh"}


@pytest.fixture
def client(database: str) -> FlaskClient:
    return admin_client()


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_language_of_the_instance_is_that_of_who_chose_none(client: FlaskClient) -> None:
    stranger = stranger_of(client)
    assert '<html lang="zh' in page(stranger, "/login")
    assert client.post("/settings", data=FORM | {"language": "en"}).status_code == 302
    assert '<html lang="en' in page(stranger, "/login")
    assert '<html lang="zh' in page(stranger, "/login?lang=zh")


@pytest.mark.parametrize(
    ("field", "value"), [("shown_crs", "EPSG:2154"), ("shown_crs", ""), ("timezone", "Mars"), ("language", "fr")]
)
def test_an_unknown_value_is_refused_at_its_field_and_keeps_the_map(
    client: FlaskClient, field: str, value: str
) -> None:
    client.post("/settings", data=FORM)
    answer = client.post("/settings", data=FORM | {"organisation": "南城", field: value})
    assert answer.status_code == 422
    assert f"{field}-error" in answer.get_data(as_text=True)
    assert "CGCS2000 3°" in page(client, "/map")
    assert "北城" in page(client, "/settings")


def test_norms_of_grids_are_kept_by_level_and_a_range_must_be_one(client: FlaskClient) -> None:
    client.post("/settings", data=FORM)
    assert client.post("/settings/norms", data={"grid.from_km2": "0.02", "grid.to_km2": "4"}).status_code == 302
    shown = page(client, "/settings")
    assert 'name="grid.from_km2" value="0.02"' in shown
    assert 'name="micro.to_km2" value=""' in shown
    assert "北城" in shown
    answer = client.post("/settings/norms", data={"grid.from_km2": "5", "grid.to_km2": "4", "micro.from_km2": "-1"})
    assert answer.status_code == 422
    for field in ("f-grid-to_km2-error", "f-micro-from_km2-error"):
        assert field in answer.get_data(as_text=True)
    assert 'name="grid.to_km2" value="4.0"' in page(client, "/settings")


def test_made_up_data_are_marked_wherever_they_leave(client: FlaskClient) -> None:
    with work(TESTER) as session:
        mark_demo(session)
    config = re.search("data-config='(.+?)'", page(client, "/map"))
    assert config
    assert json.loads(config[1])["organisation"] == "网格 · 演示数据"
    answer = client.get("/plugins.xlsx")
    assert "demo-plugins" in answer.headers["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(answer.get_data())).sheetnames == ["插件 · 演示数据"]


def test_a_logo_that_is_no_picture_is_refused_at_its_field(client: FlaskClient) -> None:
    client.post("/settings", data=FORM)
    answer = client.post("/settings/logo", data={"logo": (io.BytesIO(b"no picture"), "logo.png")})
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert "logo-error" in shown
    assert 'value="北城"' in shown, "the rest of the page stands as it was"
