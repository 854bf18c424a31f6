"""Boundary files by the API: upload, dry run, options, defects, approval."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient

from core.intake.turns import turn_to_read
from gis.formats import write_layer
from tests.e2e.boundaries import (
    API,
    CITY,
    COUNTIES,
    GAPPED,
    approve,
    grow_city,
    layer,
    levels,
    send,
    square,
)
from tests.e2e.clients import admin_client, found, stranger_of


@pytest.fixture
def client(database: str) -> FlaskClient:
    return admin_client()


def test_the_first_polygon_becomes_the_city_and_the_counties_its_leaves(client: FlaskClient) -> None:
    first = send(client, CITY, "试验市 边界.geojson")
    assert (first["state"], first["file"]) == ("ready", "试验市 边界.geojson")
    assert first["report"]["grids"] == {"city": 1}
    assert first["report"]["fields"] == [
        {"name": "区划代码", "samples": ["139900"]},
        {"name": "名称", "samples": ["试验市"]},
    ]
    assert levels() == {}, "a dry run writes nothing"
    done = approve(client, first["id"])
    assert done["change"] == done["report"]["change"]
    second = send(client, COUNTIES)
    assert second["options"]["parent"] == "139900"
    assert second["options"]["level"] == "county"
    approve(client, second["id"])
    assert levels() == {"city": 1, "county": 2}
    assert found(client, "/api/v1/grids/139902")["name"] == "东县"


def test_a_file_waits_its_turn_and_can_be_checked_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.intake.turns.WAIT_SECONDS", 0)
    with turn_to_read(patient=True):
        sent = send(client, CITY)
        assert sent["state"] == "refused"
        assert "正在读取另一个文件" in sent["report"]["reason"]
    again = client.put(f"{API}/{sent['id']}/options", json={"level": "city"})
    assert again.get_json()["state"] == "ready"


def test_a_gap_is_refused_listed_and_downloadable(client: FlaskClient) -> None:
    grow_city(client)
    sent = send(client, GAPPED)
    assert sent["state"] == "refused"
    assert sent["report"]["exact"] is False
    assert [defect["kind"] for defect in sent["report"]["defects"]] == ["missing"]
    approve(client, sent["id"], 409)
    assert levels() == {"city": 1}
    defects = client.get(f"{API}/{sent['id']}/defects.geojson", buffered=True)
    collection = json.loads(defects.data)
    assert [feature["id"] for feature in collection["features"]] == [0]
    assert collection["features"][0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    outlines = json.loads(client.get(f"{API}/{sent['id']}/outlines.geojson", buffered=True).data)
    assert [feature["properties"]["title"] for feature in outlines["features"]] == ["西县", "东县"]
    package = client.get(f"{API}/{sent['id']}/defects.gpkg", buffered=True)
    assert package.data.startswith(b"SQLite format 3")
    assert "attachment" in package.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("second", "titles"),
    [
        ({"name": "东县", "code": "139901"}, ["西县", "东县"]),
        ({"name": "", "code": "139902"}, ["西县", "139902"]),
        ({"name": "", "code": ""}, ["西县", "2"]),
    ],
)
def test_the_map_of_a_refused_file_calls_shapes_as_the_file_does(
    client: FlaskClient, second: dict[str, str], titles: list[str]
) -> None:
    grow_city(client)
    west, east = json.loads(COUNTIES)["features"]
    west["properties"] = {"name": "西县", "code": "139901"}
    east["properties"] = second
    sent = send(client, json.dumps({"type": "FeatureCollection", "features": [west, east]}).encode())
    assert sent["state"] == "refused"
    outlines = json.loads(client.get(f"{API}/{sent['id']}/outlines.geojson", buffered=True).data)
    assert [feature["properties"]["title"] for feature in outlines["features"]] == titles


def test_options_change_the_verdict(client: FlaskClient) -> None:
    grow_city(client)
    sent = send(client, COUNTIES)
    answer = client.put(f"{API}/{sent['id']}/options", json={"level": "city", "parent": "139900"})
    assert answer.get_json()["state"] == "refused"
    options = {"level": "street", "parent": "139900", "name_field": "区划代码", "reason": "试"}
    options["effective_on"] = "2026-10-01"
    ready = client.put(f"{API}/{sent['id']}/options", json=options).get_json()
    assert ready["state"] == "ready"
    assert ready["report"]["grids"] == {"street": 2}
    assert ready["report"]["sample"][0] == {"code": "139901", "name": "139901"}
    approve(client, sent["id"])
    (period,) = found(client, "/api/v1/grids/139901/history")["items"]
    assert (period["reason"], period["effective_on"], period["noded"]) == ("试", "2026-10-01", False)


@pytest.mark.parametrize(
    "options",
    [{}, {"level": "nation"}, {"level": "county", "gap_width_m": -1}, {"level": "county", "more": 1},
     {"level": "county", "valid_from": "2020-06-01T00:00:00"},
     {"level": "county", "root": "no colon"}, {"level": "county", "duplicate_codes": "keep"}],
)  # fmt: skip
def test_options_that_make_no_sense_are_422(client: FlaskClient, options: dict[str, Any]) -> None:
    sent = send(client, CITY)
    answer = client.put(f"{API}/{sent['id']}/options", json=options)
    assert answer.status_code == 422
    assert found(client, f"{API}/{sent['id']}")["state"] == "ready", "nothing was changed"


def test_of_several_layers_one_is_chosen_from_the_list(client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    ring = shapely.Polygon(square(0, 0, 4, 4))
    for name in ("区县", "街道"):
        write_layer(path, name, np.array([ring], dtype=object), {"code": ["139900"]}, append=True)
    sent = send(client, path.read_bytes(), "two.gpkg")
    assert (sent["state"], sent["report"]["layers"]) == ("refused", ["区县", "街道"])
    assert "区县、街道" in sent["report"]["reason"]
    chosen = client.put(f"{API}/{sent['id']}/options", json={"level": "city", "layer": "街道"}).get_json()
    assert (chosen["state"], chosen["report"]["layer"]) == ("ready", "街道")
    assert chosen["report"]["layers"] == ["区县", "街道"]


def test_defects_and_remarks_are_told_in_the_readers_language(client: FlaskClient) -> None:
    crossed = square(0, 0, 4, 4)
    crossed[1], crossed[6] = crossed[6], crossed[1]
    sent = send(client, layer(("139900", "试验市", crossed)), "crossed.geojson")
    assert {defect["detail"] for defect in sent["report"]["defects"] if defect["kind"] == "invalid"} == {"自相交"}
    english = client.get(f"{API}/{sent['id']}?lang=en").get_json()
    assert {d["detail"] for d in english["report"]["defects"] if d["kind"] == "invalid"} == {"Self-intersection"}
    lists = json.loads(CITY)
    lists["features"][0]["properties"]["tags"] = ["a", "b"]
    listed = send(client, json.dumps(lists).encode(), "lists.geojson")
    assert "略去含列表或原始字节的字段：tags" in listed["report"]["warnings"]


def test_an_applied_import_is_over(client: FlaskClient) -> None:
    sent = send(client, CITY)
    approve(client, sent["id"])
    approve(client, sent["id"], 409)
    assert client.put(f"{API}/{sent['id']}/options", json={"level": "city"}).status_code == 409


def test_a_tree_that_changed_meanwhile_is_looked_at_again(client: FlaskClient) -> None:
    grow_city(client)
    one, other = send(client, COUNTIES), send(client, COUNTIES)
    assert approve(client, one["id"])["state"] == "applied"
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    shown = client.get(f"/grids/import/{other['id']}").text
    assert "网格现为第 2 版，本次检查依据的是第 1 版" in shown
    assert "/approve" not in shown
    assert "已过时" in client.get("/grids/import").text
    late = approve(client, other["id"])
    assert late["state"] == "refused"
    assert "检查之后网格已有变动" in late["report"]["reason"]
    assert levels() == {"city": 1, "county": 2}


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b"x"), ("a.geojson", b""), ("", CITY), ("a.exe.", CITY)],
)
def test_what_is_no_boundary_file_is_turned_away(client: FlaskClient, home: Path, name: str, content: bytes) -> None:
    answer = client.post(API, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert list((home / "imports").glob("*")) == []


@pytest.mark.parametrize("name", ["a.geojson", "a.zip", "a.gpkg", "a.kml", "../../a.geojson"])
def test_nonsense_is_refused_with_a_reason(client: FlaskClient, home: Path, name: str) -> None:
    sent = send(client, b"this is no map", name)
    assert sent["state"] == "refused"
    assert sent["report"]["reason"]
    assert [path.parent.name for path in home.rglob("a.*")] == ["source"]
    assert client.get(f"{API}/{sent['id']}/outlines.geojson").status_code == 404


def test_strangers_and_people_without_the_right_get_nothing(client: FlaskClient) -> None:
    sent = send(client, CITY)
    stranger = stranger_of(client)
    assert stranger.get(f"{API}/{sent['id']}").status_code == 401
    assert stranger.get(f"/grids/import/{sent['id']}").status_code == 302
    assert client.get(f"{API}/01890000-0000-7000-8000-000000000000").status_code == 404


def test_what_mending_moved_much_is_approved_only_by_who_has_looked(client: FlaskClient) -> None:
    grow_city(client)
    sent = send(client, GAPPED)
    options = {"level": "county", "clean": True, "gap_width_m": 20_000}
    assert client.put(f"{API}/{sent['id']}/options", json=options).get_json()["state"] == "ready"
    refused = approve(client, sent["id"], 422)
    assert refused["errors"][0]["pointer"] == "/seen"
    assert levels() == {"city": 1}
    assert approve(client, sent["id"], seen="true")["state"] == "applied"
