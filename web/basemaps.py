"""Base maps from a file: PMTiles or MBTiles dropped into the data folder, served tile by tile.

A damaged file takes itself off the list with a notice; the map then stands on plain paper.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import structlog
from apiflask import APIBlueprint
from flask import Response, request
from pmtiles.reader import Reader
from pmtiles.tile import Compression, TileType

from core.errors import NotFound
from core.grids.tiles import TileKey
from core.settings import get_settings
from core.text import Text
from core.text import noop as _
from web.tiledoor import FOR_A_YEAR
from web.tiles import zipped_answer

bp = APIBlueprint("basemaps", __name__, enable_openapi=False)
log = structlog.get_logger(__name__)

FOLDER: Final = "basemaps"
VECTOR: Final = "application/vnd.mapbox-vector-tile"
MBTILES_TYPES: Final = {
    "pbf": VECTOR, "mvt": VECTOR, "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp",
}  # fmt: skip
PMTILES_TYPES: Final = {
    TileType.MVT: VECTOR,
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
}
DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
DATE_KEYS: Final = ("planetiler:osm:osmosisreplicationtime", "date", "timestamp")
"""Where programs that make such files write the state of their data."""
DEEPEST: Final = 22
GZIP_MAGIC: Final = b"\x1f\x8b"


class DamagedError(Exception):
    """The file is no base map, or a broken one."""


@dataclass(frozen=True)
class Basemap:
    """A base map as the map element lists it.

    :param name: the file's name.
    :param date: ``2026-11-24``, the state of the data where the file says it, else when the file was written.
    :param url: template with ``{z}``, ``{x}``, ``{y}``; changes with the file, so that tiles may be kept.
    """

    name: str
    title: str
    kind: Literal["vector", "raster"]
    url: str
    minzoom: int
    maxzoom: int
    attribution: str
    date: str
    media_type: str


@dataclass(frozen=True)
class Catalogue:
    """The usable base maps, and a notice for each file that is not."""

    maps: tuple[Basemap, ...]
    notices: tuple[Text, ...]


@dataclass(frozen=True)
class _File:
    path: Path
    stamp: int
    size: int


def catalogue(zone: ZoneInfo) -> Catalogue:
    """Every base map file of the data folder, by name; days are those of a time zone."""
    maps, notices = [], []
    for name, file in sorted(_files().items()):
        try:
            found = _describe(name, file)
            maps.append(replace(found, date=found.date or _written(file, zone)))
        except DamagedError as error:
            log.warning("basemap", file=file.path.name, error=str(error))
            text = _("Base map file %(file)s cannot be read and is left out: replace or remove it")
            notices.append(Text(text, {"file": file.path.name}))
    return Catalogue(tuple(maps), tuple(notices))


@bp.get("/basemap/<name>/<int:z>/<int:x>/<int:y>")
def basemap_tile(name: str, z: int, x: int, y: int) -> Response:
    """One tile of a base map; 204 where the file has none."""
    file = _files().get(name)
    if file is None or z > DEEPEST or not (x < 2**z and y < 2**z):
        raise NotFound(_("There is no such base map tile"))
    try:
        basemap = _describe(name, file)
        body = _tile(file, TileKey(z, x, y))
    except DamagedError as error:
        log.warning("basemap", file=file.path.name, error=str(error))
        raise NotFound(_("Base map file %(file)s cannot be read"), file=file.path.name) from None
    if body.startswith(GZIP_MAGIC):
        answer = zipped_answer(body, basemap.media_type)
    else:
        answer = Response(body, mimetype=basemap.media_type) if body else Response(status=204)
    answer.set_etag(f"{file.stamp:x}-{file.size:x}")
    if request.args.get("v") == _version(file):
        answer.headers["Cache-Control"] = FOR_A_YEAR
    else:
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _files() -> dict[str, _File]:
    found = {}
    for path in get_settings().folder(FOLDER).iterdir():
        if path.suffix in {".pmtiles", ".mbtiles"} and path.is_file():
            status = path.stat()
            found[path.name] = _File(path, status.st_mtime_ns, status.st_size)
    return found


def _version(file: _File) -> str:
    return f"{file.stamp:x}"


@lru_cache(maxsize=32)
def _describe(name: str, file: _File) -> Basemap:
    read = _describe_pmtiles if file.path.suffix == ".pmtiles" else _describe_mbtiles
    try:
        media_type, zooms, facts = read(file)
    except DamagedError:
        raise
    except Exception as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from error
    return Basemap(
        name=name,
        title=str(facts.get("name") or file.path.stem)[:60],
        kind="vector" if media_type == VECTOR else "raster",
        url=f"/basemap/{quote(name, safe='')}/{{z}}/{{x}}/{{y}}?v={_version(file)}",
        minzoom=zooms[0],
        maxzoom=zooms[1],
        attribution=str(facts.get("attribution") or ""),
        date=_date(facts),
        media_type=media_type,
    )


def _date(facts: Mapping[str, Any]) -> str:
    for key in DATE_KEYS:
        found = DATE.match(str(facts.get(key) or ""))
        if found:
            return found[0]
    return ""


def _written(file: _File, zone: ZoneInfo) -> str:
    return dt.datetime.fromtimestamp(file.stamp / 1e9, zone).date().isoformat()


def _tile(file: _File, key: TileKey) -> bytes:
    """The tile's bytes as they lie in the file; empty where there is none."""
    try:
        if file.path.suffix == ".mbtiles":
            with closing(_sqlite(file)) as database:
                row = database.execute(
                    "select tile_data from tiles where zoom_level = ? and tile_column = ? and tile_row = ?",
                    (key.z, key.x, 2**key.z - 1 - key.y),
                ).fetchone()
            return bytes(row[0]) if row else b""
        return bytes(_reader(file).get(key.z, key.x, key.y) or b"")
    except Exception as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from error


def _describe_pmtiles(file: _File) -> tuple[str, tuple[int, int], Mapping[str, Any]]:
    reader = _reader(file)
    header = reader.header()
    media_type = PMTILES_TYPES.get(header["tile_type"])
    if media_type is None or header["tile_compression"] not in {Compression.GZIP, Compression.NONE}:
        raise DamagedError("tile type or compression that no browser shows")
    end = header["tile_data_offset"] + header["tile_data_length"]
    if end > file.size:
        raise DamagedError(f"shorter than its header says: {file.size} of {end} bytes")
    return media_type, (header["min_zoom"], header["max_zoom"]), reader.metadata()


def _describe_mbtiles(file: _File) -> tuple[str, tuple[int, int], Mapping[str, Any]]:
    with closing(_sqlite(file)) as database:
        facts = dict(database.execute("select name, value from metadata").fetchall())
        zooms = database.execute("select min(zoom_level), max(zoom_level) from tiles").fetchone()
    media_type = MBTILES_TYPES.get(str(facts.get("format")))
    if media_type is None or zooms[0] is None:
        raise DamagedError("no tiles, or a format that no browser shows")
    return media_type, (int(zooms[0]), int(zooms[1])), facts


def _reader(file: _File) -> Any:
    def read(offset: int, length: int) -> bytes:
        with file.path.open("rb") as opened:
            opened.seek(offset)
            return opened.read(length)

    return Reader(read)  # type: ignore[no-untyped-call]


def _sqlite(file: _File) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file.path))}?mode=ro&immutable=1", uri=True)
