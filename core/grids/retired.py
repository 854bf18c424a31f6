"""Grids that ended: what they were, which change ended them, and which grids have their area since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import Row, text

from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.heirs import chosen_heirs
from core.grids.queries import NO_SUCH_GRID, history, last_bearer
from core.grids.search import escaped
from core.grids.views import StateView
from core.text import storable
from gis.lattice import as_array, from_degrees

RETIRED = """
select g.id, g.level, c.at, c.reason, c.actor, c.actor_name, s.name, s.code, s.shape_id
from core.grid g
join core.grid_change c on c.id = g.retired_by
join core.grid_state s on s.grid_id = g.id and upper(s.valid) = c.at
where g.id = :id
"""
NEAR = """
select s.code, s.name, g.level, st_asbinary(sh.geom), not exists (
    select 1 from core.grid_state c where c.parent_id = s.grid_id and c.valid @> cast(:at as timestamptz)) as leaf
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
join core.grid_shape old on old.id = :shape and sh.geom && old.geom
where s.valid @> cast(:at as timestamptz) order by s.code
"""
OUTLINE = "select st_asbinary(geom) from core.grid_shape where id = :shape"
ENDED = """
with found as (
  select distinct on (g.id) g.id, g.level, b.at as since, c.at, s.name, s.code
  from core.grid_state q
  join core.grid g on g.id = q.grid_id
  join core.grid_change b on b.id = g.born_by
  join core.grid_change c on c.id = g.retired_by
  join core.grid_state s on s.grid_id = g.id and upper(s.valid) = c.at
  where q.search like :start and starts_with(lower(q.code), :whole)
  order by g.id
)
select code, name, level, since, at, exists (
  select 1 from core.grid_state n where n.code = found.code and upper_inf(n.valid)
) from found order by lower(code) = :whole desc, at desc, code limit :limit
"""
EARLIER = """
select s.code, s.name, g.level, b.at, c.at, true
from core.grid own
join core.grid_change began on began.id = own.born_by
join core.grid_state s on s.code = :code
join core.grid g on g.id = s.grid_id
join core.grid_change b on b.id = g.born_by
join core.grid_change c on c.id = g.retired_by and c.at = upper(s.valid) and c.at <= began.at
where own.id = :id order by c.at desc
"""


@dataclass(frozen=True)
class EndedGrid:
    """A grid that ended, as a search finds it.

    :param since: when it began; ``at`` when it ended.
    :param again: whether another grid bears its code since then, as where a change was taken back.
    """

    code: str
    name: str
    level: str
    since: dt.datetime
    at: dt.datetime
    again: bool


@dataclass(frozen=True)
class RetiredGrid:
    """A grid that ended.

    :param at: when it ended; ``day`` before it is the last on which it held.
    :param heirs: (code, name) of the grids that have its area since then: of its level, or the leaves where none of its
        level has.
    :param periods: its life, newest first.
    """

    code: str
    name: str
    level: str
    at: dt.datetime
    reason: str
    actor: str
    actor_name: str
    heirs: tuple[tuple[str, str], ...]
    periods: tuple[StateView, ...]
    id: int


def ended_grids(session: WorkSession, typed: str, limit: int) -> list[EndedGrid]:
    """The grids that ended and bore a code beginning with ``typed``: the whole code first, then the latest."""
    whole = "".join(storable(typed).casefold().split())
    if not whole:
        return []
    rows = session.execute(text(ENDED), {"start": f"{escaped(whole)}%", "whole": whole, "limit": limit})
    return [EndedGrid(*row) for row in rows]


def earlier_bearers(session: WorkSession, grid_id: int, code: str) -> list[EndedGrid]:
    """The grids that bore a grid's code and ended before it began, the latest first."""
    return [EndedGrid(*row) for row in session.execute(text(EARLIER), {"id": grid_id, "code": code})]


def retired_grid(session: WorkSession, code: str) -> RetiredGrid:
    """The grid that bore a code last, where it ended.

    :raises NotFound: when no grid that ended bore it.
    """
    grid_id = last_bearer(session, code)
    row = session.execute(text(RETIRED), {"id": grid_id}).first()
    if row is None:
        raise NotFound(NO_SUCH_GRID, code=code)
    heirs = _heirs(session, row)
    periods = tuple(history(session, row.id))
    return RetiredGrid(
        row.code, row.name, row.level, row.at, row.reason, row.actor, row.actor_name, heirs, periods, row.id
    )


def _heirs(session: WorkSession, retired: Row[Any]) -> tuple[tuple[str, str], ...]:
    near = session.execute(text(NEAR), {"shape": retired.shape_id, "at": retired.at}).all()
    old = session.scalar(text(OUTLINE), {"shape": retired.shape_id})
    if not near or old is None:
        return ()
    outlines = from_degrees(as_array(shapely.from_wkb([bytes(old), *(bytes(row[3]) for row in near)])))
    chosen = chosen_heirs(
        outlines[0], outlines[1:], [row.level == retired.level for row in near], [row.leaf for row in near]
    )
    return tuple((near[i].code, near[i].name) for i in chosen)
