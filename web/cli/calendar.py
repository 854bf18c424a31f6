"""`wangge calendar …`: which days are worked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from core import clock
from core.calendars.commands import ImportCalendar
from core.calendars.limits import YEARS
from core.calendars.queries import year_of
from core.calendars.service import import_calendar
from core.db.session import reading, work
from core.errors import Invalid
from core.org.queries import department_id
from web.cli.context import operator, with_database
from web.cli.output import answer, answer_lines, json_option, refuse_with, say

department_option = click.option("--department", default="", help="Code of a department; the city's by default.")


@click.group("calendar")
def group() -> None:
    """Which days are worked."""


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@department_option
@json_option
@click.pass_context
@with_database
def import_command(ctx: click.Context, file: Path, department: str, as_json: bool) -> None:
    """Take over a year's days from a CSV table (date, work or off, name) or the plain text of the yearly notice.

    Gives how many days the file says something of, and how many due dates of open matters moved.
    """
    try:
        with work(operator()) as session:
            done = import_calendar(session, ImportCalendar(file.read_bytes(), file.name, department))
    except Invalid as error:
        refuse_with(error, ctx)
    answer(
        {"days": done.days, "moved": done.moved}, as_json, lambda r: f"{r['days']} days, {r['moved']} due dates moved"
    )


@group.command("show")
@click.argument("year", type=click.IntRange(YEARS[0], YEARS[-1]), required=False)
@department_option
@json_option
@with_database
def show_command(year: int | None, department: str, as_json: bool) -> None:
    """The days of a year that are off, or worked, against the week; this year's by default."""
    with reading(operator()) as session:
        owner = department_id(session, department) if department else None
        view = year_of(session, year or clock.now().year, owner)
    if not view.known:
        say(f"{view.year}: not known yet; due dates in it are provisional")
    rows = [{"day": day.day.isoformat(), "works": day.works, "name": day.name} for day in view.days]
    answer_lines(
        rows, as_json, lambda r: f"{r['day']} {_weekday(r['day'])}  {'班' if r['works'] else '休'}  {r['name']}"
    )


def _weekday(day: str) -> str:
    return f"周{'一二三四五六日'[dt.date.fromisoformat(day).weekday()]}"
