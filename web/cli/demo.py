"""`wangge demo …`: the demonstration city."""

from __future__ import annotations

import time

import click
from core.demo.service import clear_demo, load_demo

from core.settings import get_settings
from web.cli.context import operator, owner_url, with_database
from web.cli.output import answer, json_option, say


@click.group("demo")
def group() -> None:
    """The demonstration city: made up, free of licences."""


@group.command()
@json_option
@with_database
def load(as_json: bool) -> None:
    """Load the demonstration city into an empty instance."""
    started = time.monotonic()
    counts = load_demo(operator(), owner_url(get_settings()), progress=say)
    row = {**counts, "seconds": round(time.monotonic() - started, 1)}
    answer(row, as_json, lambda values: ", ".join(f"{name} {number}" for name, number in values.items()))


@group.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_database
def clear(yes: bool, as_json: bool) -> None:
    """Empty an instance that holds demonstration data alone."""
    if not yes:
        click.confirm("This removes the demonstration city with all its matters. Go on?", abort=True, err=True)
    answer(
        clear_demo(operator()), as_json, lambda values: f"removed {values['grids']} grids, {values['matters']} matters"
    )
