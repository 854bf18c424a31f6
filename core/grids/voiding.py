"""Which tiles a change makes wrong: those are marked to be rendered again, all others are kept.

A grid that begins, ends or is called otherwise touches the tiles of its box; one whose outline changes those of what
changed of it, and of its label. Each touches only the zooms at which grids of its level can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.acts import Act
from core.grids.labels import label_points
from core.grids.levels import depth
from core.grids.reading import Shapes, load_shapes
from core.grids.tiles import BUFFER, COARSE_EXTENT, LAYER, MOST_ZOOM, TileKey, levels_by_zoom
from core.grids.views import LEVELS
from gis.chain import cancel, edges, join
from gis.lattice import SCALE

MOST_MARKED: Final = 3000
"""More tiles than this are not marked one by one: the change touches all."""
REACH: Final = BUFFER + 1 / COARSE_EXTENT
"""Part of a tile's width beyond its edge from where something can be seen in it."""
MOST_LAT: Final = 85.05
FACTS = """
select s.grid_id, s.code, s.name, (
    select min(array_position(:levels, d.level)) from core.grid_state c join core.grid d on d.id = c.grid_id
    where c.parent_id = s.grid_id and upper_inf(c.valid) and c.grid_id <> all(:closures)) - 1
from core.grid_state s where s.grid_id = any(:ids) and upper_inf(s.valid)
"""
STANDING = """
select g.level, count(*) from core.grid g join core.grid_state s on s.grid_id = g.id and upper_inf(s.valid) group by 1
"""

Box = tuple[float, float, float, float]
"""West, south, east, north in lattice units."""
Bands = Sequence[tuple[int, str]]
"""Up to which zoom each level is served."""


class Touched(NamedTuple):
    """A box in which a grid of a level looks otherwise.

    :param below: depth of the coarsest grids below it, which hide it where they can be seen; ``None`` for a leaf.
    """

    box: Box
    level: str
    below: int | None = None


def mark(session: WorkSession, version: int, keys: Iterable[TileKey]) -> None:
    """Mark tiles to be rendered again, as they are from ``version`` on."""
    sql = text("insert into core.tile (layer, z, x, y, version) values (:layer, :z, :x, :y, :version)")
    rows = [{"layer": LAYER, "version": version, **key._asdict()} for key in keys]
    if rows:
        session.execute(sql, rows)


def touched_tiles(session: WorkSession, act: Act) -> set[TileKey] | None:
    """The tiles that a change, not yet written, makes wrong; ``None``: all of them."""
    standing = {level: int(count) for level, count in session.execute(text(STANDING))}
    if _levels_change(session, act, standing):
        return None
    bands = levels_by_zoom([level for level in LEVELS if level in standing])
    found: set[TileKey] = set()
    for touched in _touched(session, act):
        for zoom in range(_first_zoom(touched.level, bands), _last_zoom(touched.below, bands) + 1):
            found |= _tiles(touched.box, zoom)
        if len(found) > MOST_MARKED:
            return None
    return found


def _levels_change(session: WorkSession, act: Act, standing: Mapping[str, int]) -> bool:
    """Whether a level gets its first grid or loses its last: then other levels are seen at other zooms."""
    if not standing:
        return True
    born = {birth.level for birth in act.births}
    sql = text("select level, count(*) from core.grid where id = any(:ids) group by 1")
    ended = {level: int(n) for level, n in session.execute(sql, {"ids": list(act.closures)})}
    return not born <= standing.keys() or any(standing[level] == n and level not in born for level, n in ended.items())


def _first_zoom(level: str, bands: Bands) -> int:
    """The first zoom at which grids of a level can be seen."""
    starts = [0, *(zoom + 1 for zoom, _level in bands)]
    seen = (start for start, (_zoom, wanted) in zip(starts, bands, strict=False) if depth(wanted) >= depth(level))
    return min(seen, default=MOST_ZOOM)


def _last_zoom(below: int | None, bands: Bands) -> int:
    """The last zoom at which a grid can be seen that has grids of at least that depth below it; a leaf always can."""
    if below is None:
        return MOST_ZOOM
    return max((zoom for zoom, wanted in bands if depth(wanted) < below), default=MOST_ZOOM)


def _touched(session: WorkSession, act: Act) -> Iterator[Touched]:
    for birth in act.births:
        yield Touched(_box([birth.polygon]), birth.level)
    ids = [*act.closures, *(renewal.grid_id for renewal in act.renewals)]
    before = load_shapes(session, "s.grid_id = any(:ids)", {"ids": ids})
    where = {grid_id: position for position, grid_id in enumerate(before.grid_ids.tolist())}
    for grid_id in act.closures:
        yield Touched(_box([before.polygons[where[grid_id]]]), before.levels[where[grid_id]])
    values = {"ids": ids, "levels": list(LEVELS), "closures": list(act.closures)}
    facts = {row[0]: row[1:] for row in session.execute(text(FACTS), values)}
    for renewal in act.renewals:
        code, name, below = facts[renewal.grid_id]
        position = where[renewal.grid_id]
        called = renewal.code not in (None, code) or renewal.name not in (None, name)
        yield from _renewed(before, position, renewal.polygon, called=called, below=below)


def _renewed(before: Shapes, position: int, after: Any, *, called: bool, below: int | None) -> Iterator[Touched]:
    """What is seen otherwise of a grid that goes on."""
    old, level = before.polygons[position], before.levels[position]
    if called:
        yield Touched(_box([old, *([] if after is None else [after])]), level, below)
    elif after is not None:
        delta = cancel(join(edges([after]), edges([old]).reversed()))
        if not len(delta):
            return
        corners = np.concatenate([delta.a, delta.b])
        yield Touched((*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()), level, below)
        for x, y in label_points(np.array([old, after])).tolist():
            yield Touched((x, y, x, y), level, below)


def _box(polygons: Sequence[Any]) -> Box:
    west, south, east, north = shapely.total_bounds(polygons).tolist()
    return west, south, east, north


def _tiles(box: Box, zoom: int) -> set[TileKey]:
    """The tiles in which something of the box can be seen."""
    west, south, east, north = (side / SCALE for side in box)
    columns = _span(_column(west, zoom), _column(east, zoom), zoom)
    rows = _span(_row(north, zoom), _row(south, zoom), zoom)
    return {TileKey(zoom, x, y) for x in columns for y in rows}


def _span(low: float, high: float, zoom: int) -> range:
    most = 2**zoom - 1
    return range(max(0, int(np.floor(low - REACH))), min(most, int(np.floor(high + REACH))) + 1)


def _column(lon: float, zoom: int) -> float:
    return (lon + 180) / 360 * 2.0**zoom


def _row(lat: float, zoom: int) -> float:
    """By the spherical Mercator projection (EPSG:3857), as tiles are cut."""
    radians = np.radians(np.clip(lat, -MOST_LAT, MOST_LAT))
    return float((1 - np.arcsinh(np.tan(radians)) / np.pi) / 2 * 2.0**zoom)
