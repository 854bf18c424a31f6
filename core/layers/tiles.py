"""Vector tiles of reference layers: rendered by PostGIS when first asked for, kept until the layer's next import.

Shapes are thinned to half a pixel of the zoom, and what is too small for it, or of a class that comes later, is left
out; at the deepest zoom every feature is there with every vertex on the tile's lattice.
"""

from __future__ import annotations

import gzip
from typing import Final, NamedTuple

from sqlalchemy import text

from core.db.session import WorkSession
from core.layers.views import MOST_ZOOM
from core.text import storable

EXTENT: Final = 4096
BUFFER: Final = 128
"""Units of a tile's lattice that are drawn beyond its edge, so that lines and their ends are not seen at seams."""
HALF_PIXEL: Final = EXTENT / 256 / 2

FIND = """
select l.id, l.version, l.min_zoom, l.kind, t.body
from core.layer l
left join core.layer_tile t on t.layer_id = l.id and t.version = l.version and t.z = :z and t.x = :x and t.y = :y
where l.code = :code
"""
RENDER = """
with frame as (
  select merc, (st_xmax(merc) - st_xmin(merc)) * cast(:beyond as float) as margin
  from st_tileenvelope(:z, :x, :y) as merc
), box as (
  select merc, st_setsrid(st_transform(st_intersection(
    st_expand(merc, margin), st_tileenvelope(0, 0, 0)), 4326), 4490) as degrees
  from frame
), drawn as (
  select f.name, f.class, f.zoom as rank, st_asmvtgeom(st_transform(st_setsrid(
      case when :thin > 0 then st_simplify(f.geom, :thin, true) else f.geom end, 4326), 3857),
    box.merc, :extent, :buffer, true) as geom
  from core.layer_feature f
  join core.layer l on l.id = f.layer_id and l.version = :version
  cross join box
  where f.layer_id = :layer_id and f.zoom <= :z and f.geom && box.degrees
  order by f.id
)
select st_asmvt(drawn, :kind, :extent, 'geom') from drawn where geom is not null
"""
KEEP = """
insert into core.layer_tile (layer_id, version, z, x, y, body)
select id, version, :z, :x, :y, :body from core.layer where id = :layer_id and version = :version
on conflict do nothing
"""


class Stored(NamedTuple):
    """A tile as it is kept: ``body`` is gzip, empty where nothing lies; ``None`` where it must be rendered.

    :param version: the layer's present one, whatever the request named.
    """

    layer_id: int
    version: int
    kind: str
    body: bytes | None


def find_tile(session: WorkSession, code: str, z: int, x: int, y: int) -> Stored | None:
    """What is kept of a layer's present version; ``None`` where the layer has no such tile."""
    if not (0 <= z <= MOST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        return None
    row = session.execute(text(FIND), {"code": storable(code), "z": z, "x": x, "y": y}).one_or_none()
    if row is None or z < row.min_zoom:
        return None
    return Stored(row.id, row.version, row.kind, None if row.body is None else bytes(row.body))


def render_tile(session: WorkSession, stored: Stored, z: int, x: int, y: int) -> bytes:
    """Render a tile of a layer's version and keep it; two who do so at once both succeed."""
    key = {"layer_id": stored.layer_id, "version": stored.version, "z": z, "x": x, "y": y}
    values = {
        **key, "kind": stored.kind, "extent": EXTENT, "buffer": BUFFER, "beyond": BUFFER / EXTENT,
        "thin": 0.0 if z == MOST_ZOOM else 360.0 / 2**z / EXTENT * HALF_PIXEL,
    }  # fmt: skip
    found = session.scalar(text(RENDER), values)
    body = gzip.compress(bytes(found), 6, mtime=0) if found else b""
    session.execute(text(KEEP), {**key, "body": body})
    return body
