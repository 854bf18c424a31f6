"""Vector tiles: grids and reference layers, immutable per version; matters as this person may see them."""

from __future__ import annotations

import gzip
from typing import Final

from apiflask import APIBlueprint
from flask import Response, request

from core.errors import NotFound
from core.grids import tiles as grid_tiles
from core.grids.tiles import TileKey
from core.layers import tiles as layer_tiles
from core.matters.tiles import matter_tile
from core.text import noop as _
from web.db import read, write
from web.tiledoor import FOR_A_YEAR, MEDIA_TYPE, entity_tag, shelf

bp = APIBlueprint("tiles", __name__, enable_openapi=False)

LARGEST_VERSION: Final = 2**63 - 1


@bp.get("/tiles/grid/<int:version>/<int:z>/<int:x>/<int:y>.mvt")
def grid_tile(version: int, z: int, x: int, y: int) -> Response:
    """A tile of the grids as they were at a coverage version; 204 where nothing lies."""
    key = TileKey(z, x, y)
    if not grid_tiles.is_tile(key) or version > LARGEST_VERSION:
        raise NotFound(_("There is no such tile"))
    tag = entity_tag(version)
    if request.if_none_match.contains(tag):
        same = _lasting(Response(status=304), tag)
        same.vary.add("Accept-Encoding")
        return same
    with read() as session:
        stored = grid_tiles.find_tile(session, version, key)
    if stored is None:
        raise NotFound(_("The coverage has no version %(version)d"), version=version)
    body = stored.body
    if body is None:
        with write() as session:
            body = grid_tiles.render_tile(session, stored.version, key)
    shelf().put((version, *key), body)
    return _lasting(zipped_answer(body, MEDIA_TYPE), tag)


@bp.get("/tiles/layers/<code>/<int:version>/<int:z>/<int:x>/<int:y>.mvt")
def layer_tile(code: str, version: int, z: int, x: int, y: int) -> Response:
    """A tile of a reference layer; 204 where nothing lies.

    Of a version that was replaced the present one is given, not to be kept: a map that is open goes on.
    """
    with read() as session:
        stored = layer_tiles.find_tile(session, code, z, x, y)
    if stored is None:
        raise NotFound(_("There is no such tile"))
    tag = f"layer-{stored.layer_id}-{stored.version}"
    if version == stored.version and request.if_none_match.contains(tag):
        same = _lasting(Response(status=304), tag)
        same.vary.add("Accept-Encoding")
        return same
    body = stored.body
    if body is None:
        with write() as session:
            body = layer_tiles.render_tile(session, stored, z, x, y)
    answer = zipped_answer(body, MEDIA_TYPE)
    if version == stored.version:
        return _lasting(answer, tag)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/tiles/matters/<int:z>/<int:x>/<int:y>.mvt")
def matters_tile(z: int, x: int, y: int) -> Response:
    """A tile of the matters that this person may see, filtered as asked; never kept by anybody."""
    if not grid_tiles.is_tile(TileKey(z, x, y)):
        raise NotFound(_("There is no such tile"))
    with read() as session:
        body = matter_tile(
            session, z, x, y, kind=request.args.get("kind") or None, state=request.args.get("state") or None
        )
    answer = Response(body, mimetype=MEDIA_TYPE) if body else Response(status=204)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def zipped_answer(body: bytes, media_type: str) -> Response:
    """An answer with a gzip body, unpacked for those who do not take gzip; 204 when empty."""
    if not body:
        empty = Response(status=204)
        del empty.headers["Content-Type"]
        return empty
    if not request.accept_encodings.quality("gzip"):
        answer = Response(gzip.decompress(body), mimetype=media_type)
    else:
        answer = Response(body, mimetype=media_type, headers={"Content-Encoding": "gzip"})
    answer.vary.add("Accept-Encoding")
    return answer


def _lasting(answer: Response, tag: str) -> Response:
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = FOR_A_YEAR
    return answer
