"""Which leaf owns a point: by the memory-mapped index of a coverage version, else by candidates and the ring walk.

The index is labelled with state ids. A shape never changes, so a hit counts exactly when its state still holds and is
still a leaf, which the statement that fetches code and name asks; only then is an index of an older version as good
as the newest. A point outside, or a stale hit, is decided by GiST candidates and the exact rule of ``gis.locate``.
"""

from __future__ import annotations

import datetime as dt
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import Unavailable
from core.grids.asof import AsOf, holds, moment_meant
from core.grids.queries import grid_by_id, read_views
from core.grids.reading import LEAF, load_leaves
from core.grids.views import GridView
from core.settings import get_settings
from core.text import noop as _
from gis.lattice import SCALE, Integers, from_degrees
from gis.locate import LocateIndex, contains

KEPT_VERSIONS: Final = 2
"""Indexes kept of the present, and as many of past versions."""
TRIES: Final = 5

NEWEST = """
select c.version, coalesce(g.id::text, 'none')
from core.coverage c left join core.grid_change g on g.version = c.version
"""
THEN = "select version, id::text from core.grid_change where at <= :at order by version desc limit 1"
OF_THIS_DATABASE = "exists (select 1 from core.grid_change k where k.id::text = :change)"
"""An index left by another database of the same data folder (a restored one, say) knows other states by its ids."""

CANDIDATES = """
select s.grid_id, st_asbinary(sh.geom)
from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id
where sh.geom && st_setsrid(st_makepoint(:lon, :lat), 4490) and {holds} and {leaf}
order by s.grid_id
"""


def locate(session: WorkSession, x: int, y: int, as_of: AsOf = None) -> GridView | None:
    """The leaf that owns a lattice point; ``None`` outside the city."""
    if as_of is None:
        index, change = _mapped() or (None, "")
        state = index.owner(x, y) if index else -1
        if state >= 0:
            where = f"s.id = :id and {LEAF.format(holds=holds('c', None))} and {OF_THIS_DATABASE}"
            found = read_views(session, where, {"id": state, "change": change})
            if found:
                return found[0]
    grid_id = _by_ring_walk(session, x, y, as_of)
    return None if grid_id is None else grid_by_id(session, grid_id, as_of)


def locate_for_write(session: WorkSession, x: int, y: int) -> GridView | None:
    """As ``locate``; the leaf stays locked against retirement until commit, and a place outside stays outside.

    A change that commits between the two looks makes the point be located again.
    """
    for _attempt in range(TRIES):
        found = locate(session, x, y)
        if found is None:
            _keep_changes_out(session)
        else:
            session.execute(text("select 1 from core.grid where id = :id for key share"), {"id": found.id})
        again = locate(session, x, y)
        if (again and again.state_id) == (found and found.state_id):
            return again
    raise Unavailable(_("The grids at this place are being changed; please try again in a moment"))


def locate_many_for_write(session: WorkSession, points: Integers) -> Integers:
    """As ``locate_many`` now; no boundary change commits between this look and the caller's commit."""
    _keep_changes_out(session)
    return locate_many(session, points)


def _keep_changes_out(session: WorkSession) -> None:
    """Let boundary changes, which take this row first, wait for this transaction."""
    session.execute(text("select 1 from core.coverage for share"))


def locate_many(session: WorkSession, points: Integers, as_of: AsOf = None) -> Integers:
    """Grid ids int64[n] of lattice points int64[n, 2]; −1 outside."""
    at = moment_meant(session, as_of)
    index = current_index(session) if at is None else past_index(session, at)
    states = index.locate(points)
    known = session.execute(
        text("select id, grid_id from core.grid_state where id = any(:ids)"),
        {"ids": np.unique(states[states >= 0]).tolist()},
    ).all()
    ids = np.array([row[0] for row in known], np.int64)
    grids = np.array([row[1] for row in known], np.int64)
    order = np.argsort(ids)
    result = np.full(len(states), -1, np.int64)
    inside = states >= 0
    result[inside] = grids[order][np.searchsorted(ids[order], states[inside])]
    return result


def current_index(session: WorkSession) -> LocateIndex:
    """The index of the present version, built and kept when it is not there yet."""
    version, change = session.execute(text(NEWEST)).one()
    return _kept_index(session, _folder() / f"{version}-{change}", None)


def past_index(session: WorkSession, at: dt.datetime) -> LocateIndex:
    """The index of the version that held at a moment, built and kept beside those of the present."""
    found = session.execute(text(THEN), {"at": at}).first()
    newest, change = session.execute(text(NEWEST)).one()
    version, change_then = found or (0, "none")
    if (version, change_then) == (newest, change):
        return current_index(session)
    return _kept_index(session, _past() / f"{version}-{change_then}", at)


def _kept_index(session: WorkSession, folder: Path, at: dt.datetime | None) -> LocateIndex:
    if not folder.exists():
        leaves = load_leaves(session, at)
        try:
            LocateIndex.build(leaves.polygons, leaves.state_ids).save(folder)
        except OSError:
            if not folder.exists():  # else another process built the same at the same time
                raise
        for old in _kept(folder.parent)[KEPT_VERSIONS:]:
            shutil.rmtree(old, ignore_errors=True)
    return _load(folder, folder.stat().st_mtime_ns)


def _folder() -> Path:
    return get_settings().home / "locate"


def _past() -> Path:
    return _folder() / "past"


def _kept(parent: Path) -> list[Path]:
    """Folders ``<version>-<change>`` of this host's indexes, newest first."""
    if not parent.exists():
        return []
    stamps = {path: path.stat().st_mtime_ns for path in parent.iterdir() if path.name[:1].isdigit()}
    return sorted(stamps, key=lambda path: stamps[path], reverse=True)


def _mapped() -> tuple[LocateIndex, str] | None:
    """The newest index on this host with the change it was built after; ``None`` before the first is built."""
    try:
        for folder in _kept(_folder()):
            return _load(folder, folder.stat().st_mtime_ns), folder.name.partition("-")[2]
    except FileNotFoundError:  # another process cleared it away just now
        pass
    return None


@lru_cache(maxsize=2 * KEPT_VERSIONS)
def _load(folder: Path, _stamp: int) -> LocateIndex:
    return LocateIndex.load(folder)


def _by_ring_walk(session: WorkSession, x: int, y: int, as_of: AsOf) -> int | None:
    at = moment_meant(session, as_of)
    sql = CANDIDATES.format(holds=holds("s", at), leaf=LEAF.format(holds=holds("c", at)))
    values = {"lon": x / SCALE, "lat": y / SCALE, **({"at": at} if at else {})}
    for grid_id, wkb in session.execute(text(sql), values):
        polygon = from_degrees(np.array([shapely.from_wkb(bytes(wkb))], dtype=object))[0]
        if contains(polygon, x, y):
            return int(grid_id)
    return None
