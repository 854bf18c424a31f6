"""Grids over a past period: what stood then and what stands now, and how rows fall to either.

Then is the grid in which a row lay at a moment of its own, and what that grid lay in at that moment; now is the grid in
which it lies, and what that one lies in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Select, text

from core.db.session import WorkSession
from core.grids.views import ChangeView, Level

THEN_AND_NOW: Final = """
select then_located, :top = any(then_path), then_grid.id, now_located, :top = any(now_path), now_grid.id, sum(rows)
from (
  select t.id is not null as then_located, string_to_array(t.path::text, '.')::bigint[] as then_path,
    n.id is not null as now_located, string_to_array(n.path::text, '.')::bigint[] as now_path, c.rows
  from (
    select coalesce(s.id, e.id) as then_id, q.id as now_id, count(*) as rows
    from asked m
    left join core.grid_state s on s.grid_id = m.grid_then and s.valid @> m.at
    left join lateral (
      select b.id from core.grid_state b where s.id is null and b.grid_id = m.grid_then
      order by greatest(lower(b.valid) - m.at, m.at - upper(b.valid)) limit 1
    ) e on true
    left join core.grid_state q on q.grid_id = m.grid_now and upper_inf(q.valid)
    group by 1, 2
  ) c
  left join core.grid_state t on t.id = c.then_id
  left join core.grid_state n on n.id = c.now_id
) p
left join lateral (
  select g.id from core.grid g where g.id = any(then_path) and g.level = :level limit 1
) then_grid on true
left join lateral (
  select g.id from core.grid g where g.id = any(now_path) and g.level = :level limit 1
) now_grid on true
group by 1, 2, 3, 4, 5, 6
"""
"""A row and a change of the boundaries at one moment may leave the row in a grid that began a little later, or ended a
little earlier: then the grid's period that is nearest to it is meant."""

STOOD: Final = """
with stood as (
  select s.grid_id, bool_or(s.valid && tstzrange(:since, :before)) as then, bool_or(upper_inf(s.valid)) as now
  from core.grid_state s join core.grid g on g.id = s.grid_id
  where g.level = :level and s.path ~ cast(:below as lquery)
    and (upper_inf(s.valid) or s.valid && tstzrange(:since, :before))
  group by 1
)
select l.grid_id, l.code, l.name, upper(l.valid), coalesce(stood.then, false), coalesce(stood.now, false)
from (select grid_id from stood union select unnest(cast(:counted as bigint[]))) a
left join stood on stood.grid_id = a.grid_id
cross join lateral (
  select * from core.grid_state s where s.grid_id = a.grid_id order by lower(s.valid) desc limit 1
) l
order by l.code collate "C", lower(l.valid) desc
limit :most
"""

LAST: Final = """
select s.grid_id, s.code, s.name, g.level, s.parent_id is null, upper(s.valid)
from core.grid_state s join core.grid g on g.id = s.grid_id
where s.grid_id = :id order by lower(s.valid) desc limit 1
"""

LEVELS_BELOW: Final = """
select distinct g.level from core.grid g join core.grid_state s on s.grid_id = g.id
where s.path ~ cast(:below as lquery) and (upper_inf(s.valid) or s.valid && tstzrange(:since, :before))
"""

CHANGES: Final = """
select c.id, c.version, c.at, c.kind, c.reason, p.id, p.title,
  touched.code, touched.name, touched.grids, above.name
from core.grid_change c
left join core.grid_plan p on p.change_id = c.id
cross join lateral (
  select (array_agg(s.code order by s.change_id = c.id desc, s.path))[1] as code,
    (array_agg(s.name order by s.change_id = c.id desc, s.path))[1] as name,
    count(distinct s.grid_id) as grids,
    case when count(distinct s.grid_id) > 1 and min(s.parent_id) = max(s.parent_id) and count(s.parent_id) = count(*)
      then min(s.parent_id) end as parent_id
  from core.grid_state s
  where s.path ~ cast(:below as lquery) and (s.change_id = c.id and not s.noded or s.closed_by = c.id and not exists (
    select 1 from core.grid_state r where r.grid_id = s.grid_id and r.change_id = c.id and r.noded))
) touched
left join lateral (
  select s.name from core.grid_state s where s.grid_id = touched.parent_id and lower(s.valid) <= c.at
  order by lower(s.valid) desc limit 1
) above on true
where c.at >= :since and touched.grids > 0 order by c.version
"""

CALLED: Final = """
select distinct on (grid_id) grid_id, code, name from core.grid_state
where grid_id = any(:ids) order by grid_id, lower(valid) desc
"""


@dataclass(frozen=True)
class Period:
    """From a moment until before another one, both with their offset."""

    since: dt.datetime
    before: dt.datetime


@dataclass(frozen=True)
class LastState:
    """A grid as it is, or as it was at last; ``ended`` is when it ended."""

    id: int
    code: str
    name: str
    level: Level
    root: bool
    ended: dt.datetime | None


class StoodGrid(NamedTuple):
    """A grid as it is, or as it was at last, and whether it stood in the period (``then``) and stands ``now``."""

    id: int
    code: str
    name: str
    ended: dt.datetime | None
    then: bool
    now: bool


class TouchedGrids(NamedTuple):
    """The grids that a change concerns.

    :param code: of one of them, whose history tells the change; ``name`` likewise.
    :param parent: name of what they all lie right below, where they are several and that is one.
    """

    code: str
    name: str
    grids: int
    parent: str | None


class Whereabouts(NamedTuple):
    """Where rows lie on one side.

    :param inside: whether that is in or below the top; ``None`` where they are not ``located``.
    :param grid_id: the grid of the level asked for in which they lie; ``None`` in a coarser one.
    """

    located: bool
    inside: bool | None
    grid_id: int | None


def then_and_now(
    session: WorkSession, rows: Select[int | None, int | None, dt.datetime], top: int, level: str
) -> list[tuple[Whereabouts, Whereabouts, int]]:
    """How many rows lay there then and lie here now, each pair of sides once.

    :param rows: each as ``grid_now``, ``grid_then`` and ``at``, the moment.
    :param top: id of a grid; ``level`` is that of the grids by which is counted.
    """
    asked = rows.cte("asked")
    counted = text(THEN_AND_NOW).bindparams(top=top, level=level).columns().add_cte(asked)
    return [(Whereabouts(*row[:3]), Whereabouts(*row[3:6]), int(row[6])) for row in session.execute(counted)]


def stood_below(
    session: WorkSession, top: int, level: str, period: Period, also: Collection[int], most: int
) -> list[StoodGrid]:
    """The grids of a level at or below ``top`` that stood in the period or stand now, and those of ``also``, by code.

    :param most: no more than so many.
    """
    values = {**_values(top, period), "level": level, "counted": sorted(also), "most": most}
    return [StoodGrid(*row) for row in session.execute(text(STOOD), values)]


def levels_below(session: WorkSession, top: int, period: Period) -> set[Level]:
    """The levels of the grids that lay at or below ``top``, now or in the period."""
    return set(session.scalars(text(LEVELS_BELOW), _values(top, period)))


def changes_below(session: WorkSession, top: int, since: dt.datetime) -> list[tuple[ChangeView, TouchedGrids]]:
    """Changes at or below ``top`` since a moment, oldest first, each with the grids there that it concerns."""
    rows = session.execute(text(CHANGES), {"below": _below(top), "since": since})
    return [(ChangeView(*row[:7]), TouchedGrids(*row[7:])) for row in rows]


def last_state(session: WorkSession, grid_id: int | None) -> LastState | None:
    """A grid as it is, or as it was at last; ``None`` where there never was one."""
    row = session.execute(text(LAST), {"id": grid_id}).first()
    return LastState(*row) if row else None


def last_called(session: WorkSession, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Code and name of grids by id, as they are or were at last."""
    return {row[0]: (row[1], row[2]) for row in session.execute(text(CALLED), {"ids": sorted(set(ids))})}


def _values(top: int, period: Period) -> dict[str, object]:
    return {"below": _below(top), "since": period.since, "before": period.before}


def _below(top: int) -> str:
    return f"*.{top}.*"
