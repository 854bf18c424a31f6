"""`/grids/layers`: which layer a file is for, by its title or from the layer's own page, and which fields are kept."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
import shapely
from flask.testing import FlaskClient

from core.db.session import work
from core.layers import service
from core.layers.service import LayerChange
from tests.e2e.clients import TESTER
from tests.e2e.folks import PASSWORD, person
from tests.e2e.layering import all_of, replace_by, sent
from tests.e2e.signing import signed_in
from tests.integration.grids.planting import SOUTH, WEST, plant
from tests.integration.layers.laying import lay, save
from web.app import create_app

LON, LAT = WEST + 0.05, SOUTH + 0.05
ROAD = shapely.LineString([(LON, LAT), (LON + 0.002, LAT)])


@pytest.fixture
def client(database: str, tmp_path: Path) -> FlaskClient:
    plant()
    person("gis", "gis_admin")
    names = [f"{n} 路" for n in range(9)]
    lay(save(tmp_path / "all.gpkg", [ROAD] * 9, {"name": names}), "roads", source="示范")
    return signed_in(create_app(), "gis", PASSWORD)


def roads(folder: Path, number: int) -> Path:
    columns = {"name": [f"新 {n}" for n in range(number)], "建成": ["是", "否"] * (number // 2) + ["是"] * (number % 2)}
    return save(folder / f"roads{number}.gpkg", [ROAD] * number, columns)


def brought(client: FlaskClient, file: Path, **values: str) -> str:
    """Where a file's page is."""
    answer = sent(client, "/grids/layers", file, **{"kind": "roads", **values})
    assert answer.status_code == 303
    return answer.headers["Location"]


def standing(client: FlaskClient) -> dict[str, tuple[str, int]]:
    return {each["code"]: (each["title_zh"], each["features"]) for each in all_of(client)}


def inputs(page: str) -> dict[str, str]:
    """The texts that a form came with."""
    found = re.findall(r'<input class="control"[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def test_a_file_of_a_new_title_is_a_new_layer_and_endangers_none(client: FlaskClient, tmp_path: Path) -> None:
    page = client.get(brought(client, roads(tmp_path, 2), title_zh="规划道路")).text
    assert "图层名称：规划道路。" in page
    assert standing(client) == {"roads": ("道路", 9), "roads-2": ("规划道路", 2)}
    assert [each["title_en"] for each in all_of(client)] == ["Roads", ""]


def test_a_file_is_asked_about_the_layer_of_its_title(client: FlaskClient, tmp_path: Path) -> None:
    brought(client, roads(tmp_path, 2), title_zh="规划道路")
    where = brought(client, roads(tmp_path, 3), title_zh=" 规划道路", source="县住建局")
    page = client.get(where).text
    assert "已有图层“规划道路”（2 个要素）" in page
    assert "“道路”" not in page
    assert page.index('value="replace"') < page.index('value="beside"')
    assert inputs(page)["beside_title"] == "规划道路 2"
    assert standing(client) == {"roads": ("道路", 9), "roads-2": ("规划道路", 2)}
    replace_by(client, where)
    assert standing(client) == {"roads": ("道路", 9), "roads-2": ("规划道路", 3)}


def test_an_english_title_names_the_layer_too_and_becomes_no_chinese_one(client: FlaskClient, tmp_path: Path) -> None:
    where = brought(client, roads(tmp_path, 2), title_zh="roads")
    assert "已有图层“道路”（9 个要素）" in client.get(where).text
    replace_by(client, where)
    assert standing(client) == {"roads": ("道路", 2)}


def test_two_layers_never_get_one_title(client: FlaskClient, tmp_path: Path) -> None:
    where = brought(client, roads(tmp_path, 2), title_zh="道路")
    refused = sent(client, where, answer="beside", beside_title="道路")
    assert refused.status_code == 422
    assert "已有图层“道路”：请另取标题" in refused.text
    assert sent(client, where, answer="beside", beside_title="道路 2").status_code == 303
    values = {"title_zh": "道路", "title_en": "", "min_zoom": "8"}
    assert "请另取标题" in sent(client, "/grids/layers/roads-2", **values).text
    where = brought(client, roads(tmp_path, 3), title_zh="道路 2", code="ways")
    assert "请另取标题" in client.get(where).text
    assert standing(client) == {"roads": ("道路", 9), "roads-2": ("道路 2", 2)}
    lay(roads(tmp_path, 4), "roads", code="ways")
    assert standing(client)["ways"] == ("道路 3", 4)


def test_what_is_said_of_a_layer_stands_in_the_form_for_another_file(client: FlaskClient, tmp_path: Path) -> None:
    options = {"title_zh": "规划道路", "source": "县住建局 2026", "licence": "内部", "attributes": ("建成",)}
    lay(roads(tmp_path, 8), "roads", code="ways", shown=False, **options)
    own = client.get("/grids/layers/ways").text
    (link,) = re.findall(r'href="([^"]+)"[^<]*<svg[^<]*<use[^<]*</use></svg>\s*替换内容', own)
    page = client.get(html.unescape(link)).text
    assert "“规划道路”现有的 8 个要素将由另一个文件的要素代替" in page
    shown = inputs(page)
    assert [shown[name] for name in ("title_zh", "source", "licence", "attributes")] == [
        "规划道路", "县住建局 2026", "内部", "建成",
    ]  # fmt: skip
    assert re.search(r'<option value="roads" selected>', page)
    assert '<input type="hidden" name="code" value="ways">' in page
    where = brought(client, roads(tmp_path, 3), code="ways", **shown)
    page = client.get(where).text
    assert "确定用此文件替换图层“规划道路”的 8 个要素吗？" in page
    assert "替换“规划道路”：用 3 个要素替换现有的 8 个" in page
    assert "btn-primary" not in page, "to add another layer is no more than a way out"
    assert page.index('value="replace"') < page.index("<summary>另建图层")
    replace_by(client, where)
    assert standing(client) == {"roads": ("道路", 9), "ways": ("规划道路", 3)}
    assert all_of(client)[1]["attribution"] == "县住建局 2026 · 内部"
    assert re.search(r"另外保留的字段</dt><dd>建成<", client.get("/grids/layers/ways").text)


def test_a_form_that_names_a_layer_keeps_naming_it_when_something_is_wrong(client: FlaskClient, tmp_path: Path) -> None:
    refused = sent(client, "/grids/layers", kind="roads", code="roads", title_zh="道路")
    assert refused.status_code == 422
    assert "“道路”现有的 9 个要素将由另一个文件的要素代替" in refused.text
    assert "没有选择文件" in refused.text


def told(client: FlaskClient) -> str:
    query = {"lon": str(LON), "lat": str(LAT), "z": "16", "of": "roads-2"}
    return client.get("/map/references/at", query_string=query).text


def test_a_field_that_is_not_kept_says_so_and_is_kept_by_a_tick(client: FlaskClient, tmp_path: Path) -> None:
    where = brought(client, roads(tmp_path, 2), title_zh="规划道路")
    page = client.get(where).text
    assert re.search(r"<td[^>]*>建成</td>.*?不保留", page, re.S)
    assert "建成" not in told(client)
    with work(TESTER) as session:
        service.set_layer(session, "roads-2", LayerChange(title_zh="规划路网", source="住建局", shown=False))
    assert sent(client, where, answer="keep", keep="建成").status_code == 303
    page = client.get(where).text
    assert re.search(r'name="keep" value="建成" checked', page)
    assert "不保留" not in page
    assert "已被替换" not in page
    assert re.search(r"建成.*是", told(client), re.S)
    assert standing(client) == {"roads": ("道路", 9), "roads-2": ("规划路网", 2)}
    assert (all_of(client)[1]["source"], all_of(client)[1]["shown"]) == ("住建局", False)


def test_fields_are_not_kept_in_what_became_another_layer_meanwhile(client: FlaskClient, tmp_path: Path) -> None:
    where = brought(client, roads(tmp_path, 2), title_zh="规划道路")
    lay(roads(tmp_path, 5), "roads", code="roads-2", replace=True)
    refused = sent(client, where, answer="keep", keep="建成")
    assert refused.status_code == 409
    assert "请重新上传文件" in refused.text
    assert standing(client)["roads-2"] == ("规划道路", 5)


def test_a_field_ticked_while_a_question_stands_is_kept_by_either_answer(client: FlaskClient, tmp_path: Path) -> None:
    where = brought(client, roads(tmp_path, 2))
    sent(client, where, answer="keep", keep="建成")
    assert "要用此文件替换它，还是另建一个图层？" in client.get(where).text
    sent(client, where, answer="beside", beside_title="规划道路")
    assert re.search(r"建成.*是", told(client), re.S)
