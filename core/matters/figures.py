"""How many matters were reported in a past period by grid, in the boundaries of then beside those of now.

Then is the grid in which a matter lay when it was reported, and what that grid lay in at that moment; now is the grid
in which it lies, and what that one lies in. Both come from one statement, so that both count the same matters.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import select, text

from core import clock
from core.access.policy import require, sees_all
from core.audit.recorder import record
from core.db.session import WorkSession
from core.grids.formers import bearer
from core.grids.levels import TITLES, depth
from core.grids.queries import NO_SUCH_GRID, last_bearer, tops
from core.grids.views import ChangeView, Level
from core.instance import instance_values
from core.matters.figure_views import BoundaryChange, Count, FigureRow, Figures, FiguresFilter, Top
from core.matters.filters import fault
from core.matters.models import Matter
from core.matters.queries import SEE, is_visible
from core.text import Text
from core.text import noop as _

YEARS: Final = range(1900, 9999)
MOST: Final = 50_000
"""Grids by which is counted at once."""

PAIRS: Final = """
select then_located, :top = any(then_path), then_grid.id, now_located, :top = any(now_path), now_grid.id, sum(matters)
from (
  select t.id is not null as then_located, string_to_array(t.path::text, '.')::bigint[] as then_path,
    n.id is not null as now_located, string_to_array(n.path::text, '.')::bigint[] as now_path, c.matters
  from (
    select coalesce(s.id, e.id) as then_id, q.id as now_id, count(*) as matters
    from asked m
    left join core.grid_state s on s.grid_id = m.grid_reported and s.valid @> m.reported_at
    left join lateral (
      select b.id from core.grid_state b where s.id is null and b.grid_id = m.grid_reported
      order by greatest(lower(b.valid) - m.reported_at, m.reported_at - upper(b.valid)) limit 1
    ) e on true
    left join core.grid_state q on q.grid_id = m.grid_id and upper_inf(q.valid)
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
"""A report and a change of the boundaries at one moment may leave a matter in a grid that began a little later, or
ended a little earlier, than the report: then the grid's period that is nearest to it is meant."""

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

TOP: Final = """
select s.grid_id, s.code, s.name, g.level, s.parent_id is null, upper(s.valid)
from core.grid_state s join core.grid g on g.id = s.grid_id
where s.grid_id = :id order by lower(s.valid) desc limit 1
"""

LEVELS_BELOW: Final = """
select distinct g.level from core.grid g join core.grid_state s on s.grid_id = g.id
where s.path ~ cast(:below as lquery) and (upper_inf(s.valid) or s.valid && tstzrange(:since, :before))
"""

CHANGES: Final = """
select c.version, c.at, c.kind, c.reason, touched.code
from core.grid_change c
cross join lateral (
  select s.code from core.grid_state s
  where s.path ~ cast(:below as lquery) and (s.change_id = c.id and not s.noded or s.closed_by = c.id and not exists (
    select 1 from core.grid_state r where r.grid_id = s.grid_id and r.change_id = c.id and r.noded))
  order by s.change_id = c.id desc, s.path limit 1
) touched
where c.at >= :since order by c.version
"""


def count_by_grid(session: WorkSession, wanted: FiguresFilter) -> Figures:
    """Count the matters that the actor may see: whoever may not see one now does not count it on either side.

    :raises Invalid: for a day, level or grid that makes no sense, at ``/from``, ``/to``, ``/level`` or ``/under``.
    """
    since, before = _period(session, wanted)
    zone = instance_values(session).zone
    start, end = (dt.datetime.combine(day, dt.time(), zone) for day in (since, before))
    top = _top(session, wanted.under)
    values = {"since": start, "before": end, "top": top.id, "below": f"*.{top.id}.*"}
    levels = _levels(session, top, values)
    level = _level(wanted.level, top, levels)
    values["level"] = level
    then, now = _sides(session, top, values)
    return Figures(
        since, before, level, levels, top,
        rows=_rows(session, then, now, values),
        coarser=Count(then.coarser, now.coarser),
        inside=Count(then.inside, now.inside),
        elsewhere=Count(then.elsewhere, now.elsewhere),
        unlocated=Count(then.unlocated, now.unlocated),
        total=now.inside + now.elsewhere + now.unlocated,
        changes=tuple(
            BoundaryChange(ChangeView(version, at, kind, reason), code, at < end)
            for version, at, kind, reason, code in session.execute(text(CHANGES), values)
        ),
        partial=not sees_all(session.actor, SEE),
    )  # fmt: skip


def export_figures(session: WorkSession, wanted: FiguresFilter) -> Figures:
    """The same for a file; written to the journal."""
    require(session.actor, "matter.export")
    found = count_by_grid(session, wanted)
    shown = {**asdict(wanted), "since": str(found.since), "before": str(found.before), "level": found.level}
    record(session, "matter.export", "core.matter", "figures", after={**shown, "under": found.top.code})
    return found


class _Side:
    """The figures of one side while they are summed."""

    def __init__(self) -> None:
        self.grids: defaultdict[int, int] = defaultdict(int)
        self.coarser = self.elsewhere = self.unlocated = 0

    def add(self, matters: int, located: bool, inside: bool | None, grid_id: int | None) -> None:
        if not located:
            self.unlocated += matters
        elif not inside:
            self.elsewhere += matters
        elif grid_id is None:
            self.coarser += matters
        else:
            self.grids[grid_id] += matters

    @property
    def inside(self) -> int:
        return self.coarser + sum(self.grids.values())


def _sides(session: WorkSession, top: Top, values: dict[str, Any]) -> tuple[_Side, _Side]:
    """Both sides over the same matters: those inside the top on at least one, below the city all."""
    asked = (
        select(Matter.grid_id, Matter.grid_reported, Matter.reported_at)
        .where(Matter.reported_at >= values["since"], Matter.reported_at < values["before"], is_visible(session.actor))
        .cte("asked")
    )
    counted = text(PAIRS).bindparams(top=top.id, level=values["level"]).columns().add_cte(asked)
    then, now = _Side(), _Side()
    for was_located, was_inside, was, is_located, is_inside, present, matters in session.execute(counted):
        if top.root or was_inside or is_inside:
            then.add(int(matters), was_located, was_inside, was)
            now.add(int(matters), is_located, is_inside, present)
    return then, now


def _rows(session: WorkSession, then: _Side, now: _Side, values: dict[str, Any]) -> tuple[FigureRow, ...]:
    counted = sorted({*then.grids, *now.grids})
    rows = session.execute(text(STOOD), {**values, "counted": counted, "most": MOST + 1}).all()
    if len(rows) > MOST:
        told = Text(_("There are more than %(most)s grids of this level here"), {"most": MOST})
        raise fault("/level", told, mend=Text(_("Choose a coarser level, or a grid below")))
    return tuple(
        FigureRow(code, name, ended, Count(_shown(then, grid_id, stood), _shown(now, grid_id, stands)))
        for grid_id, code, name, ended, stood, stands in rows
    )


def _shown(side: _Side, grid_id: int, stands: bool) -> int | None:
    return side.grids.get(grid_id, 0 if stands else None)


def _period(session: WorkSession, wanted: FiguresFilter) -> tuple[dt.date, dt.date]:
    today = clock.now().astimezone(instance_values(session).zone).date()
    since, before = _day("/from", wanted.since), _day("/to", wanted.before)
    if since is None:
        before = before or today.replace(day=1)
        since = (before - dt.timedelta(days=1)).replace(day=1)
    before = before or today + dt.timedelta(days=1)
    if since >= before:
        raise fault("/to", Text(_("The period must end after it begins")))
    return since, before


def _day(pointer: str, value: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(value) if value else None
    except ValueError:
        day = dt.date.min
    if day is not None and day.year not in YEARS:
        raise fault(pointer, Text(_("%(value)s is no day"), {"value": value}))
    return day


def _top(session: WorkSession, code: str) -> Top:
    if code:
        living = bearer(session, code)
        grid_id = living.id if living else last_bearer(session, code)
    else:
        grid_id = _own_top(session)
    row = session.execute(text(TOP), {"id": grid_id}).first()
    if row is None:
        raise fault("/under", Text(NO_SUCH_GRID, {"code": code}) if code else Text(_("There are no grids yet")))
    return Top(*row)


def _own_top(session: WorkSession) -> int | None:
    """The one grid in which the actor may see matters; where there are several, or all, the city."""
    paths = [grant.path for grant in session.actor.grants if SEE in grant.actions and grant.path is not None]
    own = [] if sees_all(session.actor, SEE) else tops(session, paths)
    if len(own) == 1:
        return own[0].id
    found: int | None = session.scalar(text("select root_id from core.coverage"))
    return found


def _levels(session: WorkSession, top: Top, values: dict[str, Any]) -> tuple[Level, ...]:
    """The levels at or below the top that have grids, now or in the period, coarsest first."""
    found: Iterable[Level] = session.scalars(text(LEVELS_BELOW), values)
    return tuple(sorted((level for level in {top.level, *found} if depth(level) >= depth(top.level)), key=depth))


def _level(wanted: str, top: Top, levels: Sequence[Level]) -> Level:
    if not wanted:
        return levels[min(1, len(levels) - 1)]
    for level in levels:
        if level == wanted:
            return level
    told = {"name": top.name, "level": Text(TITLES[wanted]) if wanted in TITLES else wanted}
    raise fault("/level", Text(_("%(name)s has no grids of the level %(level)s"), told), ", ".join(levels))
