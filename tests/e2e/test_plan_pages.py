"""Pages of plans: from a file, taken back, told where it goes wrong."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import geopandas
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.e2e.clients import admin_client
from tests.integration.grids.bringing import bring
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, box, collection, draw, feature, polygon
from tests.integration.grids.plans import draft

SPLIT = {"op": "split", "grid": "139901", "line": [[116.1, 38.95], [116.1, 39.25]], "codes": ["139901", "139911"]}


@pytest.fixture
def client(database: str, tmp_path: Path) -> FlaskClient:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county")
    return admin_client(accept="text/html")


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def sent(client: FlaskClient, address: str, data: dict[str, Any]) -> str:
    """What the page says after a form."""
    answer: TestResponse = client.post(address, data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return page(client, answer.headers["Location"])


def upload(client: FlaskClient, address: str, version: int, *features: Any) -> str:
    return sent(client, f"{address}/layer", {"version": version, "file": named(*features)})


def named(*features: Any) -> tuple[io.BytesIO, str]:
    return io.BytesIO(collection(*features).encode()), "leaves.geojson"


def refused(client: FlaskClient, address: str, version: int, *features: Any) -> str:
    """The page of a plan that does not take a file."""
    answer = client.post(f"{address}/layer", data={"version": version, "file": named(*features)})
    assert answer.status_code == 409, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("form", ["layer", "approve"])
def test_the_address_of_a_refused_form_leads_back_to_the_plan(client: FlaskClient, form: str) -> None:
    here = f"/grids/plans/{draft('139900').id}"
    answer = client.get(f"{here}/{form}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{here}?dialog={form}#{form}")
    assert "<main" in page(client, answer.headers["Location"])


def test_a_file_drawn_elsewhere_becomes_a_step_of_the_plan(client: FlaskClient) -> None:
    plan = draft("139900")
    here = f"/grids/plans/{plan.id}"
    west, middle = box(0, 0, 1, 2), box(1, 0, 2, 2)
    shown = upload(
        client, here, plan.version, feature("139901", west, "西县"), feature("", middle, "中县"), COUNTIES[1]
    )
    assert "文件已载入方案" in shown
    assert "用文件中的网格替换" in shown
    assert "中县" in shown


def test_a_file_that_leaves_a_gap_is_refused_and_nothing_is_drawn(client: FlaskClient) -> None:
    plan = draft("139900")
    here = f"/grids/plans/{plan.id}"
    shown = refused(client, here, plan.version, feature("139901", box(0, 0, 1, 2), "西县"), COUNTIES[1])
    assert "空隙" in shown or "缝隙" in shown
    assert "还没有绘制内容" in shown
    assert "没有选择文件" in sent(client, f"{here}/layer", {"version": plan.version})
    broken = {"version": plan.version, "file": (io.BytesIO(b"nothing"), "leaves.geojson")}
    assert "还没有绘制内容" in sent(client, f"{here}/layer", broken)


def test_an_applied_plan_is_taken_back_by_a_plan_of_its_own(client: FlaskClient) -> None:
    plan = draft("139900", SPLIT)
    here = f"/grids/plans/{plan.id}"
    assert "只有已生效的方案才能回退" in sent(client, f"{here}/revert", {})
    for act in ("submit", "approve"):
        version = json.loads(client.get(f"/api/v1/plans/{plan.id}").get_data(as_text=True))["version"]
        sent(client, f"{here}/{act}", {"version": version, "when": "now"})
    shown = sent(client, f"{here}/revert", {})
    assert "回退：试验方案" in shown
    assert "139911" in shown
    assert page(client, "/grids/plans?state=applied").count("试验方案") == 1


def test_a_plan_that_no_longer_fits_says_so_and_offers_to_be_drawn_anew(client: FlaskClient) -> None:
    first, second = draft("139900", SPLIT), draft("139900", {**SPLIT, "codes": ["139901", "139912"]})
    for act in ("submit", "approve"):
        version = json.loads(client.get(f"/api/v1/plans/{first.id}").get_data(as_text=True))["version"]
        sent(client, f"/grids/plans/{first.id}/{act}", {"version": version, "when": "now"})
    shown = page(client, f"/grids/plans/{second.id}")
    assert "方案目前无法执行" in shown
    assert "更新到当前边界" in shown
    told = sent(client, f"/grids/plans/{second.id}/rebase", {"version": second.version})
    assert "方案已更新到当前边界" in told


def test_the_leaves_of_the_plan_can_be_had_as_a_file_that_it_takes_back(client: FlaskClient, tmp_path: Path) -> None:
    plan = draft("139900")
    here = f"/grids/plans/{plan.id}"
    address = f"/api/v1/plans/{plan.id}/leaves.gpkg"
    assert f'href="{address}"' in page(client, here)
    answer = client.get(address)
    assert answer.status_code == 200
    (tmp_path / "leaves.gpkg").write_bytes(answer.data)
    leaves = geopandas.read_file(tmp_path / "leaves.gpkg")
    assert sorted(leaves["code"]) == ["139901", "139902"]
    file = (io.BytesIO(answer.data), "leaves.gpkg")
    assert "文件已载入方案" in sent(client, f"{here}/layer", {"version": plan.version, "file": file})


def test_why_a_file_is_refused_is_told_once(client: FlaskClient) -> None:
    plan = draft("139900")
    shown = refused(client, f"/grids/plans/{plan.id}", plan.version, feature("139901", box(0, 0, 1, 2), "西县"))
    [notice] = re.findall(r'class="notice bad".*?</div>', shown, re.S)
    assert notice.count("不能严丝合缝地铺满") == 1, notice


SHIFTED = polygon([(2, 0), (4, 0), (4, 2), (2, 2), (2 + 2e-6, 1)])
"""The eastern county, a hand's breadth away from the western one."""


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh", "空隙和重叠已自动修补，1 个网格"), ("en", "Slivers were mended, which changed 1 grids")],
)
def test_slivers_that_were_mended_are_told_with_the_grid_and_what_it_gained(
    client: FlaskClient, language: str, told: str
) -> None:
    plan = draft("139900")
    client.set_cookie("lang", language)
    shown = upload(client, f"/grids/plans/{plan.id}", plan.version, COUNTIES[0], feature("139902", SHIFTED, "东县"))
    [notice] = re.findall(rf"{told}[^<]*", shown)
    assert re.search(r"139902 东县.*[+]\d+\.\d\d .*−0\.00 ", notice), notice
    shown = upload(client, f"/grids/plans/{draft('139900').id}", plan.version, *COUNTIES)
    assert told[:6] not in shown


@pytest.mark.parametrize(("language", "missing", "outside"), [("zh", "缺", "超出"), ("en", "missing", "outside")])
def test_each_defect_of_a_refused_file_is_told_with_its_grid_its_size_and_its_place_on_the_map(
    client: FlaskClient, language: str, missing: str, outside: str
) -> None:
    plan = draft("139900")
    client.set_cookie("lang", language)
    east = feature("139902", box(2, 0, 5, 1), "东县")
    shown = refused(client, f"/grids/plans/{plan.id}", plan.version, COUNTIES[0], east)
    [notice] = re.findall(r'class="notice bad".*?</div>', shown, re.S)
    assert "139900 试验市" in notice
    assert "139902 东县" in notice
    assert missing in notice
    assert outside in notice
    places = re.findall(r'href="/map[?]lon=([\d.]+)&amp;lat=([\d.]+)&amp;z=17"', notice)
    rounded = sorted((round(float(lon), 2), round(float(lat), 2)) for lon, lat in places)
    assert rounded == [(116.3, 39.15), (116.45, 39.05)]
    assert len(re.findall("m²|平方米", notice)) == 2


@pytest.mark.parametrize(("language", "remedy"), [("zh", "请换用该网格的文件"), ("en", "Take the file of this grid")])
def test_a_file_of_another_place_is_refused_with_the_name_of_the_grid_and_what_to_do(
    client: FlaskClient, language: str, remedy: str
) -> None:
    plan = draft("139900")
    client.set_cookie("lang", language)
    shown = refused(client, f"/grids/plans/{plan.id}", plan.version, feature("139901", box(90, 9, 91, 10), "西县"))
    assert "139900 试验市" in shown
    assert remedy in shown


def test_a_title_that_is_too_long_is_told_at_its_field_and_kept_in_the_form(client: FlaskClient) -> None:
    title, reason = "西" * 201, "因" * 2001
    answer = client.post("/grids/plans", data={"grid": "139900", "title": title, "reason": reason})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "最多 200 个字" in shown, shown
    assert "最多 2000 个字" in shown, shown
    assert title in shown
    assert reason in shown
    assert 'maxlength="200"' in shown
    assert 'maxlength="2000"' in shown


@pytest.mark.parametrize(("language", "told"), [("zh", "按 9000 米方格"), ("en", "by a net of 9000 m<")])
def test_the_width_of_a_net_is_told_as_it_was_typed(client: FlaskClient, language: str, told: str) -> None:
    plan = draft("139900", {"op": "subdivide", "grid": "139901", "net_m": 9000})
    client.set_cookie("lang", language)
    assert told in page(client, f"/grids/plans/{plan.id}")
