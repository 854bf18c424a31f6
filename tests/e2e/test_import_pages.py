"""Boundary files by the browser and the API: upload, dry run, options, defects, approval."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from core.actor import job
from core.db.session import reading, work
from core.grids import uploads
from core.grids.jobs import JOBS
from core.grids.kepttext import decoded
from core.grids.queries import coverage_state
from core.jobs.queue import SCHEMA
from gis.formats import write_layer
from tests.e2e.clients import TESTER, admin_client, found, stranger_of
from tests.integration.grids.planting import node

API = "/api/v1/imports"


@pytest.fixture
def client(database: str) -> FlaskClient:
    return admin_client()


def square(west: int, south: int, east: int, north: int) -> list[tuple[float, float]]:
    """A ring through every node of the planted net on its way."""
    return [
        *(node(x, south) for x in range(west, east)), *(node(east, y) for y in range(south, north)),
        *(node(x, north) for x in range(east, west, -1)), *(node(west, y) for y in range(north, south, -1)),
        node(west, south),
    ]  # fmt: skip


def layer(*rows: tuple[str, str, list[tuple[float, float]]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"区划代码": code, "名称": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, name, ring in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


CITY = layer(("139900", "试验市", square(0, 0, 4, 4)))
HALVES = (("139901", "西县", square(0, 0, 2, 4)), ("139902", "东县", square(2, 0, 4, 4)))
COUNTIES = layer(*HALVES)
GAPPED = layer(HALVES[0], ("139902", "东县", square(2, 0, 4, 3)))


def send(client: FlaskClient, content: bytes, name: str = "counties.geojson") -> Any:
    answer = client.post(API, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def approve(client: FlaskClient, key: str, status: int = 200) -> Any:
    answer = client.post(f"{API}/{key}/approve")
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def grow_city(client: FlaskClient) -> None:
    assert approve(client, send(client, CITY, "city.geojson")["id"])["state"] == "applied"


def levels() -> dict[str, int]:
    with reading(TESTER) as session:
        return dict(coverage_state(session).levels)


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
    assert len(outlines["features"]) == 2
    package = client.get(f"{API}/{sent['id']}/defects.gpkg", buffered=True)
    assert package.data.startswith(b"SQLite format 3")
    assert "attachment" in package.headers["Content-Disposition"]


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
    assert "区县, 街道" in sent["report"]["reason"]
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


@pytest.mark.parametrize("door", [API, "/grids/import"])
def test_on_a_full_disk_nothing_is_kept(
    client: FlaskClient, home: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    def fill(content: IO[bytes], _target: IO[bytes]) -> None:
        with Path("/dev/full").open("wb") as full:
            full.write(content.read())

    monkeypatch.setattr("core.grids.uploads.shutil.copyfileobj", fill)
    answer = client.post(door, data={"file": (io.BytesIO(CITY), "a.geojson")}, content_type="multipart/form-data")
    assert answer.status_code == 507
    said = answer.json["detail"] if door == API else answer.text
    assert "服务器磁盘已满" in said
    assert list((home / "imports").glob("*")) == []
    assert client.get("/problems/no-room", headers={"Accept": "text/html"}).status_code == 200


def press(client: FlaskClient, path: str, **values: Any) -> TestResponse:
    return client.post(path, data=values, content_type="multipart/form-data")


def test_the_whole_way_by_pages(client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    assert "选择文件" in client.get("/grids/import").text
    there = press(client, "/grids/import", file=(io.BytesIO(CITY), "city.geojson")).headers["Location"]
    assert re.fullmatch(r"/grids/import/[0-9a-f-]{36}", there)
    first = client.get(there).text
    assert "严密无误，可以导入" in first
    assert "按其格式标准默认为 EPSG:4326" in first
    assert press(client, f"{there}/approve").status_code == 303
    applied = client.get(there).text
    assert "网格已写入，为第 1 版" in applied
    assert "导入下一级：县" in applied
    assert "无法核实" not in applied
    refused = press(client, "/grids/import", file=(io.BytesIO(GAPPED), "gapped.geojson")).headers["Location"]
    shown = client.get(refused).text
    for said in (
        "这样不能导入",
        "缺失",
        "勾选“修补边界”",
        'data-go="0"',
        f"{refused}/defects.gpkg",
        f'data-problems="{refused}/defects.geojson"',
    ):
        assert said in shown, said
    assert "区划代码 (139901, 139902)" in shown
    values = {"level": "county", "parent": "139900", "scheme": "free", "duplicate_codes": "refuse"}
    mended = press(client, f"{refused}/options", **values, clean="true", gap_width_m="20000")
    assert mended.status_code == 303
    after = client.get(refused).text
    assert "批准：写入 2 县" in after
    assert "我已核对移动的部分" in after
    assert re.search(r"修补使边界最多移动 [\d,]+ 米，涉及面积 [\d.]+ km²", after)
    assert "139902" in after
    wrong = press(client, f"{refused}/options", **{**values, "gap_width_m": "-3"})
    assert wrong.status_code == 422
    assert "/gap_width_m" in wrong.text
    for said in ("将导入的网格", "与上级 试验市（139900）面积一致，正好铺满"):
        assert said in after, said
    assert press(client, f"{refused}/approve").status_code == 422
    press(client, f"{refused}/approve", seen="true")
    assert levels() == {"city": 1, "county": 2}
    assert "已导入的网格" in client.get(refused).text
    assert "gapped.geojson" in client.get("/grids/import").text


def test_a_large_file_is_checked_by_a_job(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    there = press(client, "/grids/import", file=(io.BytesIO(CITY), "city.geojson")).headers["Location"]
    waiting = client.get(there).text
    assert "正在检查文件" in waiting
    assert f'hx-get="{there}/state"' in waiting
    assert "排队等候" in waiting
    assert "这样大小的文件大约需要 4 秒" in waiting
    assert press(client, f"{there}/approve").status_code == 409, "it is being worked on"
    run_jobs()
    assert client.get(f"{there}/state").headers["HX-Refresh"] == "true"
    assert "严密无误，可以导入" in client.get(there).text
    press(client, f"{there}/approve")
    assert "正在写入网格" in client.get(f"{there}/state").text
    run_jobs()
    assert levels() == {"city": 1}


def test_waiting_can_be_stopped_and_writes_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    key = send(client, CITY)["id"]
    run_jobs()
    assert approve(client, key)["state"] == "applying"
    assert client.put(f"{API}/{key}/options", json={"level": "city"}).status_code == 409
    stopped = client.post(f"{API}/{key}/stop").get_json()
    assert (stopped["state"], stopped["report"]["reason"]) == ("failed", "在完成之前被停止。请重新检查")
    assert client.post(f"{API}/{key}/stop").status_code == 409
    run_jobs()
    assert levels() == {}
    approve(client, key, 409)
    client.put(f"{API}/{key}/options", json={"level": "city"})
    run_jobs()
    approve(client, key)
    run_jobs()
    assert levels() == {"city": 1}
    assert client.post(f"{API}/{key}/stop").status_code == 409


@pytest.mark.parametrize("step", ["check", "apply"])
def test_what_nobody_foresaw_ends_as_failed_and_can_be_tried_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    key = send(client, CITY)["id"]
    if step == "apply":
        run_jobs()
        approve(client, key)
    with monkeypatch.context() as broken:
        broken.setattr("core.grids.importing.prepare", lambda *_values: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_jobs()
    assert levels() == {}
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    page = client.get(f"/grids/import/{key}").text
    assert "没有完成" in page
    assert "重新检查" in page
    client.put(f"{API}/{key}/options", json={"level": "city"})
    run_jobs()
    approve(client, key)
    run_jobs()
    assert levels() == {"city": 1}


def test_an_import_of_somebody_who_may_no_longer_sign_in_ends_as_failed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    key = send(client, CITY)["id"]
    with work(TESTER) as session:
        session.execute(text("update core.user_account set disabled_at = now()"))
    run_jobs()
    with reading(TESTER) as session:
        left = uploads.upload_view(session, UUID(key))
    assert left.state == "failed"
    assert "can no longer sign in" in str(decoded(left.report["reason"]))


def run_jobs() -> None:
    """Do what waits in the queue, as a worker would."""
    runs: dict[str, Callable[..., None]] = {known.name: known.run for known in JOBS}
    sql = f"select id, task_name, args from {SCHEMA}.procrastinate_jobs where status = 'todo' order by id"
    with reading(job("tests")) as session:
        waiting = session.connection().exec_driver_sql(sql).all()
    for _number, name, values in waiting:
        if name.startswith("grids.import"):
            runs[name](**values)


@pytest.mark.real
def test_langfang_comes_in_by_the_browser(client: FlaskClient, real_data: Callable[[str], Path]) -> None:
    outline = real_data("admin/langfang_city_tianditu_4490.geojson").read_bytes()
    approve(client, send(client, outline, "廊坊.geojson")["id"])
    mixed = send(client, real_data("admin/langfang_counties_mixed_sources_4490.geojson").read_bytes())
    kinds: dict[str, int] = {}
    for feature in json.loads(client.get(f"{API}/{mixed['id']}/defects.geojson", buffered=True).data)["features"]:
        kinds[feature["properties"]["kind"]] = kinds.get(feature["properties"]["kind"], 0) + 1
    assert kinds["overlap"] == 9
    assert kinds["gap"] == pytest.approx(209, rel=0.03)
    assert kinds["missing"] == pytest.approx(174, rel=0.03)
    assert kinds["outside"] == pytest.approx(174, rel=0.03)
    zipped = send(client, real_data("shapefiles/langfang_gbk_nocpg.zip").read_bytes(), "县区.zip")
    assert zipped["state"] == "ready"
    assert zipped["report"]["sample"][0]["name"] == "安次区"
    approve(client, zipped["id"])
    assert levels() == {"city": 1, "county": 10}
    assert found(client, "/api/v1/grids/131000")["area_m2"] == pytest.approx(6_384_186_704, rel=1e-6)
    tile = client.get("/tiles/grid/2/9/421/194.mvt")
    assert tile.status_code == 200
