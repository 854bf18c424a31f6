"""Matters follow the grids: where a change of the grids gives one another grid, its timeline says so."""

from __future__ import annotations

from collections.abc import Sequence

from core import clock
from core.db.session import WorkSession
from core.grids.periods import last_called
from core.grids.rehoming import LocatedTable, Moved, register
from core.matters.happenings import write_events
from core.matters.life import REHOMED


def tell(session: WorkSession, moved: Sequence[Moved], version: int) -> None:
    """Write one event for each matter; the matter's own version stays, so that a step under way still holds."""
    ids = {grid_id for row in moved for grid_id in (row.old, row.new) if grid_id is not None}
    called = last_called(session, ids)
    write_events(session, REHOMED, [(row.id, _facts(row, called, version)) for row in moved], clock.now())


def _facts(row: Moved, called: dict[int, tuple[str, str]], version: int) -> dict[str, str | int | None]:
    """Both grids as they were called then, and the version of the grids that moved the matter."""
    old, new = (called.get(grid_id, (None, None)) if grid_id else (None, None) for grid_id in (row.old, row.new))
    return {"from_grid": old[0], "from_name": old[1], "to_grid": new[0], "to_name": new[1], "version": version}


register(LocatedTable("core.matter", tell, open="t.closed_at is null"))
