"""Writes of the calendars; what counts by them counts again in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from core import clock
from core.access.policy import require
from core.audit.recorder import record
from core.calendars.changing import Change, follow
from core.calendars.commands import ConfirmYear, ImportCalendar, MarkDay, SaveHours
from core.calendars.files import read_days
from core.calendars.limits import YEARS
from core.calendars.listing import FAULTY, NAME_MOST
from core.calendars.models import CalendarYear, OfficeHours, Workday
from core.calendars.queries import TURN
from core.calendars.seeding import SOURCE, TITLE, library_days, library_years
from core.calendars.views import Changed
from core.calendars.working import Shifts
from core.db.base import new_id
from core.db.session import WorkSession, take_turn
from core.errors import Invalid, Objection
from core.org.queries import department_id
from core.text import Text, is_one_line
from core.text import noop as _

MANAGE: Final = "calendar.manage"
MOST_SHIFTS: Final = 4
TITLE_MOST: Final = 100
Days = Mapping[dt.date, tuple[bool | None, str]]
WRITE: Final = text("""
insert into core.workday (id, department_id, day, works, name)
select v.id, :department, v.day, v.works, v.name
from unnest(cast(:ids as uuid[]), cast(:days as date[]), cast(:works as boolean[]), cast(:names as text[]))
  v(id, day, works, name)
on conflict (day, department_id) do update set works = excluded.works, name = excluded.name
""")


def import_calendar(session: WorkSession, command: ImportCalendar) -> Changed:
    """Take over the days of a file.

    A year whose first day the file names is taken as a whole: what was said before of its other days holds no longer,
    and, in the city's own calendar, the year is known from then on.

    :raises Invalid: with every fault; then nothing is written.
    """
    require(session.actor, MANAGE)
    listing = read_days(command.data, command.name)
    owner = _owner(session, command.department)
    take_turn(session, TURN)
    days: dict[dt.date, tuple[bool | None, str]] = dict.fromkeys(_said(session, listing.years, owner), (None, ""))
    days |= {said.day: (said.works, said.name) for said in listing.days}
    changed = _write(session, days, owner, "import")
    if owner is None:
        for year in sorted(listing.years):
            _know(session, year, listing.source, listing.title)
    return Changed(len(listing.days), follow(session, Change(owner, changed)))


def mark_day(session: WorkSession, command: MarkDay) -> Changed:
    """Say of one day whether it is worked.

    :raises Invalid: for a day outside all years, or a name that is too long.
    """
    require(session.actor, MANAGE)
    _check_year(command.day.year)
    name = command.name.strip()
    if len(name) > NAME_MOST or not is_one_line(name):
        raise _fault("/name", Text(_("The name is one line of at most %(most)s characters"), {"most": NAME_MOST}))
    owner = _owner(session, command.department)
    take_turn(session, TURN)
    said = {command.day: (command.works, name if command.works is not None else "")}
    return Changed(1, follow(session, Change(owner, _write(session, said, owner, "mark"))))


def confirm_year(session: WorkSession, command: ConfirmYear) -> Changed:
    """Say that the holidays of a year are known; due dates in it are provisional no longer."""
    require(session.actor, MANAGE)
    _check_year(command.year)
    title = command.title.strip()
    if len(title) > TITLE_MOST or not is_one_line(title):
        raise _fault("/title", Text(_("The source is one line of at most %(most)s characters"), {"most": TITLE_MOST}))
    take_turn(session, TURN)
    _know(session, command.year, "hand", title)
    return Changed(0, follow(session, Change(None, frozenset())))


def save_hours(session: WorkSession, command: SaveHours) -> Changed:
    """Say when an organisation works.

    :raises Invalid: without a working day or hour, or with hours that overlap.
    """
    require(session.actor, MANAGE)
    _check_hours(command.shifts, command.week)
    owner = _owner(session, command.department)
    take_turn(session, TURN)
    row = session.scalar(select(OfficeHours).where(OfficeHours.department_id.is_not_distinct_from(owner)))
    if row is None:
        row = OfficeHours(department_id=owner)
        session.add(row)
    row.shifts = [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in command.shifts]
    row.week = sorted(command.week)
    return Changed(0, follow(session, Change(owner, None)))


def seed_years(session: WorkSession) -> Changed:
    """Take over years that the library of calendars knows and nobody entered: a new release brings the next one.

    A day of which somebody said something stays as it was said.
    """
    require(session.actor, MANAGE)
    take_turn(session, TURN)
    new = library_years() - set(session.scalars(select(CalendarYear.year)))
    entered = frozenset(_said(session, new, None))
    days: Days = {day: (works, name) for day, works, name in library_days() if day.year in new and day not in entered}
    changed = _write(session, days, None, "seed")
    for year in sorted(new):
        _know(session, year, SOURCE, TITLE)
    return Changed(len(days), follow(session, Change(None, changed)))


def _owner(session: WorkSession, department: str) -> UUID | None:
    return department_id(session, department) if department else None


def _said(session: WorkSession, years: Iterable[int], owner: UUID | None) -> list[dt.date]:
    """The days of some years of which an organisation says something now."""
    statement = select(Workday.day).where(Workday.department_id.is_not_distinct_from(owner), Workday.works.is_not(None))
    wanted = frozenset(years)
    return [day for day in session.scalars(statement) if day.year in wanted]


def _write(session: WorkSession, days: Days, owner: UUID | None, act: str) -> frozenset[dt.date]:
    """Write days, and one entry into the journal with those that are otherwise than before; gives these."""
    stood = select(Workday.day, Workday.works, Workday.name).where(
        Workday.department_id.is_not_distinct_from(owner), Workday.day.in_(days)
    )
    before = {day: (works, name) for day, works, name in session.execute(stood)}
    changed = {day: said for day, said in days.items() if before.get(day, (None, "")) != said}
    if not changed:
        return frozenset()
    session.execute(
        WRITE,
        {
            "department": owner,
            "ids": [new_id() for _day in changed],
            "days": list(changed),
            "works": [works for works, _name in changed.values()],
            "names": [name for _works, name in changed.values()],
        },
    )
    old = {day.isoformat(): list(before[day]) for day in changed if day in before}
    new = {day.isoformat(): list(said) for day, said in changed.items()}
    record(session, f"calendar.{act}", "core.workday", str(owner or ""), before=old, after=new)
    return frozenset(changed)


def _know(session: WorkSession, year: int, source: str, title: str) -> None:
    row = session.get(CalendarYear, year)
    if row is None:
        row = CalendarYear(year=year)
        session.add(row)
    row.source, row.title, row.at, row.by_name = source, title[:TITLE_MOST], clock.now(), session.actor.name


def _check_year(year: int) -> None:
    if year not in YEARS:
        raise _fault("/day", Text(_("%(year)s is no year of this calendar"), {"year": year}))


def _check_hours(shifts: Shifts, week: frozenset[int]) -> None:
    if not week or not week <= frozenset(range(7)):
        raise _fault("/week", Text(_("At least one day of the week is worked")))
    bounds = [bound for shift in shifts for bound in shift]
    if any(bound.second or bound.microsecond or bound.tzinfo for bound in bounds):
        raise _fault("/shifts", Text(_("Times are written as 08:30")))
    if not 0 < len(shifts) <= MOST_SHIFTS or any(one >= next_ for one, next_ in pairwise(bounds)):
        raise _fault("/shifts", Text(_("Working hours are given in order, each ending after it begins")))


def _fault(pointer: str, said: Text) -> Invalid:
    return Invalid(FAULTY, objections=[Objection(said, None, pointer, "calendar")])
