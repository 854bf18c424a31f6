"""Options that several commands on grids take: a moment, a coordinate system, a file to write."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from core import clock
from core.grids.asof import is_ahead

FILE = click.Path(path_type=Path, dir_okay=False)


class Moment(click.ParamType[dt.date]):
    """A date or a moment in ISO form."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime | dt.date:
        """A date stays a date: it means its end."""
        if isinstance(value, dt.date):
            return value
        try:
            found = clock.day(value) if len(value) == 10 else dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} is no date or time; write 2026-11-24 or 2026-11-24T08:00+08:00", param, ctx)
        return found


class Day(click.ParamType[dt.date]):
    """A date in ISO form."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """As it is written."""
        try:
            return value if isinstance(value, dt.date) else clock.day(value)
        except ValueError:
            self.fail(f"{value} is no date; write 2026-11-24", param, ctx)


class PastMoment(Moment):
    """A date or a moment in ISO form that has begun."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime | dt.date:
        """As it is written; what is yet to come is refused."""
        found = super().convert(value, param, ctx)
        if is_ahead(found):
            self.fail(f"{value} is yet to come; leave {param.opts[0] if param else 'it'} out for now", param, ctx)
        return found


as_of_option = click.option("--as-of", type=PastMoment(), help="Date or time in the past; a date means its end.")
crs_option = click.option(
    "--crs", help="EPSG code of a two-dimensional system (EPSG:4548), gcj02 or bd09: insists on it."
)
