"""Rows with a place follow the grids: tables say where they keep it, changes move their rows in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import text

from core.db.session import WorkSession
from gis.lattice import Geometries, quantise
from gis.locate import LocateIndex


@dataclass(frozen=True)
class LocatedTable:
    """A table that holds rows with a place.

    :param name: ``schema.table``; it has the columns ``id``, ``place geometry(Point,4490)`` and ``grid_id bigint``.
    """

    name: str


_tables: dict[str, LocatedTable] = {}


def register(table: LocatedTable) -> None:
    """Let the rows of a table follow the grids."""
    _tables[table.name] = table


def unregister(name: str) -> None:
    """Forget a table, as when its plugin is disabled."""
    _tables.pop(name, None)


def rehome(session: WorkSession, left: Sequence[int], leaves: Geometries, leaf_ids: Sequence[int]) -> dict[str, int]:
    """Give every row of the touched leaves, and every unlocated one inside the new leaves, its new grid.

    :param left: ids of grids that no longer hold rows.
    :param leaves: lattice polygons of the new leaves; ``leaf_ids`` their grids.
    :returns: table → number of rows that changed their grid.
    """
    if not len(leaves) or not _tables:
        return {}
    index = LocateIndex.build(leaves, np.asarray(leaf_ids, np.int64))
    return {name: _rehome_table(session, name, left, index) for name in sorted(_tables)}


def _rehome_table(session: WorkSession, name: str, left: Sequence[int], index: LocateIndex) -> int:
    rows = session.execute(
        text(
            f"select id, grid_id, st_x(place), st_y(place) from {name}"
            " where place is not null and (grid_id = any(:left) or grid_id is null)"
        ),
        {"left": list(left)},
    ).all()
    if not rows:
        return 0
    owners = index.locate(quantise(np.array([(row[2], row[3]) for row in rows], np.float64)))
    moved = [
        {"id": row[0], "grid": int(owner)}
        for row, owner in zip(rows, owners.tolist(), strict=True)
        if owner >= 0 and owner != row[1]
    ]
    if moved:
        session.execute(text(f"update {name} set grid_id = :grid where id = :id"), moved)
    return len(moved)
