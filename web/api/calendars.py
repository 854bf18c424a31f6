"""API v1: which days are worked, and when a time limit ends."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from pydantic import BaseModel, ConfigDict, Field

from core import clock
from core.calendars.commands import ConfirmYear, ImportCalendar, MarkDay, SaveHours
from core.calendars.course import reckon
from core.calendars.files import MOST_BYTES
from core.calendars.limits import YEARS, parse_limit
from core.calendars.listing import NAME_MOST
from core.calendars.queries import calendar_of, known_years, year_of
from core.calendars.service import TITLE_MOST, confirm_year, import_calendar, mark_day, save_hours
from core.calendars.views import Changed
from core.db.session import WorkSession
from core.errors import Invalid, NotFound, Objection
from core.org.queries import department_id
from core.text import Text
from core.text import noop as _
from web.api.describing import problems
from web.api.inputs import Input
from web.auth import needs
from web.db import read, write
from web.offsets import OffsetTime

bp = APIBlueprint("api_calendars", __name__, url_prefix="/api/v1", tag="calendars")

CODE_MOST = 40
Department = Field("", max_length=CODE_MOST, description="Code of a department; empty: the city.")


class CalendarIn(Input):
    """Whose calendar."""

    department: str = Department


class DayOut(BaseModel):
    """A day of which something is said."""

    day: dt.date
    works: bool
    name: str
    own: bool = Field(description="Whether the department itself says so, not the city for all.")


class YearOut(BaseModel):
    """A year as an organisation works it."""

    year: int
    known: bool = Field(description="Whether its holidays are known; otherwise due dates in it are provisional.")
    source: str
    title: str
    week: list[int] = Field(description="Days of the week that are worked where nothing else is said; Monday is 0.")
    shifts: list[tuple[str, str]] = Field(description="Working hours of a working day.")
    days: list[DayOut]


class YearsOut(BaseModel):
    """The years whose holidays are known."""

    years: list[int]


class DueIn(CalendarIn):
    """A time limit and when it starts."""

    start: OffsetTime
    limit: str = Field(max_length=10, examples=["4wh"], description="As `2h`, `4wh`, `1wd`, `15nd`, `30min`.")


class DueOut(BaseModel):
    """When a time limit ends."""

    due: dt.datetime
    provisional: bool


class DayIn(Input):
    """What is said of a day."""

    works: bool | None = Field(description="Null: as the week, or the city, says.")
    name: str = Field("", max_length=NAME_MOST)
    department: str = Department


class ConfirmIn(Input):
    """Where the holidays of a year are from."""

    title: str = Field("", max_length=TITLE_MOST)


class HoursIn(Input):
    """When an organisation works."""

    shifts: list[list[str]] = Field(description='Pairs such as ["08:30", "12:00"], in order.', max_length=4)
    week: list[int] = Field(max_length=7)
    department: str = Department


class CalendarFile(BaseModel):
    """A calendar as a multipart form."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile = Field(description="CSV (date, work or off, name), or the notice's plain text.")


class ChangedOut(BaseModel):
    """What a change of a calendar did."""

    days: int = Field(description="How many days it says something of.")
    moved: int = Field(description="How many due dates of open matters it moved.")


@bp.get("/calendars")
@bp.output(YearsOut)
@bp.doc(summary="Years whose holidays are known")
def years() -> dict[str, Any]:
    """In others due dates are provisional."""
    with read() as session:
        return {"years": known_years(session)}


@bp.get("/calendars/due")
@bp.input(DueIn, location="query")
@bp.output(DueOut)
@bp.doc(summary="When a time limit ends", responses=problems(422))
def due(query_data: DueIn) -> dict[str, Any]:
    """Counted by the calendar as it is now."""
    try:
        limit = parse_limit(query_data.limit)
    except ValueError:
        raise _fault("/limit", Text(_("%(value)s is no time limit"), {"value": query_data.limit})) from None
    if query_data.start.year not in YEARS:
        raise _fault("/start", Text(_("%(moment)s is no plausible time"), {"moment": query_data.start.isoformat()}))
    since = query_data.start.date() - dt.timedelta(days=1)
    with read() as session:
        found = reckon(
            query_data.start, limit, calendar_of(session, _owner(session, query_data.department), since=since)
        )
    return {"due": found.at, "provisional": found.provisional}


@bp.get("/calendars/<int:year>")
@bp.input(CalendarIn, location="query")
@bp.output(YearOut)
@bp.doc(summary="The days of a year", responses=problems(404, 422))
def calendar_year(year: int, query_data: CalendarIn) -> dict[str, Any]:
    """Those of which something else is said than the week says, and holidays at weekends."""
    _check_year(year)
    with read() as session:
        view = year_of(session, year, _owner(session, query_data.department))
    return {
        "year": view.year,
        "known": view.known,
        "source": view.source,
        "title": view.title,
        "week": sorted(view.week),
        "shifts": [(f"{opens:%H:%M}", f"{closes:%H:%M}") for opens, closes in view.shifts],
        "days": [{"day": day.day, "works": day.works, "name": day.name, "own": day.own} for day in view.days],
    }


@bp.put("/calendars/days/<day>")
@needs("calendar.manage")
@bp.input(DayIn)
@bp.output(ChangedOut)
@bp.doc(summary="Say whether a day is worked", responses=problems(403, 422))
def put_day(day: str, json_data: DayIn) -> dict[str, Any]:
    """Due dates that depend on it move, and their matters' timelines say so."""
    try:
        meant = clock.day(day)
    except ValueError:
        raise _fault("/day", Text(_("%(value)s is no day"), {"value": day})) from None
    with write() as session:
        return _values(mark_day(session, MarkDay(meant, json_data.works, json_data.name, json_data.department)))


@bp.put("/calendars/hours")
@needs("calendar.manage")
@bp.input(HoursIn)
@bp.output(ChangedOut)
@bp.doc(summary="Say when an organisation works", responses=problems(403, 422))
def put_hours(json_data: HoursIn) -> dict[str, Any]:
    """Working hours of a day, and the days of the week."""
    try:
        shifts = tuple((dt.time.fromisoformat(opens), dt.time.fromisoformat(ends)) for opens, ends in json_data.shifts)
    except ValueError:
        raise _fault("/shifts", Text(_("Times are written as 08:30"))) from None
    with write() as session:
        return _values(save_hours(session, SaveHours(shifts, frozenset(json_data.week), json_data.department)))


@bp.post("/calendars/<int:year>/confirm")
@needs("calendar.manage")
@bp.input(ConfirmIn)
@bp.output(ChangedOut)
@bp.doc(summary="Say that a year's holidays are known", responses=problems(403, 404, 422))
def confirm(year: int, json_data: ConfirmIn) -> dict[str, Any]:
    """Due dates in it are provisional no longer."""
    _check_year(year)
    with write() as session:
        return _values(confirm_year(session, ConfirmYear(year, json_data.title)))


@bp.post("/calendars/import")
@needs("calendar.manage")
@bp.input(CalendarIn, location="query")
@bp.input(CalendarFile, location="files")
@bp.output(ChangedOut)
@bp.doc(summary="Take over a year's days from a file", responses=problems(403, 413, 422))
def import_file(query_data: CalendarIn, files_data: CalendarFile) -> dict[str, Any]:
    """A table in CSV, or the plain text of the State Council's notice. All of it, or with faults nothing."""
    sent = files_data.file
    with write() as session:
        command = ImportCalendar(sent.read(MOST_BYTES + 1), sent.filename or "", query_data.department)
        return _values(import_calendar(session, command))


def _values(changed: Changed) -> dict[str, Any]:
    return {"days": changed.days, "moved": changed.moved}


def _owner(session: WorkSession, department: str) -> UUID | None:
    return department_id(session, department) if department else None


def _check_year(year: int) -> None:
    if year not in YEARS:
        raise NotFound(_("%(year)s is no year of this calendar"), year=year)


def _fault(pointer: str, said: Text) -> Invalid:
    return Invalid(_("The request has faults"), objections=[Objection(said, None, pointer, "calendar")])
