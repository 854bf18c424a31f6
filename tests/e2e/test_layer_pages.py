"""`/grids/layers`: a file in, what is refused and tried again, order, how a layer is shown, its removal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import text

from core.db.session import reading, work
from core.jobs.queue import SCHEMA
from core.layers import service, uploads
from core.layers.jobs import import_upload
from core.layers.reading import opened
from core.layers.service import Brought
from core.layers.views import LayerOptions
from core.text import Text
from tests.e2e.clients import TESTER, found
from tests.e2e.folks import PASSWORD, person
from tests.e2e.layering import all_of, replace_by, sent
from tests.e2e.signing import signed_in
from tests.integration.grids.planting import SOUTH, WEST, plant
from tests.integration.layers.laying import lay, save
from tests.unit.gis.layers import comb
from web.app import create_app

LON, LAT = WEST + 0.05, SOUTH + 0.05
ROAD = shapely.LineString([(LON, LAT), (LON + 0.002, LAT)])


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    person("gis", "gis_admin")
    return signed_in(create_app(), "gis", PASSWORD)


def test_a_file_becomes_a_layer(client: FlaskClient, tmp_path: Path) -> None:
    file = save(tmp_path / "roads.gpkg", [ROAD, None], {"路名": ["和平路", "空路"]})
    answer = sent(client, "/grids/layers", file, kind="roads", title_zh="道路网", source="市自然资源局")
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "2 行中的 1 行已显示在地图上" in page
    assert "有 1 行未导入：没有图形" in page
    (layer,) = found(client, "/api/v1/reference-layers")["items"]
    assert (layer["title_zh"], layer["source"], layer["imported_by"]) == ("道路网", "市自然资源局", "王建华")
    assert "道路网" in client.get("/grids/layers").text


def test_a_layer_that_is_there_is_replaced_only_by_who_says_so(client: FlaskClient, tmp_path: Path) -> None:
    lay(save(tmp_path / "a.gpkg", [ROAD, ROAD], {"name": ["甲路", "乙路"]}), "roads", source="示范", licence="虚构")
    file = save(tmp_path / "b.gpkg", [ROAD], {"name": ["丙路"]})
    where = sent(client, "/grids/layers", file, kind="roads", source="住建局").headers["Location"]
    page = client.get(where).text
    assert "已有图层“道路”（2 个要素）。要用此文件替换它，还是另建一个图层？" in page
    assert "替换“道路”：用 1 个要素替换现有的 2 个" in page
    assert "没有填写标题" in page
    (there,) = found(client, "/api/v1/reference-layers")["items"]
    assert (there["features"], there["attribution"]) == (2, "示范 · 虚构")
    refused = sent(client, where, answer="beside", beside_title=" ")
    assert refused.status_code == 422
    assert "请填写图层名称" in refused.text
    assert sent(client, where, answer="beside", beside_title="新测道路").status_code == 303
    both = {each["code"]: (each["title_zh"], each["features"], each["attribution"]) for each in all_of(client)}
    assert both == {"roads": ("道路", 2, "示范 · 虚构"), "roads-2": ("新测道路", 1, "住建局")}


def test_who_says_so_replaces_a_layer_with_all_that_was_said_of_the_old_file(
    client: FlaskClient, tmp_path: Path
) -> None:
    lay(save(tmp_path / "a.gpkg", [ROAD, ROAD], {"name": ["甲路", "乙路"]}), "roads", source="示范", licence="虚构")
    file = save(tmp_path / "b.gpkg", [ROAD], {"name": ["丙路"]})
    where = sent(client, "/grids/layers", file, kind="roads", source="住建局").headers["Location"]
    assert replace_by(client, where).status_code == 303
    assert "图层原有的 2 个要素已被替换" in client.get(where).text
    (layer,) = all_of(client)
    assert (layer["title_zh"], layer["features"], layer["attribution"]) == ("道路", 1, "住建局")


@pytest.mark.parametrize("removed", [False, True], ids=["replaced", "made anew"])
def test_an_answer_about_a_layer_that_changed_meanwhile_is_asked_again(
    client: FlaskClient, tmp_path: Path, removed: bool
) -> None:
    lay(save(tmp_path / "a.gpkg", [ROAD, ROAD], {"name": ["甲路", "乙路"]}), "roads")
    file = save(tmp_path / "b.gpkg", [ROAD], {"name": ["丙路"]})
    where = sent(client, "/grids/layers", file, kind="roads").headers["Location"]
    old = client.get(where).text
    assert "用 1 个要素替换现有的 2 个" in old
    if removed:
        with work(TESTER) as session:
            service.remove_layer(session, "roads")
    lay(save(tmp_path / "c.gpkg", [ROAD] * 5, {"name": list("子丑寅卯辰")}), "roads", replace=not removed)
    theirs = all_of(client)
    for _tab in range(2):
        assert replace_by(client, where, old).status_code == 303
        assert all_of(client) == theirs
    page = client.get(where).text
    assert "用 1 个要素替换现有的 5 个" in page
    assert "询问之后，该图层已有变化" in page
    assert replace_by(client, where).status_code == 303
    assert [each["features"] for each in all_of(client)] == [1]


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_refused_file_is_tried_again_with_what_was_suggested(client: FlaskClient, tmp_path: Path) -> None:
    file = save(tmp_path / "roads.fgb", [ROAD], {"路名": ["和平路"]}, crs=None)
    answer = sent(client, "/grids/layers", file, kind="roads")
    page = client.get(answer.headers["Location"]).text
    assert '<option value="EPSG:4490" selected>' in page
    assert found(client, "/api/v1/reference-layers")["items"] == []
    again = sent(client, answer.headers["Location"], kind="roads", crs="EPSG:4490")
    assert again.status_code == 303
    assert len(found(client, "/api/v1/reference-layers")["items"]) == 1
    assert sent(client, answer.headers["Location"], kind="roads").status_code == 409


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("roads.geojson", b"this is no map", "这不是可读取的 GIS 文件"),
        ("roads.gpkg", b"SQLite format 3\0" + b"x" * 500, "文件已损坏"),
        ("roads.geojson", b'{"type": "FeatureCollection", "features": []}', "图层没有任何行"),
    ],
)
def test_what_cannot_be_read_at_all_says_why_and_may_be_tried_again(
    client: FlaskClient, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    where = sent(client, "/grids/layers", tmp_path / name, kind="roads").headers["Location"]
    for _time in range(2):
        page = client.get(where)
        assert page.status_code == 200
        assert reason in page.text
        assert "重新导入" in page.text
        assert sent(client, where, kind="roads", name_field="路名").status_code == 303
    assert '<details class="more-options" open>' in client.get(where).text


def test_a_file_that_lies_elsewhere_is_refused_with_what_to_do(client: FlaskClient, tmp_path: Path) -> None:
    far = shapely.LineString([(10.0, 50.0), (10.1, 50.1)])
    file = save(tmp_path / "roads.gpkg", [far], {"name": ["和平路"]})
    page = client.get(sent(client, "/grids/layers", file, kind="roads").headers["Location"]).text
    assert "1 行中没有一行可以显示" in page
    assert "请在下面选择其真实坐标系" in page


def test_the_layer_of_a_file_that_has_several_is_chosen_first_of_all(client: FlaskClient, tmp_path: Path) -> None:
    file = save(tmp_path / "roads.gpkg", [ROAD], {"name": ["和平路"]}, layer="one")
    save(file, [ROAD], {"name": ["和平路"]}, layer="two")
    page = client.get(sent(client, "/grids/layers", file, kind="roads").headers["Location"]).text
    assert "请在下面选择图层" in page
    assert page.index('name="layer"') < page.index('name="kind"') < page.index('class="more-options"')


def test_what_is_wrong_with_the_form_is_said_at_its_field(client: FlaskClient, tmp_path: Path) -> None:
    file = save(tmp_path / "roads.gpkg", [ROAD], {"name": ["和平路"]})
    assert "请选择图层种类" in sent(client, "/grids/layers", file).text
    assert "缩放级别为 0 到 16" in sent(client, "/grids/layers", file, kind="roads", min_zoom="99").text
    assert sent(client, "/grids/layers", kind="roads").status_code == 422
    for word in ("order", "imports"):
        assert "请另取代码" in sent(client, "/grids/layers", file, kind="roads", code=word).text
    words = tmp_path / "roads.txt"
    words.write_text("x")
    assert sent(client, "/grids/layers", words, kind="roads").status_code == 422


def test_a_large_file_waits_for_the_job(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 0)
    file = save(tmp_path / "roads.gpkg", [ROAD], {"name": ["和平路"]})
    where = sent(client, "/grids/layers", file, kind="roads").headers["Location"]
    assert "正在读取文件" in client.get(where).text
    assert sent(client, where, kind="roads").status_code == 409
    import_upload(where.rpartition("/")[2], None)
    assert client.get(f"{where}/state").headers["HX-Refresh"] == "true"
    assert len(found(client, "/api/v1/reference-layers")["items"]) == 1
    import_upload(where.rpartition("/")[2], None)
    assert len(found(client, "/api/v1/reference-layers")["items"]) == 1


def test_who_waits_sees_how_many_features_were_written(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_BYTES", 0)
    file = save(tmp_path / "roads.gpkg", [ROAD] * 3, {"name": list("甲乙丙")})
    where = sent(client, "/grids/layers", file, kind="roads").headers["Location"]
    import_layer, seen = uploads.import_layer, [client.get(f"{where}/state").text]

    def watched(*values: Any) -> Brought:
        brought = import_layer(*values)
        seen.append(client.get(f"{where}/state").text)
        return brought

    monkeypatch.setattr(uploads, "import_layer", watched)
    import_upload(where.rpartition("/")[2], None)
    assert ["已写入 3 个要素" in page for page in seen] == [False, True]


def test_a_shape_that_would_take_for_ever_to_mend_is_refused_with_its_place(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.intake.uploads.AT_ONCE_SECONDS", 5)
    tangled = comb(300, LON, LAT, LON + 0.01, LAT + 0.01)
    file = save(
        tmp_path / "areas.geojson", [shapely.box(LON, LAT, LON + 0.01, LAT + 0.01), tangled], {"name": ["a", "b"]}
    )
    answer = sent(client, "/grids/layers", file, kind="water")
    assert re.search(r"第 2 行（[\d.]+, [\d.]+ 附近）自相交过多", client.get(answer.headers["Location"]).text)
    assert found(client, "/api/v1/reference-layers")["items"] == []


def test_a_file_waits_for_another_layer_without_keeping_others_from_being_worked_on(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.intake.turns.WAIT_SECONDS", 0)
    file = save(tmp_path / "roads.gpkg", [ROAD], {"name": ["和平路"]})
    rails = LayerOptions("roads", code="rails")
    with opened(file, rails) as other, work(TESTER) as session:
        service.import_layer(session, other, rails, file.name)
        where = sent(client, "/grids/layers", file, kind="roads").headers["Location"]
        assert "正在读取文件" in client.get(where).text
        import_upload(where.rpartition("/")[2], None)
        assert "正在读取文件" in client.get(where).text
    with reading(TESTER) as session:
        again = session.scalar(
            text(f"select count(*) from {SCHEMA}.procrastinate_jobs where task_name = 'layers.import'")
        )
    assert again == 2, "it comes back by itself"
    import_upload(where.rpartition("/")[2], None)
    assert {each["code"] for each in found(client, "/api/v1/reference-layers")["items"]} == {"rails", "roads"}


def test_a_file_that_was_settled_while_it_was_read_becomes_no_layer(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(save(tmp_path / "a.gpkg", [ROAD, ROAD], {"name": ["甲路", "乙路"]}), "roads")
    file = save(tmp_path / "b.gpkg", [ROAD], {"name": ["丙路"]})
    where = sent(client, "/grids/layers", file, kind="roads").headers["Location"]
    import_layer, before = uploads.import_layer, all_of(client)

    def settled_meanwhile(*values: Any) -> Brought:
        brought = import_layer(*values)
        uploads.give_up(TESTER, UUID(where.rpartition("/")[2]), Text("The job was given up"))
        return brought

    monkeypatch.setattr(uploads, "import_layer", settled_meanwhile)
    assert replace_by(client, where).status_code == 303
    assert all_of(client) == before
    page = client.get(where).text
    assert "The job was given up" in page
    monkeypatch.undo()
    assert sent(client, where, kind="roads", title_zh="丙").status_code == 303
    assert [each["features"] for each in all_of(client)] == [2, 1], "it may be tried again"


def test_a_layer_is_named_moved_and_removed(client: FlaskClient, tmp_path: Path) -> None:
    file = save(tmp_path / "roads.gpkg", [ROAD], {"name": ["和平路"]})
    lay(file, "roads")
    lay(file, "other", code="rails")
    values = {"title_zh": "主要道路", "title_en": "Main roads", "min_zoom": "12", "source": "市局", "licence": ""}
    assert sent(client, "/grids/layers/roads", **values).status_code == 303
    assert client.get("/grids/layers/roads").text.count("图层已修改") == 1
    layer = found(client, "/api/v1/reference-layers/roads")
    assert (layer["title_zh"], layer["min_zoom"], layer["shown"]) == ("主要道路", 12, False)
    assert sent(client, "/grids/layers/roads", **{**values, "title_zh": " "}).status_code == 422
    buttons = re.findall(r'<button[^>]*value="(?:up|down)"[^>]*>', client.get("/grids/layers").text)
    assert ["disabled" in button for button in buttons] == [True, False, False, True]
    sent(client, "/grids/layers/order", code="roads", to="up")
    assert [each["code"] for each in found(client, "/api/v1/reference-layers")["items"]] == ["rails", "roads"]
    sent(client, "/grids/layers/order", code="roads", to="down")
    assert [each["code"] for each in found(client, "/api/v1/reference-layers")["items"]] == ["roads", "rails"]
    assert sent(client, "/grids/layers/roads/remove", confirm="rails").status_code == 409
    assert sent(client, "/grids/layers/roads/remove", confirm="roads").status_code in {302, 303}
    assert client.get("/grids/layers").text.count("图层已删除。") == 1
    assert [each["code"] for each in found(client, "/api/v1/reference-layers")["items"]] == ["rails"]


def test_who_imports_for_a_part_of_the_city_manages_no_layer_of_all(client: FlaskClient, tmp_path: Path) -> None:
    person("part", "gis_admin", "139901")
    other = signed_in(client.application, "part", PASSWORD)
    assert other.get("/grids/layers").status_code == 403
    lay(save(tmp_path / "roads.gpkg", [ROAD], {"name": ["和平路"]}), "roads")
    assert sent(other, "/grids/layers/roads/remove", confirm="roads").status_code == 403
    assert len(found(other, "/map/references")["layers"]) == 1


def test_things_are_told_where_they_lie_with_what_was_kept_of_them(client: FlaskClient, tmp_path: Path) -> None:
    lake = shapely.Point(LON, LAT).buffer(0.002)
    lay(save(tmp_path / "water.gpkg", [lake], {"name": ["月湖"], "水质": ["Ⅱ类"]}), "water", attributes=("水质",))
    road = save(tmp_path / "roads.gpkg", [ROAD, ROAD], {"name": ["和平路"] * 2, "class": ["主干路"] * 2})
    lay(road, "roads", title_zh="规划道路")

    def told(lon: float, *of: str, status: int = 200, z: str = "16") -> str:
        query = [("lon", str(lon)), ("lat", str(LAT)), ("z", z), *(("of", code) for code in of)]
        answer = client.get("/map/references/at", query_string=query)
        assert answer.status_code == status
        return answer.get_data(as_text=True)

    assert re.search(r"月湖.*水质.*Ⅱ类", told(LON, "water", "roads"), re.S)
    assert re.findall(r"<h2>(.*?)</h2>|规划道路 · 道路 · 主干路", told(LON, "roads")) == ["和平路", ""]
    assert "月湖" not in told(LON, "roads")
    edge = 360 / 256 / 2**16
    assert "月湖" in told(LON + 0.002 + 3 * edge, "water")
    assert "月湖" not in told(LON + 0.002 + 6 * edge, "water")
    for wrong in ("", "nan", "x"):
        told(LON, "water", status=422, z=wrong)
