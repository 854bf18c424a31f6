"""Rows with a place follow the grids: tables say where they keep it, changes move their rows in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from gis.lattice import SCALE, Geometries, quantise
from gis.locate import LocateIndex


class Moved(NamedTuple):
    """One row that has another grid than before; ``None`` where it lies outside the city."""

    id: str
    old: int | None
    new: int | None


Tell = Callable[[WorkSession, Sequence[Moved], int], None]


@dataclass(frozen=True)
class LocatedTable:
    """A table that holds rows with a place.

    :param name: ``schema.table``; it has the columns ``id uuid``, ``place geometry(Point,4490)`` and
        ``grid_id bigint``.
    :param open: SQL condition on a row ``t`` whether there is still something to do about it.
    :param tell: called with the rows that a change gave another grid and the version of the grids that it made.
    """

    name: str
    tell: Tell | None = None
    open: str = "true"


class Located(NamedTuple):
    """One row with a place."""

    id: str
    grid_id: int | None
    lon: float
    lat: float


_tables: dict[str, LocatedTable] = {}


def register(table: LocatedTable) -> None:
    """Let the rows of a table follow the grids."""
    _tables[table.name] = table


def table_names() -> list[str]:
    """The tables whose rows follow the grids."""
    return sorted(_tables)


def rehome(
    session: WorkSession, left: Sequence[int], leaves: Geometries, leaf_ids: Sequence[int], version: int
) -> dict[str, int]:
    """Give every row of the touched grids, and every unlocated one inside the leaves, the grid that now owns it.

    :param left: ids of grids whose rows may have another owner now; a row that has none becomes unlocated.
    :param leaves: lattice polygons of the leaves that may own them; ``leaf_ids`` their grids.
    :param version: of the grids after the change.
    :returns: table → number of rows that changed their grid.
    """
    index: LocateIndex | None = None
    counts: dict[str, int] = {}
    box = tuple((shapely.total_bounds(leaves) / SCALE).tolist()) if len(leaves) else ()
    for name in _standing(session):
        rows = _rows(session, name, left, box) if box else []
        if rows and index is None:
            index = LocateIndex.build(leaves, np.asarray(leaf_ids, np.int64))
        moved = _move(session, name, rows, index) if index is not None and rows else []
        tell = _tables[name].tell
        if moved and tell is not None:
            tell(session, moved, version)
        counts[name] = len(moved)
    return counts


def located_rows(session: WorkSession, grid_ids: Sequence[int]) -> dict[str, dict[str, int]]:
    """The rows that lie in some grids: table → id of the row → its grid."""
    found = {}
    for name in _standing(session):
        rows = session.execute(
            text(f"select id::text, grid_id from {name} where grid_id = any(:ids)"), {"ids": list(grid_ids)}
        )
        found[name] = {row[0]: row[1] for row in rows}
    return found


def rows_below(
    session: WorkSession, grid_ids: Sequence[int | None], *, only_open: bool = False
) -> dict[str, dict[int, int]]:
    """How many rows lie in living grids or below them: table → id of the grid → rows; none, and it is left out.

    :param only_open: without those about which there is nothing left to do.
    """
    found = {}
    for name in _standing(session):
        wanted = _tables[name].open if only_open else "true"
        sql = (
            f"select a.grid_id, count(*) from core.grid_state a"
            " join core.grid_state s on s.path <@ a.path and upper_inf(s.valid)"
            f" join {name} t on t.grid_id = s.grid_id"
            f" where a.grid_id = any(:ids) and upper_inf(a.valid) and ({wanted}) group by 1"
        )
        found[name] = {row[0]: row[1] for row in session.execute(text(sql), {"ids": list(grid_ids)})}
    return found


def rows_within(session: WorkSession, areas: Geometries) -> dict[str, list[Located]]:
    """The rows that lie in the boxes of lattice geometries, by table, whatever grid they belong to."""
    west, south, east, north = (side.tolist() for side in (shapely.bounds(areas) / SCALE).T)
    boxes = {"west": west, "south": south, "east": east, "north": north}
    found = {}
    for name in _standing(session):
        sql = (
            f"select distinct t.id::text, t.grid_id, st_x(t.place), st_y(t.place) from {name} t, unnest("
            "cast(:west as float8[]), cast(:south as float8[]), cast(:east as float8[]), cast(:north as float8[]))"
            " b(w, s, e, n) where t.place && st_makeenvelope(b.w, b.s, b.e, b.n, 4490)"
        )
        found[name] = [Located(*row) for row in session.execute(text(sql), boxes)]
    return found


def _standing(session: WorkSession) -> list[str]:
    """The registered tables that this database has: a plugin may have been removed by another process meanwhile."""
    sql = "select name from unnest(cast(:names as text[])) as name where to_regclass(name) is not null order by name"
    return list(session.scalars(text(sql), {"names": table_names()}))


def _rows(session: WorkSession, name: str, left: Sequence[int], box: tuple[float, ...]) -> Sequence[Located]:
    """The rows that may have another owner now, locked: one that is being moved is read after its move."""
    sql = (
        f"select id::text, grid_id, st_x(place), st_y(place) from {name}"
        " where place is not null and (grid_id = any(:left)"
        " or grid_id is null and place && st_makeenvelope(:west, :south, :east, :north, 4490)) order by id for update"
    )
    values = dict(zip(("west", "south", "east", "north"), box, strict=True))
    return [Located(*row) for row in session.execute(text(sql), {"left": list(left), **values})]


def _move(session: WorkSession, name: str, rows: Sequence[Located], index: LocateIndex) -> list[Moved]:
    owners = index.locate(quantise(np.array([(row.lon, row.lat) for row in rows], np.float64)))
    found = [owner if owner >= 0 else None for owner in owners.tolist()]
    moved = [Moved(row.id, row.grid_id, new) for row, new in zip(rows, found, strict=True) if new != row.grid_id]
    if moved:
        ids, grids = [row.id for row in moved], [row.new for row in moved]
        sql = (
            f"update {name} t set grid_id = v.grid"
            " from unnest(cast(:ids as uuid[]), cast(:grids as bigint[])) v(id, grid) where t.id = v.id"
        )
        session.execute(text(sql), {"ids": ids, "grids": grids})
    return moved
