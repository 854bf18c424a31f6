"""Matters follow the calendars: where a change of one moves a due date, the matter's timeline says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, literal, or_, select, text, tuple_

from core.calendars.changing import Change, register
from core.calendars.course import PERCENTS
from core.calendars.queries import calendar_of
from core.calendars.working import Calendar
from core.db.session import WorkSession, server_now
from core.matters.clocks import ENDED, count_anew
from core.matters.happenings import write_events
from core.matters.life import RECKONED
from core.matters.models import MatterClock

BATCH: Final = 2000
DAY: Final = dt.timedelta(days=1)
"""The database's day may be another than that of the time zone."""
KEEP: Final = text("""
update core.matter_clock c set due_at = v.due_at, provisional = v.provisional, next_at = v.next_at,
  rungs = array[v.rung_0, v.rung_1, v.rung_2, v.rung_3]
from unnest(cast(:ids as uuid[]), cast(:due as timestamptz[]), cast(:provisional as boolean[]),
  cast(:next as timestamptz[]), cast(:rung_0 as timestamptz[]), cast(:rung_1 as timestamptz[]),
  cast(:rung_2 as timestamptz[]), cast(:rung_3 as timestamptz[]))
  v(id, due_at, provisional, next_at, rung_0, rung_1, rung_2, rung_3)
where v.id = c.id
""")
HOLD: Final = text("select 1 from core.matter where id = any(cast(:matters as uuid[])) order by id for update")
"""Matters in the order in which a change of boundaries takes them, so that the two never wait in a circle."""
MOVE: Final = text("""
update core.matter m set due_at =
  (select min(c.due_at) from core.matter_clock c where c.matter_id = m.id and c.state = 'running')
where m.id = any(cast(:matters as uuid[]))
""")


@dataclass(frozen=True)
class _Moved:
    """A due date that a change of a calendar moved."""

    matter_id: UUID
    name: str
    old: dt.datetime
    new: dt.datetime


def reckon_anew(session: WorkSession, change: Change) -> int:
    """Count the clocks anew that a change concerns; gives how many due dates moved.

    The turn of the calendars is this transaction's, so that no clock starts, stops or reminds meanwhile.
    """
    calendars: dict[UUID | None, Calendar] = {}
    moved = 0
    for clocks in _batches(session, _concerned(change)):
        found = []
        for each in clocks:
            session.expunge(each)
            if each.department_id not in calendars:
                calendars[each.department_id] = calendar_of(session, each.department_id)
            old = each.due_at
            count_anew(each, calendars[each.department_id])
            if each.due_at != old:
                found.append(_Moved(each.matter_id, each.name, old, each.due_at))
        _keep(session, clocks)
        _tell(session, found)
        moved += len(found)
    return moved


def _keep(session: WorkSession, clocks: Sequence[MatterClock]) -> None:
    """Write what was counted anew, in one statement."""
    values: dict[str, list[Any]] = {
        "ids": [str(each.id) for each in clocks],
        "due": [each.due_at for each in clocks],
        "provisional": [each.provisional for each in clocks],
        "next": [each.next_at for each in clocks],
    }
    steps = {f"rung_{at}": [each.rungs[at] for each in clocks] for at in range(len(PERCENTS))}
    session.execute(KEEP, values | steps)


def _concerned(change: Change) -> Select[MatterClock]:
    """The living clocks that run by work and may be counted otherwise now."""
    wanted = select(MatterClock).where(MatterClock.state != ENDED, MatterClock.limit.regexp_match("(wh|wd)$"))
    if change.department_id is not None:
        wanted = wanted.where(MatterClock.department_id == change.department_id)
    if change.days is None:
        return wanted
    touched: ColumnElement[bool] = MatterClock.provisional.is_(True)
    if change.days:
        begins, ends = cast(MatterClock.started_at, Date), cast(MatterClock.rungs[len(PERCENTS)], Date)
        touched = or_(touched, and_(begins <= max(change.days) + DAY, ends >= min(change.days) - DAY))
    return wanted.where(touched)


def _batches(session: WorkSession, wanted: Select[MatterClock]) -> Iterator[Sequence[MatterClock]]:
    key = tuple_(MatterClock.matter_id, MatterClock.id)
    page = wanted.order_by(MatterClock.matter_id, MatterClock.id).limit(BATCH)
    found = session.scalars(page).all()
    while found:
        last = tuple_(literal(found[-1].matter_id), literal(found[-1].id))
        yield found
        found = session.scalars(page.where(key > last)).all()


def _tell(session: WorkSession, moved: Sequence[_Moved]) -> None:
    """Give the matters their new due dates, and write one event for each; their own versions stay."""
    by_matter: dict[UUID, list[_Moved]] = {}
    for each in moved:
        by_matter.setdefault(each.matter_id, []).append(each)
    if not by_matter:
        return
    session.execute(HOLD, {"matters": list(by_matter)})
    session.execute(MOVE, {"matters": list(by_matter)})
    happened: list[tuple[UUID | str, dict[str, Any]]] = [
        (matter_id, {"moved": [_facts(one) for one in found]}) for matter_id, found in by_matter.items()
    ]
    write_events(session, RECKONED, happened, server_now(session))


def _facts(moved: _Moved) -> dict[str, str]:
    return {"name": moved.name, "from": moved.old.isoformat(), "to": moved.new.isoformat()}


register(reckon_anew)
