"""Boundary files by the pages: upload, preview, options, approval, and the jobs that do the work."""

from __future__ import annotations

import html
import io
import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import IO
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from core.db.session import reading, work
from core.grids.imports import uploads
from core.grids.imports.uploadwork import check_upload
from core.intake.turns import turn_to_read
from core.jobs.queue import SCHEMA
from core.maintenance.doctor import examine
from core.settings import get_settings
from core.text import Text
from tests.e2e.boundaries import (
    API,
    CITY,
    COUNTIES,
    GAPPED,
    approve,
    grow_city,
    levels,
    press,
    run_jobs,
    send,
)
from tests.e2e.clients import TESTER, admin_client, found

ENDLESS = """
    pragma application_id = 1196444487;
    create table gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y, max_x, max_y,
      srs_id);
    insert into gpkg_contents values ('v', 'features', 'v', '', '', 0, 0, 0, 0, 4490);
    create table gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m);
    insert into gpkg_geometry_columns values ('v', 'geom', 'POLYGON', 4490, 0, 0);
    create table gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition,
      description);
    create view v as with recursive r(n) as (select 1 union all select n + 1 from r)
      select n as fid, zeroblob(10) as geom, 'x' as code from r;
"""


@pytest.fixture
def client(database: str) -> FlaskClient:
    return admin_client()


@pytest.mark.parametrize("door", [API, "/grids/import"])
def test_on_a_full_disk_nothing_is_kept(
    client: FlaskClient, home: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    def fill(content: IO[bytes], _target: IO[bytes]) -> None:
        with Path("/dev/full").open("wb") as full:
            full.write(content.read())

    monkeypatch.setattr("core.intake.uploads.shutil.copyfileobj", fill)
    answer = client.post(door, data={"file": (io.BytesIO(CITY), "a.geojson")}, content_type="multipart/form-data")
    assert answer.status_code == 507
    said = answer.json["detail"] if door == API else answer.text
    assert "服务器磁盘已满" in said
    assert list((home / "imports").glob("*")) == []
    assert client.get("/problems/no-room", headers={"Accept": "text/html"}).status_code == 200


def test_a_small_file_that_never_ends_holds_nobody_for_long(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_SECONDS", 2)
    with sqlite3.connect(tmp_path / "endless.gpkg") as file:
        file.executescript(ENDLESS)
    sent = {"file": ((tmp_path / "endless.gpkg").open("rb"), "endless.gpkg")}
    answer = client.post(API, data=sent, content_type="multipart/form-data").get_json()
    assert answer["state"] == "refused"
    assert "2 秒" in answer["report"]["reason"]


def test_the_whole_way_by_pages(client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    assert "选择文件" in client.get("/grids/import").text
    there = press(client, "/grids/import", file=(io.BytesIO(CITY), "city.geojson")).headers["Location"]
    assert re.fullmatch(r"/grids/import/[0-9a-f-]{36}", there)
    first = client.get(there).text
    assert "严密无误，可以导入" in first
    assert "按其格式标准默认为 WGS 84 经纬度（GPS） · EPSG:4326" in first
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
    assert "批准：写入 2 个县" in after
    assert "我已核对移动的部分" in after
    asked = after[after.index('<dialog id="approve"') :]
    for said in ("2 个县", "试验市 139900", "批准之时"):
        assert said in asked, said
    assert f'data-moved="{refused}/changes.geojson"' in after
    with client.get(f"{refused}/changes.geojson") as answer:
        moved = answer.get_json()["features"]
    assert [part["properties"]["text"] for part in moved] == ["139902 东县"]
    assert moved[0]["properties"]["gained_m2"] > 0
    assert f'data-go="{moved[0]["id"]}"' in after
    assert re.search(r"修补涉及面积 [\d.]+ km²，改归他格之处距原边界最远 [\d.,]+ 米", after)
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


def test_a_file_of_a_living_city_goes_along_into_a_plan(client: FlaskClient) -> None:
    grow_city(client)
    approve(client, send(client, COUNTIES)["id"])
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    refused = client.get(f"/grids/import/{send(client, COUNTIES)['id']}").text
    (link,) = re.findall(r'href="(/grids/plans/new[^"]+)"[^>]*>(?:(?!</a>).)*以此文件编制调整方案', refused, re.DOTALL)
    asked = client.get(html.unescape(link)).text
    assert 'value="139900"' in asked
    assert 'name="source" value="file"' in asked
    (upload,) = re.findall(r'name="upload" value="([^"]+)"', asked)
    values = {"grid": "139900", "title": "重划", "source": "file"}
    drawn = client.post("/grids/plans", data={**values, "upload": upload})
    assert drawn.status_code == 303
    plan = client.get(drawn.headers["Location"]).text
    assert "文件已载入方案" in plan, "the file is not asked for once more"
    assert "用文件中的网格替换" in plan
    begun = client.post("/grids/plans", data=values)
    assert begun.headers["Location"].endswith("?dialog=layer#layer")
    assert client.get(begun.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.geojson", b"", "a.geojson"), ("a.jpg", b"jpeg", "a.jpg"), ("", b"", "没有选择文件")],
    ids=["empty", "picture", "none"],
)
def test_what_is_no_boundary_file_is_said_at_the_field_of_the_form(
    client: FlaskClient, home: Path, name: str, content: bytes, said: str
) -> None:
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    refused = press(client, "/grids/import", file=(io.BytesIO(content), name))
    assert refused.status_code == 422
    fault = re.search(r'id="f-file-error">([^<]+)<', refused.text)
    assert fault is not None
    assert said in fault[1]
    assert "上传并检查" in refused.text
    assert list((home / "imports").glob("*")) == []


def test_a_large_file_is_checked_by_a_job(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 10)
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


@pytest.mark.parametrize("step", ["check", "apply"])
def test_a_large_file_waits_for_another_without_keeping_others_from_being_worked_on(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 10)
    monkeypatch.setattr("core.intake.turns.WAIT_SECONDS", 0)
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    key = send(client, CITY)["id"]
    if step == "apply":
        run_jobs()
        approve(client, key)
    with turn_to_read(patient=True):
        run_jobs()
        assert "排队等候" in client.get(f"/grids/import/{key}").text
    asked = f"select count(*) from {SCHEMA}.procrastinate_jobs where task_name = 'grids.import-{step}'"
    with reading(TESTER) as session:
        assert session.scalar(text(asked)) == 2, "it comes back by itself"
    run_jobs()
    state = client.get(f"{API}/{key}", headers={"Accept": "application/json"}).get_json()["state"]
    assert (state, levels()) == {"check": ("ready", {}), "apply": ("applied", {"city": 1})}[step]


def test_a_file_that_another_process_works_on_is_left_to_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 10)
    key = send(client, CITY)["id"]
    with uploads.SHELF.alone_with(UUID(key)):
        assert not check_upload(TESTER, UUID(key))
    assert client.get(f"{API}/{key}").get_json()["state"] == "checking"
    run_jobs()
    assert client.get(f"{API}/{key}").get_json()["state"] == "ready"


def test_waiting_can_be_stopped_and_writes_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 10)
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
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 10)
    key = send(client, CITY)["id"]
    if step == "apply":
        run_jobs()
        approve(client, key)
    with monkeypatch.context() as broken:
        broken.setattr("core.grids.imports.importing.prepare", lambda *_values: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_jobs()
    assert levels() == {}
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    page = client.get(f"/grids/import/{key}").text
    for words in ("没有完成", "重新检查", "程序错误（ZeroDivisionError）", key[-8:]):
        assert words in page
    with reading(TESTER) as session:
        (found,) = (finding for finding in examine(session, get_settings()) if finding.name == "imports")
    assert found.verdict == "warn"
    assert key[-8:] in str(found.text)
    assert key[-8:] in str(found.mend)
    client.put(f"{API}/{key}/options", json={"level": "city"})
    run_jobs()
    approve(client, key)
    run_jobs()
    assert levels() == {"city": 1}


def test_an_import_of_somebody_who_may_no_longer_sign_in_ends_as_failed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 10)
    key = send(client, CITY)["id"]
    with work(TESTER) as session:
        session.execute(text("update core.user_account set disabled_at = now()"))
    run_jobs()
    with reading(TESTER) as session:
        left = uploads.upload_view(session, UUID(key))
    assert left.state == "failed"
    assert "can no longer sign in" in str(Text.from_json(left.report["reason"]))


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
