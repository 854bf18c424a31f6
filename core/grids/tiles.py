"""Vector tiles of the grids: rendered by PostGIS once per coverage version, kept in the tile store.

A tile holds the *cut* of the tree at the level of its zoom: grids of that level, and where a branch has none, the
next coarser grid, so that the map has no holes. Every vertex is rounded to the tile's own lattice and none is
dropped but repeats; since neighbours share their vertices exactly, they round alike and no sliver opens. What is cut
away is cut beyond the tile's buffer.
"""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.views import LEVELS

LAYER: Final = "grid"
LEVEL_BY_ZOOM: Final = ((9, "county"), (11, "street"), (13, "community"), (14, "grid"))
"""Up to this zoom, this level."""
MOST_ZOOM: Final = 14
WHOLE_TO: Final = 12
"""The job renders every tile down to this zoom; deeper ones are rendered when asked for."""
BUFFER: Final = 64 / 4096
"""Part of a tile's width that is drawn beyond its edge, so that borders are not seen at seams."""
COARSE_EXTENT: Final = 1024
FINE_EXTENT: Final = 4096
FINE_FROM: Final = 13

RENDER = """
with envelope as (
  select st_tileenvelope(:z, :x, :y) as merc, st_xmax(e) - st_xmin(e) as width, st_xmin(e) as west, st_ymax(e) as north
  from st_tileenvelope(:z, :x, :y) as e
), frame as (
  select *, st_setsrid(st_transform(st_intersection(
      st_expand(merc, width * cast(:buffer as float)), st_tileenvelope(0, 0, 0)), 4326), 4490) as box,
    cast(:extent as float) / width as scale
  from envelope
), found as (
  select s.grid_id, s.parent_id, s.code, s.name, g.level, array_position(:levels, g.level) as depth, sh.geom, sh.label
  from core.grid_shape sh
  join core.grid_state s on s.shape_id = sh.id
  join core.grid g on g.id = s.grid_id
  where sh.geom && (select box from frame) and s.valid @> cast(:at as timestamptz)
), cut as (
  select * from found f
  where (f.depth <= :depth and not exists (
      select 1 from found c where c.parent_id = f.grid_id and c.depth <= :depth))
    or (:micro and f.level = 'micro')
), polygons as (
  select grid_id as id, code, name, level, st_forcepolygonccw(st_collectionextract(st_snaptogrid(st_affine(
      st_transform(st_setsrid(st_clipbybox2d(geom, box), 4326), 3857),
      scale, 0, 0, -scale, -west * scale, north * scale), 1), 3)) as geom
  from cut, frame
  where geom && box order by depth, code
), points as (
  select grid_id as id, code, name, level, st_snaptogrid(st_affine(st_transform(st_setsrid(label, 4326), 3857),
      scale, 0, 0, -scale, -west * scale, north * scale), 1) as geom
  from cut, frame order by depth, code
)
select (select st_asmvt(p, 'grid', :extent, 'geom') from polygons p where not st_isempty(p.geom)),
  (select st_asmvt(l, 'label', :extent, 'geom') from points l
    where st_x(l.geom) >= 0 and st_x(l.geom) < :extent and st_y(l.geom) >= 0 and st_y(l.geom) < :extent)
"""
FIND = """
with floor as (
  select coalesce(max(version), 0) as version from core.grid_change where all_tiles and version <= :version
)
select :version = 0 or exists (select 1 from core.grid_change where version = :version),
  floor.version, newest.version, newest.body
from floor left join lateral (
  select t.version, t.body from core.tile t
  where t.layer = :layer and t.z = :z and t.x = :x and t.y = :y and t.version between floor.version and :version
  order by t.version desc limit 1
) newest on true
"""
STAND = """
with floor as (
  select coalesce(max(version), 0) as version from core.grid_change where all_tiles and version <= :version
)
select a.z, a.x, a.y, coalesce(newest.version, floor.version), newest.filled
from unnest(cast(:z as int[]), cast(:x as int[]), cast(:y as int[])) as a(z, x, y) cross join floor left join lateral (
  select t.version, octet_length(t.body) > 0 as filled from core.tile t
  where t.layer = :layer and t.z = a.z and t.x = a.x and t.y = a.y and t.version between floor.version and :version
  order by t.version desc limit 1
) newest on true
where :version = 0 or exists (select 1 from core.grid_change where version = :version)
"""
KEEP = """
insert into core.tile as kept (layer, z, x, y, version, body) values (:layer, :z, :x, :y, :version, :body)
on conflict (layer, z, x, y, version) do update set body = excluded.body where kept.body is null
"""


class TileKey(NamedTuple):
    """Zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int


class Rendered(NamedTuple):
    """A tile as stored: ``body`` is gzip, empty where nothing lies; ``None`` where it must still be rendered."""

    version: int
    body: bytes | None


def find_tile(session: WorkSession, version: int, key: TileKey) -> Rendered | None:
    """What the store has for a tile of a coverage version; ``None`` when the coverage never had that version.

    The answer's own ``version`` is the one to render: the newest change of that tile.
    """
    known, floor, newest, body = session.execute(
        text(FIND), {"layer": LAYER, "version": version, **key._asdict()}
    ).one()
    if not known:
        return None
    if newest is None:
        return Rendered(floor, None)
    return Rendered(newest, None if body is None else bytes(body))


def render_tile(session: WorkSession, version: int, key: TileKey) -> bytes:
    """Render a tile from the shapes valid at ``version`` and keep it; two who do so at once both succeed."""
    at = _moment_of(session, version)
    body = _render(session, at, key) if at else b""
    session.execute(text(KEEP), {"layer": LAYER, "version": version, "body": body, **key._asdict()})
    return body


def is_tile(key: TileKey) -> bool:
    """Whether such a tile can exist in the store."""
    return 0 <= key.z <= MOST_ZOOM and 0 <= key.x < 2**key.z and 0 <= key.y < 2**key.z


def render_ahead(
    session: WorkSession, version: int, frontier: Sequence[TileKey] = (TileKey(0, 0, 0),), most: int = 50
) -> list[TileKey]:
    """Render tiles from the top down, zoom after zoom, at most ``most`` in this transaction.

    :param frontier: where to go on; at first the one tile of the whole world.
    :returns: the frontier that is left; empty when every tile down to ``WHOLE_TO`` is in the store, or when the
        coverage never had that version.
    """
    left: list[TileKey] = []
    waiting = list(frontier)
    while waiting and most:
        below: list[TileKey] = []
        for key, rendered_at, filled in _standing(session, version, waiting):
            if filled is None:
                if not most:
                    left.append(key)
                    continue
                most -= 1
                filled = bool(render_tile(session, rendered_at, key))
            if filled and key.z < WHOLE_TO:
                below.extend(TileKey(key.z + 1, 2 * key.x + dx, 2 * key.y + dy) for dx in (0, 1) for dy in (0, 1))
        waiting = below
    return left + waiting


def _standing(session: WorkSession, version: int, keys: Sequence[TileKey]) -> list[tuple[TileKey, int, bool | None]]:
    """Tiles of a version at once: each with the version to render, and whether anything lies in it where that is kept.

    Nothing when the coverage never had that version.
    """
    z, x, y = (list(part) for part in zip(*keys, strict=True))
    rows = session.execute(text(STAND), {"layer": LAYER, "version": version, "z": z, "x": x, "y": y})
    return [(TileKey(*row[:3]), row[3], row[4]) for row in rows]


def levels_by_zoom(existing: Sequence[str]) -> list[tuple[int, str]]:
    """Up to which zoom each level is served, when only ``existing`` levels have grids."""
    return [(zoom, nearest_level(level, existing)) for zoom, level in LEVEL_BY_ZOOM] if existing else []


def nearest_level(wanted: str, existing: Sequence[str]) -> str:
    """The existing level nearest to the wanted one; the coarser of two, the root's only when alone."""
    below_root = [level for level in LEVELS[1:] if level in existing]
    target = LEVELS.index(wanted)
    return min(below_root or existing, key=lambda level: (abs(LEVELS.index(level) - target), LEVELS.index(level)))


def _render(session: WorkSession, at: dt.datetime, key: TileKey) -> bytes:
    existing = _levels_at(session, at)
    if not existing:
        return b""
    wanted = next(level for zoom, level in LEVEL_BY_ZOOM if key.z <= zoom)
    values = {
        **key._asdict(),
        "at": at,
        "buffer": BUFFER,
        "extent": FINE_EXTENT if key.z >= FINE_FROM else COARSE_EXTENT,
        "levels": list(LEVELS),
        "depth": LEVELS.index(nearest_level(wanted, existing)) + 1,
        "micro": key.z == MOST_ZOOM,
    }
    grids, labels = session.execute(text(RENDER), values).one()
    body = bytes(grids or b"") + bytes(labels or b"")
    return gzip.compress(body, 6, mtime=0) if body else b""


def _levels_at(session: WorkSession, at: dt.datetime) -> list[str]:
    sql = """
        select wanted.level from unnest(cast(:levels as text[])) as wanted(level) where exists (
          select 1 from core.grid g join core.grid_state s on s.grid_id = g.id
          where g.level = wanted.level and s.valid @> cast(:at as timestamptz))
    """
    return list(session.scalars(text(sql), {"levels": list(LEVELS), "at": at}))


def _moment_of(session: WorkSession, version: int) -> dt.datetime | None:
    """The moment from which a version holds."""
    found: dt.datetime | None = session.scalar(
        text("select at from core.grid_change where version = :version"), {"version": version}
    )
    return found
