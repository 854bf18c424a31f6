"""Reference layers at the doors: tiles that browsers keep, the list of the API, the command."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from click.testing import CliRunner
from flask.testing import FlaskClient

from core.db.session import connect
from tests.e2e.clients import admin_client, found, stranger_of
from tests.integration.grids.planting import SOUTH, WEST, plant
from tests.integration.layers.laying import at, lay, save
from web.cli.main import main

LON, LAT = WEST + 0.05, SOUTH + 0.05
ROAD = shapely.LineString([(LON, LAT), (LON + 0.002, LAT)])


@pytest.fixture
def roads(database: str, tmp_path: Path) -> Path:
    plant()
    return save(tmp_path / "roads.gpkg", [ROAD], {"name": ["和平路"], "class": ["primary"]})


def address(url: str, key: tuple[int, int, int]) -> str:
    zoom, x, y = key
    return url.format(z=zoom, x=x, y=y)


def test_a_tile_is_immutable_zipped_and_tagged_until_the_next_import(roads: Path) -> None:
    lay(roads, "roads")
    client = admin_client()
    (layer,) = found(client, "/api/v1/reference-layers")["items"]
    url = address(layer["url"], at(16, LON, LAT))
    answer = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.content_type == "application/vnd.mapbox-vector-tile"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Accept-Encoding" in answer.headers["Vary"]
    (feature,) = mapbox_vector_tile.decode(gzip.decompress(answer.data))["roads"]["features"]
    assert feature["properties"] == {"name": "和平路", "class": "primary", "rank": 10}
    again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    lay(save(roads.parent / "b.gpkg", [ROAD], {"name": ["新华路"]}), "roads", replace=True)
    late = client.get(url, headers={"Accept-Encoding": "identity", "If-None-Match": answer.headers["ETag"]})
    assert (late.status_code, late.headers["Cache-Control"]) == (200, "private, no-store")
    (feature,) = mapbox_vector_tile.decode(late.data)["roads"]["features"]
    assert feature["properties"]["name"] == "新华路"
    (layer,) = found(client, "/api/v1/reference-layers")["items"]
    assert address(layer["url"], at(16, LON, LAT)) != url


def test_where_nothing_lies_a_tile_is_empty_and_elsewhere_there_is_none(roads: Path) -> None:
    lay(roads, "roads")
    client = admin_client()
    layer = found(client, "/api/v1/reference-layers/roads")
    assert client.get(address(layer["url"], at(16, LON, LAT + 0.1))).status_code == 204
    for key in ((17, 0, 0), (16, 2**16, 0), (7, 0, 0)):
        assert client.get(address(layer["url"], key)).status_code == 404
    assert client.get(address(layer["url"].replace("roads", "rivers"), at(16, LON, LAT))).status_code == 404
    assert found(client, "/api/v1/reference-layers/rivers", 404)["detail"]


def test_strangers_see_no_tile(roads: Path) -> None:
    lay(roads, "roads")
    client = admin_client()
    layer = found(client, "/api/v1/reference-layers/roads")
    assert stranger_of(client).get(address(layer["url"], at(16, LON, LAT))).status_code in {302, 401}


def test_the_list_speaks_the_readers_language(roads: Path) -> None:
    lay(roads, "roads", source="市自然资源局", licence="内部使用")
    client: FlaskClient = admin_client()
    assert found(client, "/api/v1/reference-layers/roads?lang=en")["title"] == "Roads"
    layer = found(client, "/api/v1/reference-layers/roads?lang=zh")
    assert (layer["title"], layer["attribution"], layer["features"]) == ("道路", "市自然资源局 · 内部使用", 1)


def run(url: str, *arguments: object) -> tuple[int, Any, str]:
    """Exit code, the JSON on stdout and what stands on stderr of ``wangge layer … --json``."""
    done = CliRunner().invoke(main, ["layer", *map(str, arguments), "--json"])
    connect(url)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_the_command_brings_in_shows_changes_and_removes(roads: Path, database: str) -> None:
    code, (made,), _said = run(database, "import", roads, "--kind", "roads", "--title-zh", "道路网", "--hidden")
    assert (code, made["refused"], made["code"], made["features"]) == (0, False, "roads", 1)
    assert made["fields"] == {"name": "name", "class": "class"}
    code, listed, _said = run(database, "list")
    assert [(each["code"], each["title_zh"], each["shown"]) for each in listed] == [("roads", "道路网", False)]
    assert run(database, "set", "roads", "--shown", "--min-zoom", "11")[0] == 0
    _code, (shown,), _said = run(database, "show", "roads")
    assert (shown["shown"], shown["min_zoom"]) == (True, 11)
    code, (gone,), _said = run(database, "remove", "roads", "--yes")
    assert (code, gone) == (0, {"code": "roads", "features": 1})
    assert run(database, "list")[1] == []
    assert run(database, "show", "roads")[0] == 1


def test_the_command_replaces_a_layer_only_where_it_is_told_to(roads: Path, database: str) -> None:
    two = save(roads.parent / "two.gpkg", [ROAD, ROAD], {"name": ["甲路", "乙路"]})
    assert run(database, "import", roads, "--kind", "roads", "--licence", "虚构")[0] == 0
    code, (said,), _err = run(database, "import", two, "--kind", "roads")
    assert (code, said["refused"]) == (1, True)
    assert (said["asked"]["there"]["features"], said["asked"]["brings"]) == (1, 2)
    assert "--replace" in said["reason"]
    assert "--code" in said["reason"]
    code, (made,), _err = run(database, "import", two, "--kind", "roads", "--code", said["asked"]["free_code"])
    assert (code, made["replaced"]) == (0, None)
    code, (made,), _err = run(database, "import", two, "--kind", "roads", "--replace", "--source", "县住建局")
    assert (code, made["replaced"], made["features"], made["licence"]) == (0, 1, 2, "")


def test_the_command_knows_a_layer_by_its_title_and_replaces_no_other(roads: Path, database: str) -> None:
    titled = ("--kind", "roads", "--title-zh", "规划道路")
    assert run(database, "import", roads, "--kind", "roads")[0] == 0
    code, (made,), _err = run(database, "import", roads, *titled, "--replace")
    assert (code, made["code"], made["replaced"]) == (0, "roads-2", None)
    code, (said,), _err = run(database, "import", roads, *titled)
    assert (code, said["asked"]["there"]["code"], said["asked"]["free_code"]) == (1, "roads-2", "roads-3")
    code, (made,), _err = run(database, "import", roads, *titled, "--replace")
    assert (code, made["code"], made["replaced"]) == (0, "roads-2", 1)
    assert run(database, "import", roads, *titled, "--code", "ways")[0] != 0
    assert {each["code"] for each in run(database, "list")[1]} == {"roads", "roads-2"}


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_refused_file_is_exit_code_1_with_the_option_that_mends_it(roads: Path, database: str) -> None:
    bare = save(roads.parent / "bare.fgb", [ROAD], {"name": ["和平路"]}, crs=None)
    code, (said,), _err = run(database, "import", bare, "--kind", "roads")
    assert (code, said["refused"]) == (1, True)
    assert "--crs EPSG:4490" in said["reason"]
    assert run(database, "import", bare, "--kind", "roads", "--crs", "EPSG:4490")[0] == 0
