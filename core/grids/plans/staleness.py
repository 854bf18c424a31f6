"""Whether the grids that a plan touches are still those that it was drawn on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.plans.working import newest_states

STATES: Final = """
select s.id, s.code, s.name, round(sh.area_m2), lower(s.valid), s.change_id::text
from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id where s.id = any(:ids)
"""


def stale(session: WorkSession, drawn_on: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The grids that are not what a plan was drawn on, with both states; vertices in mid-edge do not count.

    :returns: of each its ``code`` as it was drawn on, and ``mine`` and ``theirs``: code, name, area in m², since when
        and by which change; ``theirs`` is ``None`` where it is retired.
    """
    now = newest_states(session, (int(grid_id) for grid_id in drawn_on))
    changed = {grid_id: state for grid_id, (_code, state) in now.items() if state != drawn_on[str(grid_id)]}
    known = _states(session, [*changed.values(), *(drawn_on[str(grid_id)] for grid_id in changed)])
    pairs = [(known.get(drawn_on[str(grid_id)]), known.get(state)) for grid_id, state in changed.items()]
    return [{"code": (mine or theirs or {}).get("code", "?"), "mine": mine, "theirs": theirs} for mine, theirs in pairs]


def _states(session: WorkSession, ids: Iterable[int | None]) -> dict[int | None, dict[str, Any]]:
    rows = session.execute(text(STATES), {"ids": [state for state in ids if state is not None]})
    return {
        row[0]: {"code": row[1], "name": row[2], "area_m2": row[3], "since": row[4].isoformat(), "change": row[5]}
        for row in rows
    }
