"""`/calendars`: the days that are worked, year by year, of the city and of departments that say something else."""

from __future__ import annotations

import calendar as months
import datetime as dt
from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.access.policy import may
from core.calendars.commands import ConfirmYear, ImportCalendar, MarkDay, SaveHours
from core.calendars.files import MOST_BYTES
from core.calendars.limits import YEARS
from core.calendars.queries import own_calendars, year_of
from core.calendars.service import MANAGE, confirm_year, import_calendar, mark_day, save_hours
from core.calendars.views import Changed, YearView
from core.errors import DomainError, Invalid, NotFound, Objection
from core.org.queries import department_id, departments
from core.text import Text
from core.text import noop as _
from web import context
from web.auth import needs, signed_in
from web.calendar_words import WEEKDAYS, month_title, source_title
from web.db import actor, read, write
from web.i18n import translate_text
from web.reporting import messages

bp = APIBlueprint("calendars", __name__, enable_openapi=False)

SHIFTS_SHOWN: Final = 3
MARKS: Final = {"work": True, "off": False, "week": None}
"""What the form may say of a day."""


@bp.get("/calendars")
@signed_in
def this_year() -> ResponseReturnValue:
    """The present year."""
    return redirect(f"/calendars/{clock.now().astimezone(context.zone()).year}")


@bp.get("/calendars/<int:year>")
@signed_in
def year_page(year: int) -> str:
    """A year in twelve months; whoever may change it has the forms beside."""
    return _page(year, {"day": request.args.get("day", "")}, {})


@bp.post("/calendars/<int:year>/days")
@needs(MANAGE)
def save_day(year: int) -> ResponseReturnValue:
    """Say of a day whether it is worked."""
    sent = {name: request.form.get(name, "").strip() for name in ("day", "works", "name")}
    try:
        if sent["works"] not in MARKS:
            raise _fault("/works", _("Choose what holds for the day"))
        day = _day(sent["day"])
        with write() as session:
            done = mark_day(session, MarkDay(day, MARKS[sent["works"]], sent["name"], _department()))
    except DomainError as error:
        return _page(year, sent, messages(error)), error.status
    _tell(done)
    return redirect(_address(day.year, day=day.isoformat()))


@bp.post("/calendars/<int:year>/import")
@needs(MANAGE)
def import_year(year: int) -> ResponseReturnValue:
    """Take over the days of a file, or of a text that was pasted."""
    file, pasted = request.files.get("file"), request.form.get("text", "")
    data = file.read(MOST_BYTES + 1) if file and file.filename else pasted.encode()
    name = file.filename if file and file.filename else gettext("pasted text")
    try:
        with write() as session:
            done = import_calendar(session, ImportCalendar(data, name or "", _department()))
    except DomainError as error:
        faults = [error.text, *(each.text for each in error.objections)]
        return _page(year, {"text": pasted}, {"import": "\n".join(map(translate_text, faults))}), error.status
    _tell(done)
    return redirect(_address(year))


@bp.post("/calendars/<int:year>/confirm")
@needs(MANAGE)
def confirm(year: int) -> ResponseReturnValue:
    """Say that all holidays of the year are marked."""
    try:
        with write() as session:
            done = confirm_year(session, ConfirmYear(year, request.form.get("title", "")))
    except DomainError as error:
        return _page(year, request.form.to_dict(), messages(error)), error.status
    _tell(done)
    return redirect(_address(year))


@bp.post("/calendars/<int:year>/hours")
@needs(MANAGE)
def save_times(year: int) -> ResponseReturnValue:
    """Say when the organisation works."""
    try:
        shifts = []
        for at in range(SHIFTS_SHOWN):
            opens, closes = (request.form.get(f"{end}-{at}", "").strip() for end in ("opens", "closes"))
            if opens or closes:
                shifts.append((_time(opens), _time(closes)))
        week = frozenset(int(day) for day in request.form.getlist("week") if day in "0123456")
        with write() as session:
            done = save_hours(session, SaveHours(tuple(shifts), week, _department()))
    except DomainError as error:
        return _page(year, {}, messages(error)), error.status
    _tell(done)
    return redirect(_address(year))


def _page(year: int, entered: dict[str, str], faults: dict[str, str]) -> str:
    if year not in YEARS:
        raise NotFound(_("%(year)s is no year of this calendar"), year=year)
    code = _department()
    with read() as session:
        owner: UUID | None = department_id(session, code) if code else None
        view = year_of(session, year, owner)
        own = own_calendars(session)
        offices = departments(session)
    chosen = next((day for day in view.days if day.day.isoformat() == entered.get("day")), None)
    return render_template(
        "calendars/year.html",
        year=view,
        months=_months(view),
        weekdays=[gettext(day) for day in WEEKDAYS],
        source=source_title(view),
        department=code,
        whose=[(each.code, f"{each.name} *" if each.id in own else each.name) for each in offices],
        may_change=may(actor(), MANAGE).allowed,
        entered={"works": _mark(chosen.works if chosen else None), "name": chosen.name if chosen else "", **entered},
        faults=faults,
        shifts_shown=SHIFTS_SHOWN,
        address=_address,
        years=(YEARS[0], YEARS[-1]),
    )


def _months(view: YearView) -> list[dict[str, Any]]:
    """Twelve months in weeks; each day with what holds for it."""
    said = {day.day: day for day in view.days}
    today = clock.now().astimezone(context.zone()).date()
    found = []
    for month in range(1, 13):
        weeks = [
            [_cell(day, said.get(day), view, today) if day.month == month else None for day in week]
            for week in months.Calendar().monthdatescalendar(view.year, month)
        ]
        found.append({"title": month_title(month), "weeks": weeks})
    return found


def _cell(day: dt.date, said: Any, view: YearView, today: dt.date) -> dict[str, Any]:
    works = said.works if said else day.weekday() in view.week
    return {
        "day": day,
        "works": works,
        "marked": said is not None,
        "own": said is not None and said.own,
        "name": said.name if said else "",
        "today": day == today,
        "weekday": gettext(WEEKDAYS[day.weekday()]),
    }


def _mark(works: bool | None) -> str:
    return next(name for name, meant in MARKS.items() if meant is works)


def _department() -> str:
    return request.values.get("department", "").strip()


def _address(year: int, **more: str) -> str:
    asked = {"department": _department(), **more}
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
    return f"/calendars/{year}?{query}" if query else f"/calendars/{year}"


def _tell(done: Changed) -> None:
    flash(gettext("Saved. %(n)s due dates moved.", n=done.moved), "ok")


def _day(text: str) -> dt.date:
    try:
        return clock.day(text)
    except ValueError:
        raise _fault("/day", _("Enter a day as 2027-01-31")) from None


def _time(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise _fault("/shifts", _("Times are written as 08:30")) from None


def _fault(pointer: str, message: str) -> Invalid:
    return Invalid(_("The form has faults"), objections=[Objection(Text(message), None, pointer, "calendar")])
