"""Plugins in pages, map and API: where they show, how they fail, how they fall silent."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from wangge.testing import place

from core.db.base import new_id
from core.db.cluster import owner_url
from core.db.session import work
from core.matters.commands import ReportMatter
from core.matters.service import report_matter
from core.plugin.build import build_plugin
from core.plugin.loading import forget_values
from core.plugin.service import disable_plugin, enable_plugin
from core.plugin.site import Site
from core.plugin.wheel import WheelFacts
from core.settings import CHECKOUT, get_settings
from tests.e2e.clients import TESTER, admin_client, found
from tests.integration.grids.planting import plant
from web.hooks import SPECS

PROJECTS = (CHECKOUT / "plugins" / "everything", CHECKOUT / "tests" / "plugins" / "clumsy")
GRID = "/grids/139901001"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[WheelFacts]:
    return [build_plugin(project, tmp_path_factory.mktemp("dist")) for project in PROJECTS]


@pytest.fixture
def client_with(
    database: str, wheels: list[WheelFacts], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], FlaskClient]]:
    """A client of an application with a good plugin and one that is clumsy in a place."""
    path = list(sys.path)
    plant()

    def client(place_of_the_mistake: str) -> FlaskClient:
        monkeypatch.setenv("WANGGE_CLUMSY", "nowhere")
        for facts in wheels:
            place(facts, TESTER)
        for module in [name for name in sys.modules if name.startswith("wangge_")]:
            del sys.modules[module]
        for name in ("everything", "clumsy"):
            forget_values(name)
        monkeypatch.setenv("WANGGE_CLUMSY", place_of_the_mistake)
        return admin_client(accept="text/html")

    yield client
    sys.path[:] = path
    for name in ("everything", "clumsy"):
        forget_values(name)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_a_plugin_shows_in_menu_page_panel_layer_and_api(client_with: Callable[[str], FlaskClient]) -> None:
    client = client_with("nowhere")
    page = text_of(client, "/p/everything/")
    assert "全部钩子" in page
    assert 'href="/p/everything/"' in page
    panel = text_of(client, GRID)
    assert "全市树木。" in panel
    assert "everything.trees" in text_of(client, "/map")
    assert found(client, "/api/v1/p/everything/trees") == {"count": 0}
    assert found(client, "/api/v1/layers/everything.trees") == {"type": "FeatureCollection", "features": []}
    paths = found(client, "/api/v1/openapi.json")["paths"]
    assert "/api/v1/p/everything/trees" in paths


@pytest.mark.parametrize("path", ["/p/everything/", "/api/v1/p/everything/trees", "/api/v1/layers/everything.trees"])
def test_switched_off_it_is_gone_at_once(path: str, client_with: Callable[[str], FlaskClient]) -> None:
    client = client_with("nowhere")
    text_of(client, path)
    disable_plugin(TESTER, Site(get_settings(), owner_url(get_settings()), SPECS), "everything")
    closed = text_of(client, path, 404)
    if path.startswith("/p/"):
        assert "插件已停用" in closed
        assert "“全部钩子”已停用" in closed
        assert "系统管理员" in closed
        assert "核对网址" not in closed, "the address is right"
    assert "/p/everything/" not in text_of(client, "/grids")
    assert "全市树木。" not in text_of(client, GRID)
    assert "everything.trees" not in text_of(client, "/map")


def test_a_page_that_raises_names_the_plugin_and_nothing_else_falls(
    client_with: Callable[[str], FlaskClient],
) -> None:
    client = client_with("page")
    assert "问题出在插件 clumsy" in text_of(client, "/p/clumsy/", 500)
    assert "stumbled at page" in text_of(client, "/plugins/clumsy")
    text_of(client, "/p/everything/")


def test_a_panel_that_raises_is_a_notice_in_its_place(client_with: Callable[[str], FlaskClient]) -> None:
    client = client_with("panel")
    page = text_of(client, GRID)
    assert "stumbled at panel" in page
    assert "stumbled at panel" in text_of(client, "/plugins/clumsy"), "where the notice sends the administrator"
    assert "全市树木。" in page


def test_a_layer_that_raises_answers_for_itself_alone(client_with: Callable[[str], FlaskClient]) -> None:
    client = client_with("layer")
    problem = found(client, "/api/v1/layers/clumsy.layer", 500)
    assert "clumsy.layer" in problem["detail"]
    found(client, "/api/v1/layers/everything.trees")
    found(client, "/api/v1/layers/nobody.layer", 404)


def test_a_plugin_that_fails_at_start_is_shown_with_its_reason(client_with: Callable[[str], FlaskClient]) -> None:
    client = client_with("import")
    catalogue = text_of(client, "/plugins")
    assert "出错" in catalogue
    assert "导入：Clumsy: stumbled at import（wangge_clumsy/__init__.py 第 41 行）" in catalogue
    assert 'class="strip bad"' in text_of(client, "/grids")
    text_of(client, "/p/everything/")
    items = {item["name"]: item["state"] for item in found(client, "/api/v1/plugins")["items"]}
    assert items == {"clumsy": "failed", "everything": "enabled"}


def test_a_wheel_that_is_no_plugin_is_refused_in_the_browser(
    client_with: Callable[[str], FlaskClient], tmp_path: Path
) -> None:
    client = client_with("nowhere")
    wheel = tmp_path / "photo-1.0-py3-none-any.whl"
    wheel.write_bytes(b"\xff\xd8\xff")
    with wheel.open("rb") as file:
        answer = client.post("/plugins/install", data={"wheel": (file, wheel.name)})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "该文件不是可安装的插件" in page
    assert 'aria-invalid="true"' in page


def test_the_form_without_a_file_says_so_at_its_field(client_with: Callable[[str], FlaskClient]) -> None:
    answer = client_with("nowhere").post("/plugins/install", data={})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "请先选择" in page
    assert 'aria-invalid="true"' in page


def test_switching_off_asks_first_and_names_what_vanishes(client_with: Callable[[str], FlaskClient]) -> None:
    client = client_with("nowhere")
    with work(TESTER) as session:
        session.execute(
            text(
                "insert into plugin_everything.tree (id, name, place)"
                " values (gen_random_uuid(), 'oak', st_setsrid(st_point(1, 1), 4490))"
            )
        )
        report_matter(session, ReportMatter(new_id(), "everything.fallen", "倒树", form={"height_m": 3}))
    assert 'href="/plugins/everything/disable"' in text_of(client, "/plugins")
    asked = text_of(client, "/plugins/everything/disable")
    for named in (
        "停用“全部钩子”？",
        "倒伏树木",
        "everything.stock",
        "2 行数据",
        "1 件未办结事项",
        "只能查看和添加备注",
    ):
        assert named in asked
    assert text_of(client, "/p/everything/")
    assert client.post("/plugins/everything/disable").status_code == 302
    assert "“全部钩子”已停用，数据保留" in text_of(client, "/plugins/everything")
    text_of(client, "/p/everything/", 404)


def test_while_it_is_off_its_matters_wait_and_afterwards_go_on(client_with: Callable[[str], FlaskClient]) -> None:
    client = client_with("nowhere")
    with work(TESTER) as session:
        command = ReportMatter(new_id(), "everything.fallen", "倒树", form={"height_m": 3})
        report_matter(session, command)
    site = Site(get_settings(), owner_url(get_settings()), SPECS)
    address = f"/api/v1/matters/{command.id}"
    disable_plugin(TESTER, site, "everything")
    refused = client.post(f"{address}/steps/accept", json={"version": 1})
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert refused.json["detail"] == "全部钩子已停用或未能运行：暂不能“受理”，启用后再办理"
    assert [(fault["code"], fault["plugin"]) for fault in refused.json["errors"]] == [("kind-away", "everything")]
    page = text_of(client, f"/matters/{command.id}")
    assert "全部钩子已停用或未能运行" in page
    assert 'data-dialog="step-note"' in page
    assert 'data-dialog="step-accept"' not in page
    assert client.post(f"{address}/steps/note", json={"version": 1, "note": "已到现场"}).status_code == 200
    enable_plugin(TESTER, site, "everything")
    assert client.post(f"{address}/steps/accept", json={"version": 2}).status_code == 200
    assert "已停用或未能运行" not in text_of(client, f"/matters/{command.id}")
