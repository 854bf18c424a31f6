"""How many matters were reported in a past period by grid, in the boundaries of then beside those of now.

Then is the grid in which a matter lay when it was reported, and what that grid lay in at that moment; now is the grid
in which it lies, and what that one lies in. Both come from one statement, so that both count the same matters.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import select

from core import clock
from core.access.policy import require, sees_all
from core.audit.recorder import record
from core.db.session import WorkSession
from core.grids.formers import bearer
from core.grids.levels import TITLES, depth
from core.grids.periods import (
    LastState,
    Period,
    Whereabouts,
    changes_below,
    last_state,
    levels_below,
    stood_below,
    then_and_now,
)
from core.grids.queries import NO_SUCH_GRID, last_bearer, root_id, tops
from core.grids.views import Level
from core.instance import instance_values
from core.matters.conditions import SEE, is_visible
from core.matters.figure_views import BoundaryChange, Count, FigureRow, Figures, FiguresFilter
from core.matters.filters import fault
from core.matters.models import Matter
from core.text import Text
from core.text import noop as _

YEARS: Final = range(1900, 9999)
MOST: Final = 50_000
"""Grids by which is counted at once."""


def count_by_grid(session: WorkSession, wanted: FiguresFilter) -> Figures:
    """Count the matters that the actor may see: whoever may not see one now does not count it on either side.

    :raises Invalid: for a day, level or grid that makes no sense, at ``/from``, ``/to``, ``/level`` or ``/under``.
    """
    since, before = _days(session, wanted)
    zone = instance_values(session).zone
    period = Period(*(dt.datetime.combine(day, dt.time(), zone) for day in (since, before)))
    top = _top(session, wanted.under)
    levels = _levels(session, top, period)
    level = _level(wanted.level, top, levels)
    then, now = _sides(session, top, level, period)
    return Figures(
        since, before, level, levels, top,
        rows=_rows(session, top, level, period, then, now),
        coarser=Count(then.coarser, now.coarser),
        inside=Count(then.inside, now.inside),
        elsewhere=Count(then.elsewhere, now.elsewhere),
        unlocated=Count(then.unlocated, now.unlocated),
        total=now.inside + now.elsewhere + now.unlocated,
        changes=tuple(
            BoundaryChange(change, touched, change.at < period.before)
            for change, touched in changes_below(session, top.id, period.since)
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


class _Sums:
    """The figures of one side while they are summed."""

    def __init__(self) -> None:
        self.grids: defaultdict[int, int] = defaultdict(int)
        self.coarser = self.elsewhere = self.unlocated = 0

    def add(self, matters: int, where: Whereabouts) -> None:
        if not where.located:
            self.unlocated += matters
        elif not where.inside:
            self.elsewhere += matters
        elif where.grid_id is None:
            self.coarser += matters
        else:
            self.grids[where.grid_id] += matters

    def of(self, grid_id: int, stands: bool) -> int | None:
        return self.grids.get(grid_id, 0 if stands else None)

    @property
    def inside(self) -> int:
        return self.coarser + sum(self.grids.values())


def _sides(session: WorkSession, top: LastState, level: Level, period: Period) -> tuple[_Sums, _Sums]:
    """Both sides over the same matters: those inside the top on at least one, below the city all."""
    matters = select(
        Matter.grid_id.label("grid_now"), Matter.grid_reported.label("grid_then"), Matter.reported_at.label("at")
    ).where(Matter.reported_at >= period.since, Matter.reported_at < period.before, is_visible(session.actor))
    then, now = _Sums(), _Sums()
    for was, present, count in then_and_now(session, matters, top.id, level):
        if top.root or was.inside or present.inside:
            then.add(count, was)
            now.add(count, present)
    return then, now


def _rows(
    session: WorkSession, top: LastState, level: Level, period: Period, then: _Sums, now: _Sums
) -> tuple[FigureRow, ...]:
    grids = stood_below(session, top.id, level, period, {*then.grids, *now.grids}, MOST + 1)
    if len(grids) > MOST:
        told = Text(_("There are more than %(most)s grids of this level here"), {"most": MOST})
        raise fault("/level", told, mend=Text(_("Choose a coarser level, or a grid below")))
    return tuple(
        FigureRow(each.code, each.name, each.ended, Count(then.of(each.id, each.then), now.of(each.id, each.now)))
        for each in grids
    )


def _days(session: WorkSession, wanted: FiguresFilter) -> tuple[dt.date, dt.date]:
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
        day = clock.day(value) if value else None
    except ValueError:
        day = dt.date.min
    if day is not None and day.year not in YEARS:
        raise fault(pointer, Text(_("%(value)s is no day"), {"value": value}))
    return day


def _top(session: WorkSession, code: str) -> LastState:
    if code:
        living = bearer(session, code)
        grid_id = living.id if living else last_bearer(session, code)
    else:
        grid_id = _own_top(session)
    found = last_state(session, grid_id)
    if found is None:
        raise fault("/under", Text(NO_SUCH_GRID, {"code": code}) if code else Text(_("There are no grids yet")))
    return found


def _own_top(session: WorkSession) -> int | None:
    """The one grid in which the actor may see matters; where there are several, or all, the city."""
    paths = [grant.path for grant in session.actor.grants if SEE in grant.actions and grant.path is not None]
    own = [] if sees_all(session.actor, SEE) else tops(session, paths)
    if len(own) == 1:
        return own[0].id
    return root_id(session)


def _levels(session: WorkSession, top: LastState, period: Period) -> tuple[Level, ...]:
    """The levels at or below the top that have grids, now or in the period, coarsest first."""
    found = {top.level, *levels_below(session, top.id, period)}
    return tuple(sorted((level for level in found if depth(level) >= depth(top.level)), key=depth))


def _level(wanted: str, top: LastState, levels: Sequence[Level]) -> Level:
    if not wanted:
        return levels[min(1, len(levels) - 1)]
    for level in levels:
        if level == wanted:
            return level
    told = {"name": top.name, "level": Text(TITLES[wanted]) if wanted in TITLES else wanted}
    raise fault("/level", Text(_("%(name)s has no grids of the level %(level)s"), told), ", ".join(levels))
