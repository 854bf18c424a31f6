"""Matters follow the grids: where a change of the grids gives one another grid, its timeline says so."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import text

from core import clock
from core.db.base import new_id
from core.db.session import WorkSession
from core.grids.periods import last_called
from core.grids.rehoming import LocatedTable, Moved, register
from core.matters.life import REHOMED

WRITE = """
insert into core.matter_event
  (id, matter_id, seq, step, from_state, to_state, round, actor, actor_name, actor_kind, at, note, data)
select v.event, m.id, 1 + (select coalesce(max(seq), 0) from core.matter_event e where e.matter_id = m.id),
  :step, m.state, m.state, m.round, :actor, :name, :kind, :at, '', cast(v.data as jsonb)
from unnest(cast(:events as uuid[]), cast(:matters as uuid[]), cast(:data as text[])) v(event, matter, data)
join core.matter m on m.id = v.matter
"""


def tell(session: WorkSession, moved: Sequence[Moved], version: int) -> None:
    """Write one event for each matter; the matter's own version stays, so that a step under way still holds."""
    ids = {grid_id for row in moved for grid_id in (row.old, row.new) if grid_id is not None}
    called = last_called(session, ids)
    session.execute(
        text(WRITE),
        {
            "step": REHOMED,
            "actor": session.actor.id,
            "name": session.actor.name,
            "kind": session.actor.kind,
            "at": clock.now(),
            "events": [new_id() for _row in moved],
            "matters": [row.id for row in moved],
            "data": [json.dumps(_facts(row, called, version), ensure_ascii=False) for row in moved],
        },
    )


def _facts(row: Moved, called: dict[int, tuple[str, str]], version: int) -> dict[str, str | int | None]:
    """Both grids as they were called then, and the version of the grids that moved the matter."""
    old, new = (called.get(grid_id, (None, None)) if grid_id else (None, None) for grid_id in (row.old, row.new))
    return {"from_grid": old[0], "from_name": old[1], "to_grid": new[0], "to_name": new[1], "version": version}


register(LocatedTable("core.matter", tell, open="t.closed_at is null"))
