"""`wangge clock …`: what a time limit does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from core.calendars.course import reckon
from core.calendars.limits import YEARS, parse_limit
from core.calendars.limits import Limit as TimeLimit
from core.calendars.queries import calendar_of
from core.db.session import reading
from core.org.queries import department_id
from web.cli.context import operator, with_database
from web.cli.output import answer, json_option


class Limit(click.ParamType[TimeLimit]):
    """A time limit."""

    name = "limit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> TimeLimit:
        """The limit."""
        if isinstance(value, TimeLimit):
            return value
        try:
            return parse_limit(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Moment(click.ParamType[dt.datetime]):
    """A moment; without an offset it is in the instance's time zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """The moment."""
        if isinstance(value, dt.datetime):
            return value
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-02-14T16:00 or 2026-02-14T16:00+08:00", param, ctx)
        if moment.year not in YEARS:
            self.fail(f"{value!r} lies in no year from {YEARS[0]} to {YEARS[-1]}", param, ctx)
        return moment


@click.group("clock")
def group() -> None:
    """What a time limit does."""


@group.command("due")
@click.argument("start", metavar="T", type=Moment())
@click.argument("limit", type=Limit())
@click.option("--department", default="", help="Code of the department whose calendar holds; the city's by default.")
@json_option
@with_database
def due_command(start: dt.datetime, limit: TimeLimit, department: str, as_json: bool) -> None:
    """When a limit such as 4wh, 1wd, 15nd or 2h ends that starts at T, and whether that is provisional.

    T is a time as 2026-02-14T16:00, in the instance's time zone or with an offset.
    """
    with reading(operator()) as session:
        owner = department_id(session, department) if department else None
        calendar = calendar_of(session, owner, since=start.date() - dt.timedelta(days=1))
    begin = start if start.tzinfo else start.replace(tzinfo=calendar.zone)
    due = reckon(begin, limit, calendar)
    answer(
        {"due": due.at.astimezone(calendar.zone), "provisional": due.provisional},
        as_json,
        lambda values: f"{values['due']:%Y-%m-%d %H:%M}{'  provisional' if values['provisional'] else ''}",
    )
