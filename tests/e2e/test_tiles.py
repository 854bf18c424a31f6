"""Tiles over HTTP: grids for ever, matters never kept, base maps from a file."""

from __future__ import annotations

import gzip
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import mapbox_vector_tile
import pytest
from flask.testing import FlaskClient
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from core.access.commands import CreateUser
from core.access.service import create_user, disable_user
from core.db.session import work
from tests.e2e.clients import TESTER, admin_client, stranger_of
from tests.e2e.folks import enter, person
from tests.integration.grids.planting import plant
from web.basemaps import catalogue

COUNTIES = "/tiles/grid/1/9/421/194.mvt"
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def client(database: str) -> FlaskClient:
    plant()
    return admin_client()


def test_a_grid_tile_is_immutable_zipped_and_tagged(client: FlaskClient) -> None:
    answer = client.get(COUNTIES, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.content_type == "application/vnd.mapbox-vector-tile"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Accept-Encoding" in answer.headers["Vary"]
    decoded = mapbox_vector_tile.decode(gzip.decompress(answer.data))
    assert {part["properties"]["code"] for part in decoded["grid"]["features"]} == {"139901", "139902"}
    again = client.get(COUNTIES, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]


def test_who_does_not_take_gzip_gets_it_plain(client: FlaskClient) -> None:
    answer = client.get(COUNTIES, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert "grid" in mapbox_vector_tile.decode(answer.data)


def restore_store(body: bytes) -> None:
    """Every stored tile gets another body, which real ones never do."""
    with work(TESTER) as session:
        session.connection().exec_driver_sql("update core.tile set body = %s", (gzip.compress(body),))


def test_a_second_server_takes_the_tile_from_the_store(client: FlaskClient) -> None:
    client.get(COUNTIES)
    restore_store(b"as it lies in the store")
    assert admin_client().get(COUNTIES, headers={"Accept-Encoding": "identity"}).data == b"as it lies in the store"


def test_an_empty_tile_is_204_for_ever(client: FlaskClient) -> None:
    answer = client.get("/tiles/grid/1/9/0/0.mvt")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["2/9/421/194", "1/15/0/0", "1/9/512/0", "1/9/0/512", "99999999999999999999999/9/0/0", "x/9/0/0"]
)
def test_what_cannot_be_is_404_and_never_kept(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/tiles/grid/{path}.mvt")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_nobody_signed_in_gets_no_tile(client: FlaskClient) -> None:
    for path in (COUNTIES, "/tiles/matters/9/421/194.mvt"):
        assert stranger_of(client).get(path).status_code == 401


def test_matter_tiles_are_never_kept(client: FlaskClient) -> None:
    answer = client.get("/tiles/matters/9/421/194.mvt")
    assert answer.status_code == 204
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get("/tiles/matters/9/512/0.mvt").status_code == 404


def write_pmtiles(path: Path) -> bytes:
    """A base map of one tile; gives the tile."""
    tile: bytes = mapbox_vector_tile.encode(
        [{"name": "water", "features": [{"geometry": "POINT (10 10)", "properties": {"name": "塘"}}]}]
    )
    with path.open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(9, 421, 194), gzip.compress(tile))
        header: dict[str, Any] = {
            "tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_zoom": 9, "max_zoom": 9,
            "min_lon_e7": 0, "min_lat_e7": 0, "max_lon_e7": 1, "max_lat_e7": 1, "center_zoom": 9,
            "center_lon_e7": 0, "center_lat_e7": 0,
        }  # fmt: skip
        writer.finalize(header, {"name": "试验底图", "attribution": "© 测绘院"})
    return tile


def write_mbtiles(path: Path, *more: tuple[str, str]) -> None:
    """A raster base map of one tile."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table metadata (name text, value text)")
        database.execute("create table tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        facts = [("name", "影像"), ("format", "png"), ("attribution", ""), *more]
        database.executemany("insert into metadata values (?, ?)", facts)
        database.execute("insert into tiles values (9, 421, ?, ?)", (511 - 194, PNG))
        database.commit()


@pytest.fixture
def basemaps(client: FlaskClient, home: Path) -> Path:
    folder = home / "basemaps"
    folder.mkdir(exist_ok=True)
    return folder


def test_base_maps_are_listed_with_what_the_map_needs(basemaps: Path) -> None:
    write_pmtiles(basemaps / "street.pmtiles")
    write_mbtiles(basemaps / "image.mbtiles")
    (basemaps / "notes.txt").write_text("not a map")
    found = catalogue(SHANGHAI)
    assert found.notices == ()
    image, street = found.maps
    assert (street.name, street.title, street.kind) == ("street.pmtiles", "试验底图", "vector")
    assert (street.minzoom, street.maxzoom, street.attribution) == (9, 9, "© 测绘院")
    assert street.url.startswith("/basemap/street.pmtiles/{z}/{x}/{y}?v=")
    assert (image.kind, image.minzoom, image.maxzoom) == ("raster", 9, 9)


def test_two_files_of_one_name_are_two_base_maps(client: FlaskClient, basemaps: Path) -> None:
    write_pmtiles(basemaps / "city.pmtiles")
    write_mbtiles(basemaps / "city.mbtiles")
    raster, vector = catalogue(SHANGHAI).maps
    assert [(found.name, found.kind) for found in (raster, vector)] == [
        ("city.mbtiles", "raster"),
        ("city.pmtiles", "vector"),
    ]
    assert client.get(raster.url.format(z=9, x=421, y=194)).data == PNG
    assert client.get(vector.url.format(z=9, x=421, y=194)).content_type == "application/vnd.mapbox-vector-tile"


def test_a_base_map_says_of_when_it_is(basemaps: Path) -> None:
    write_mbtiles(basemaps / "said.mbtiles", ("date", "2024-05-06T07:08:09Z"))
    write_mbtiles(basemaps / "written.mbtiles", ("date", "last spring"))
    os.utime(basemaps / "written.mbtiles", (1_700_000_000, 1_700_000_000))  # 2023-11-15 06:13 in Shanghai
    assert [found.date for found in catalogue(SHANGHAI).maps] == ["2024-05-06", "2023-11-15"]
    assert [found.date for found in catalogue(ZoneInfo("America/Los_Angeles")).maps] == ["2024-05-06", "2023-11-14"]


def test_base_map_tiles_are_served_and_kept_while_the_file_stands(client: FlaskClient, basemaps: Path) -> None:
    tile = write_pmtiles(basemaps / "street.pmtiles")
    write_mbtiles(basemaps / "image.mbtiles")
    urls = {found.name: found.url.format(z=9, x=421, y=194) for found in catalogue(SHANGHAI).maps}
    vector = client.get(urls["street.pmtiles"], headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(vector.data) == tile
    assert "immutable" in vector.headers["Cache-Control"]
    raster = client.get(urls["image.mbtiles"])
    assert (raster.data, raster.content_type) == (PNG, "image/png")
    assert client.get("/basemap/image.mbtiles/9/0/0").status_code == 204
    assert "immutable" not in client.get("/basemap/image.mbtiles/9/421/194").headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["nix/9/0/0", "..%2Fstreet.pmtiles/9/0/0", "street.pmtiles/9/512/0", "street.pmtiles/30/0/0"]
)
def test_base_maps_that_are_not_there_are_404(client: FlaskClient, basemaps: Path, path: str) -> None:
    write_pmtiles(basemaps / "street.pmtiles")
    assert client.get(f"/basemap/{path}").status_code == 404


def test_a_damaged_file_leaves_the_list_with_a_notice(client: FlaskClient, basemaps: Path) -> None:
    write_pmtiles(basemaps / "cut.pmtiles")
    whole = (basemaps / "cut.pmtiles").read_bytes()
    (basemaps / "cut.pmtiles").write_bytes(whole[:-5])
    (basemaps / "text.pmtiles").write_text("this is no map")
    (basemaps / "text.mbtiles").write_text("neither is this")
    (basemaps / "empty.mbtiles").write_bytes(b"")
    write_mbtiles(basemaps / "good.mbtiles")
    found = catalogue(SHANGHAI)
    assert [good.name for good in found.maps] == ["good.mbtiles"]
    assert {notice.params["file"] for notice in found.notices} >= {"cut.pmtiles", "empty.mbtiles"}
    assert client.get("/basemap/cut.pmtiles/9/421/194").status_code == 404


def browser_of(client: FlaskClient, token: str) -> FlaskClient:
    """A browser that uses the same application with the cookie of a session."""
    browser = stranger_of(client)
    browser.set_cookie("wangge", token)
    return browser


@pytest.mark.parametrize(
    ("path", "more"), [(COUNTIES, {}), ("/tiles/grid/1/9/0/0.mvt", {}), (COUNTIES, {"If-None-Match": '"grid-1"'})]
)
def test_a_kept_tile_is_answered_as_the_first_time(client: FlaskClient, path: str, more: dict[str, str]) -> None:
    wanted = {"Accept-Encoding": "gzip", "X-Request-Id": "the-same-number", **more}
    first = client.get(path, headers=wanted)
    client.get(path, headers={"Accept-Encoding": "gzip"})
    restore_store(b"not looked at again")
    second = client.get(path, headers=wanted)
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert dict(second.headers) == dict(first.headers)


def test_a_tile_is_kept_in_memory(client: FlaskClient) -> None:
    first = client.get(COUNTIES, headers={"Accept-Encoding": "gzip"})
    restore_store(b"not looked at again")
    assert client.get(COUNTIES, headers={"Accept-Encoding": "gzip"}).data == first.data


def test_a_kept_tile_is_for_those_signed_in_alone(client: FlaskClient) -> None:
    def status(asker: FlaskClient) -> int:
        return asker.get(COUNTIES, headers={"Accept-Encoding": "gzip"}).status_code

    walker = person("walker", "worker", "139901001")
    person("other", "worker", "139901001")
    with work(TESTER) as session:
        pending = create_user(session, CreateUser("pending", "新来的"))
    assert pending.one_time_password
    walking, other = browser_of(client, enter("walker")), browser_of(client, enter("other"))
    forger = stranger_of(client)
    forger.environ_base["HTTP_AUTHORIZATION"] = "Bearer wg_made-up"
    assert [status(asker) for asker in (client, walking, other)] == [200] * 3
    assert status(browser_of(client, enter("pending", pending.one_time_password))) == 302
    assert [status(asker) for asker in (stranger_of(client), browser_of(client, "made-up"), forger)] == [401] * 3
    with work(TESTER) as session:
        disable_user(session, walker)
        session.connection().exec_driver_sql("update core.api_token set revoked_at = now()")
    assert [status(asker) for asker in (client, walking, other)] == [401, 401, 200]
