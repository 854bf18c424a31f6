"""Matters of a past period by grid, in the boundaries of then beside those of now: the page and its files."""

from __future__ import annotations

import datetime as dt
from typing import Final
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.db.session import WorkSession
from core.errors import Invalid
from core.grids.levels import TITLES
from core.grids.queries import is_empty
from core.matters.figure_views import Figures, FiguresFilter
from core.matters.figures import count_by_grid, export_figures
from web import matter_figures, matter_list, reporting, tables
from web.db import read, write

bp = APIBlueprint("figures", __name__, enable_openapi=False)

ASKED: Final = ("from", "to", "level", "grid")
CHANGES_SHOWN: Final = 12
GRIDS_SHOWN: Final = 500
"""Lines of the page; the files hold all."""


@bp.get("/matters/figures")
def page() -> ResponseReturnValue:
    """The table with both sides; what is wrong with the address stands at its field."""
    figures, faults = None, {}
    with read() as session:
        empty = is_empty(session)
        if code := matter_list.code_meant(session, _asked()["grid"]):
            return redirect(f"/matters/figures?{_query(grid=code)}")
        try:
            figures = _figures(session)
        except Invalid as error:
            faults = reporting.messages(error)
            faults |= matter_list.unclear_grid(session, _asked()["grid"]) if "/under" in faults else {}
    shown = render_template(
        "matters/figures.html",
        empty_city=empty,
        asked=_asked(),
        figures=figures,
        faults=faults,
        lines=matter_figures.lines(figures, GRIDS_SHOWN) if figures else [],
        left_out=max(len(figures.rows) - GRIDS_SHOWN, 0) if figures else 0,
        last_day=figures.before - dt.timedelta(days=1) if figures else None,
        levels=[(level, gettext(TITLES[level]).capitalize()) for level in (figures.levels if figures else TITLES)],
        changes=figures.changes[::-1][:CHANGES_SHOWN] if figures else (),
        query=_query(),
    )
    return shown, Invalid.status if faults and not empty else 200


@bp.get("/matters/figures.<any(xlsx, csv):ending>")
def export(ending: str) -> ResponseReturnValue:
    """The same as a file; written to the journal. What is wrong with the address the page says."""
    try:
        with write() as session:
            figures = export_figures(session, _filter())
    except Invalid:
        return redirect(f"/matters/figures?{_query()}")
    columns, rows = matter_figures.sheet(figures)
    name = f"figures-{figures.top.code}-{figures.since:%Y%m%d}-{figures.before:%Y%m%d}"
    return tables.write(ending, columns, rows, name, gettext("Figures by grid"))


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ASKED}


def _query(**changes: str) -> str:
    return urlencode({name: value for name, value in (_asked() | changes).items() if value})


def _filter(*, any_level: bool = False) -> FiguresFilter:
    asked = _asked()
    return FiguresFilter(asked["from"], asked["to"], "" if any_level else asked["level"], asked["grid"])


def _figures(session: WorkSession) -> Figures:
    """The figures; a level that the grid chosen since does not have gives way to the next below it."""
    try:
        return count_by_grid(session, _filter())
    except Invalid as error:
        if not _filter().level or {objection.pointer for objection in error.objections} != {"/level"}:
            raise
    return count_by_grid(session, _filter(any_level=True))
