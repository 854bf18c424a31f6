"""Grids that ended: what they were, which change ended them, and which grids have their area since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.queries import NO_SUCH_GRID, history, last_bearer, plain
from core.grids.search import escaped
from core.grids.views import StateView

RETIRED = """
select g.id, g.level, c.at, c.reason, c.actor_name, s.name, s.code, s.shape_id
from core.grid g
join core.grid_change c on c.id = g.retired_by
join core.grid_state s on s.grid_id = g.id and upper(s.valid) = c.at
where g.id = :id
"""
HEIRS = """
select s.code, s.name from core.grid_state s
join core.grid h on h.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
join core.grid_shape old on old.id = :shape and sh.geom && old.geom and st_relate(sh.geom, old.geom, '2********')
where s.valid @> cast(:at as timestamptz) and h.level = :level order by s.code
"""


ENDED = """
with found as (
  select distinct on (g.id) g.id, g.level, c.at, s.name, s.code
  from core.grid_state q
  join core.grid g on g.id = q.grid_id
  join core.grid_change c on c.id = g.retired_by
  join core.grid_state s on s.grid_id = g.id and upper(s.valid) = c.at
  where q.search like :start and starts_with(lower(q.code), :whole)
  order by g.id
)
select code, name, level, at from found order by lower(code) = :whole desc, at desc, code limit :limit
"""


@dataclass(frozen=True)
class EndedGrid:
    """A grid that ended, as a search finds it."""

    code: str
    name: str
    level: str
    at: dt.datetime


@dataclass(frozen=True)
class RetiredGrid:
    """A grid that ended.

    :param at: when it ended; ``day`` before it is the last on which it held.
    :param heirs: (code, name) of the grids of its level that have its area since then.
    :param periods: its life, newest first.
    """

    code: str
    name: str
    level: str
    at: dt.datetime
    reason: str
    actor_name: str
    heirs: tuple[tuple[str, str], ...]
    periods: tuple[StateView, ...]


def ended_grids(session: WorkSession, typed: str, limit: int) -> list[EndedGrid]:
    """The grids that ended and bore a code beginning with ``typed``: the whole code first, then the latest."""
    whole = "".join(plain(typed).casefold().split())
    if not whole:
        return []
    rows = session.execute(text(ENDED), {"start": f"{escaped(whole)}%", "whole": whole, "limit": limit})
    return [EndedGrid(*row) for row in rows]


def retired_grid(session: WorkSession, code: str) -> RetiredGrid:
    """The grid that bore a code last, where it ended.

    :raises NotFound: when no grid that ended bore it.
    """
    grid_id = last_bearer(session, code)
    row = session.execute(text(RETIRED), {"id": grid_id}).first()
    if row is None:
        raise NotFound(NO_SUCH_GRID, code=code)
    values = {"shape": row.shape_id, "at": row.at, "level": row.level}
    heirs = tuple((found, name) for found, name in session.execute(text(HEIRS), values))
    return RetiredGrid(
        row.code, row.name, row.level, row.at, row.reason, row.actor_name, heirs, tuple(history(session, row.id))
    )
