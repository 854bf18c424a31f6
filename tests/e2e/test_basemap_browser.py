"""Base maps dropped into the data folder, in a browser: drawn, credited, dated; a broken one named, the map stays."""

from __future__ import annotations

import gzip
import io
import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely import affinity

from tests.e2e.conftest import Live
from tests.e2e.towns import eventually, map_of

pytestmark = [pytest.mark.browser, pytest.mark.real]

LAYERS = "osm/helsinki_centre_layers.gpkg.zip"
CREDIT = "© OpenStreetMap contributors"
STATE = "2019-04-01"
CENTRE = "lon=24.944&lat=60.172&z=15"
SIDE = 4096
VECTOR_ZOOM, RASTER_ZOOM = 14, 15

Shapes = NDArray[np.object_]


def on_tiles(shapes: Shapes, zoom: int, side: int) -> Shapes:
    """Outlines in units of ``1 / side`` of a tile, x to the east and y to the south of the square world."""

    def project(places: NDArray[np.float64]) -> NDArray[np.float64]:
        lat = np.radians(places[:, 1])
        x, y = (places[:, 0] + 180) / 360, (1 - np.arcsinh(np.tan(lat)) / math.pi) / 2
        return np.column_stack([x, y]) * 2**zoom * side

    return np.asarray(shapely.transform(shapes, project))


def cut(shapes: Shapes, side: int) -> dict[tuple[int, int], Shapes]:
    """The parts of the outlines in each tile, measured from its corner."""
    west, south, east, north = (math.floor(value / side) for value in shapely.total_bounds(shapes))
    parts = {}
    for x in range(west, east + 1):
        for y in range(south, north + 1):
            inside = shapely.clip_by_rect(shapes, x * side, y * side, (x + 1) * side, (y + 1) * side)
            kept = inside[~(shapely.is_missing(inside) | shapely.is_empty(inside))]
            parts[x, y] = np.array([affinity.translate(shape, -x * side, -y * side) for shape in kept], object)
    return parts


def read(source: Path, layer: str) -> tuple[Shapes, list[str]]:
    table: Any = pyogrio.raw.read(f"/vsizip/{source}", layer=layer, columns=["highway"] if layer == "roads" else [])
    kinds = [str(kind or "") for kind in table[3][0]] if layer == "roads" else []
    return np.asarray(shapely.from_wkb(table[2])), kinds


def write_pmtiles(path: Path, source: Path) -> None:
    tiles: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for layer in ("roads", "buildings"):
        for place, shapes in cut(on_tiles(read(source, layer)[0], VECTOR_ZOOM, SIDE), SIDE).items():
            features = [{"geometry": shape, "properties": {"kind": "major_road"}} for shape in shapes]
            tiles[place].append({"name": layer, "features": features})
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for (x, y), layers in sorted(tiles.items(), key=lambda item: zxy_to_tileid(VECTOR_ZOOM, *item[0])):
            body = mapbox_vector_tile.encode(layers, default_options={"extents": SIDE, "y_coord_down": True})
            writer.write_tile(zxy_to_tileid(VECTOR_ZOOM, x, y), gzip.compress(body))
        header = {
            "tile_type": TileType.MVT, "tile_compression": Compression.GZIP,
            "min_zoom": VECTOR_ZOOM, "max_zoom": VECTOR_ZOOM, "min_lon_e7": 249000000, "min_lat_e7": 601000000,
            "max_lon_e7": 250000000, "max_lat_e7": 602000000, "center_zoom": VECTOR_ZOOM,
            "center_lon_e7": 249440000, "center_lat_e7": 601720000,
        }  # fmt: skip
        writer.finalize(header, {"name": "街道图", "attribution": CREDIT, "date": STATE})


def write_mbtiles(path: Path, source: Path) -> None:
    side = 256
    facts = {"name": "影像图", "format": "png", "attribution": CREDIT, "date": STATE}
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table metadata (name text, value text)")
        database.execute("create table tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        database.executemany("insert into metadata values (?, ?)", facts.items())
        for (x, y), shapes in cut(on_tiles(read(source, "roads")[0], RASTER_ZOOM, side), side).items():
            picture = Image.new("RGB", (side, side), "#dde7d6")
            for line in shapely.get_parts(shapes):
                ImageDraw.Draw(picture).line([(px, py) for px, py in shapely.get_coordinates(line)], "#70543e", 3)
            with io.BytesIO() as buffer:
                picture.save(buffer, "PNG")
                row = (RASTER_ZOOM, x, 2**RASTER_ZOOM - 1 - y, buffer.getvalue())
            database.execute("insert into tiles values (?, ?, ?, ?)", row)
        database.commit()


@pytest.fixture(scope="module", autouse=True)
def files(live: Live, real_data: Callable[[str], Path]) -> None:
    folder = live.home / "basemaps"
    folder.mkdir(exist_ok=True)
    source = real_data(LAYERS)
    write_pmtiles(folder / "helsinki.pmtiles", source)
    write_mbtiles(folder / "helsinki.mbtiles", source)
    whole = (folder / "helsinki.pmtiles").read_bytes()
    (folder / "broken.pmtiles").write_bytes(whole[: len(whole) // 2])


def picture(page: Page) -> Image.Image:
    """The middle of the map."""
    box = page.locator("wg-map .map-view").bounding_box()
    assert box is not None
    clip = {"x": box["x"] + 100, "y": box["y"] + 100, "width": 300, "height": 300}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]


def expect_drawn(page: Page, *, ground: bool) -> None:
    """Wait until the middle shows a ground, or else one plain colour."""
    why = "no ground is drawn" if ground else "a ground is drawn"
    eventually(page, lambda: (len(set(picture(page).get_flattened_data())) > 1) is ground, why)


@pytest.mark.parametrize(("title", "name"), [("街道图", "helsinki.pmtiles"), ("影像图", "helsinki.mbtiles")])
def test_a_base_map_is_drawn_credited_and_dated(
    sign_in: Callable[..., Page], live: Live, title: str, name: str
) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{CENTRE}")
    found = map_of(page)
    page.get_by_label("纸面底色").check()
    expect_drawn(page, ground=False)
    expect(page.locator(".map-foot")).not_to_contain_text("底图")
    page.get_by_label(title).check()
    expect(page.locator(".ol-attribution")).to_contain_text(CREDIT)
    expect(page.locator(".map-foot")).to_contain_text(f"底图 {STATE}")
    expect_drawn(page, ground=True)
    page.reload()
    expect(found).to_have_attribute("data-basemap", name)
    expect(page.get_by_label(title)).to_be_checked()


def test_a_broken_file_is_named_and_the_map_stays(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?{CENTRE}")
    map_of(page)
    expect(page.get_by_role("complementary", name="网格与图层")).to_contain_text("broken.pmtiles")
    expect(page.get_by_role("radio")).to_have_count(3)
    expect_drawn(page, ground=True)


def test_far_above_its_levels_a_base_map_rests_and_the_page_answers(sign_in: Callable[..., Page], live: Live) -> None:
    page = sign_in()
    page.goto(f"{live.url}/map?lon=24.944&lat=60.172&z=4")
    map_of(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for title in ("街道图", "影像图"):
        page.get_by_label(title).check()
        assert page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        )
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "basemap" in url]
    page.get_by_role("link", name="事项", exact=True).first.click()
    expect(page).to_have_url(f"{live.url}/matters")
