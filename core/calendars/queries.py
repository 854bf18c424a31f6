"""Reads of the calendars."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select, text

from core.calendars.models import CalendarYear, OfficeHours, Workday
from core.calendars.views import DayView, YearView
from core.calendars.working import SHIFTS, WEEK, Calendar, Shifts
from core.db.session import WorkSession
from core.instance import instance_values

TURN: Final = "calendars"
HOLD: Final = text(f"select pg_advisory_xact_lock_shared(hashtext('{TURN}'))")
READ: Final = text("""
select
  (select jsonb_object_agg(day, works) from core.workday
   where department_id is null and day >= :since and works is not null),
  (select jsonb_object_agg(day, works) from core.workday
   where department_id = :department and day >= :since and works is not null),
  (select jsonb_agg(year) from core.calendar_year where year >= extract(year from cast(:since as date))),
  (select jsonb_build_array(shifts, week) from core.office_hours where department_id is null),
  (select jsonb_build_array(shifts, week) from core.office_hours where department_id = :department)
""")


def hold(session: WorkSession) -> None:
    """Let no calendar change until the end of this transaction; asked before any row of grids or matters is locked."""
    session.execute(HOLD)


def calendar_of(session: WorkSession, department_id: UUID | None = None, *, since: dt.date | None = None) -> Calendar:
    """The calendar of a department, or the city's.

    :param since: days before this one are not asked for.
    """
    asked = {"since": since or dt.date.min, "department": department_id}
    common, own, years, hours, own_hours = session.execute(READ, asked).one()
    said = {**(common or {}), **(own or {})}
    shifts, week = _hours(own_hours or hours)
    return Calendar(
        zone=instance_values(session).zone,
        shifts=shifts,
        week=week,
        days={dt.date.fromisoformat(day): works for day, works in said.items()},
        known=frozenset(years or ()),
    )


def own_calendars(session: WorkSession) -> set[UUID]:
    """Departments that say something of their own."""
    said = select(Workday.department_id).where(Workday.works.is_not(None))
    found = session.scalars(said.union(select(OfficeHours.department_id)))
    return {department_id for department_id in found if department_id is not None}


def known_years(session: WorkSession) -> list[int]:
    """The years whose holidays are known."""
    return list(session.scalars(select(CalendarYear.year).order_by(CalendarYear.year)))


def year_of(session: WorkSession, year: int, department_id: UUID | None = None) -> YearView:
    """A year as an organisation works it."""
    calendar = calendar_of(session, department_id, since=dt.date(year, 1, 1))
    known = session.get(CalendarYear, year)
    return YearView(
        year=year,
        known=known is not None,
        source=known.source if known else "",
        title=known.title if known else "",
        days=tuple(days_of(session, year, department_id)),
        shifts=calendar.shifts,
        week=calendar.week,
    )


def days_of(session: WorkSession, year: int, department_id: UUID | None = None) -> list[DayView]:
    """The days of a year of which something is said, in order; what a department says goes before the city's."""
    whose = or_(Workday.department_id.is_(None), Workday.department_id == department_id)
    span = Workday.day.between(dt.date(year, 1, 1), dt.date(year, 12, 31))
    rows = session.scalars(
        select(Workday).where(whose, span, Workday.works.is_not(None)).order_by(Workday.department_id.nulls_first())
    )
    found = {row.day: DayView(row.day, bool(row.works), row.name, row.department_id is not None) for row in rows}
    return [found[day] for day in sorted(found)]


def _hours(kept: list[Any] | None) -> tuple[Shifts, frozenset[int]]:
    if kept is None:
        return SHIFTS, WEEK
    shifts, week = kept
    return tuple((dt.time.fromisoformat(opens), dt.time.fromisoformat(closes)) for opens, closes in shifts), frozenset(
        week
    )
