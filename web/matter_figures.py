"""The figures of a period by grid as lines of a page and of a file, and as the API tells them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask_babel import gettext

from core.matters.figure_views import Count, FigureRow, Figures
from core.text import noop as _
from web import context


@dataclass(frozen=True)
class Line:
    """One line of the table: a grid, or a sum (then without ``code`` and ``href``)."""

    name: str
    count: Count
    code: str = ""
    href: str = ""
    ended: dt.datetime | None = None
    sum: bool = False


def lines(figures: Figures, most: int | None = None) -> list[Line]:
    """The grids, then the sums; a sum of nothing is left out where it would say nothing.

    :param most: so many of the grids; the sums are of all.
    """
    name = figures.top.name
    coarser = Line(gettext("Below %(name)s, in no grid of this level", name=name), figures.coarser)
    inside = Line(gettext("%(name)s in all", name=name), figures.inside, sum=True)
    elsewhere = Line(gettext("In a grid outside %(name)s", name=name), figures.elsewhere)
    unlocated = Line(gettext("Without a grid"), figures.unlocated)
    every = Line(gettext("All that were counted"), Count(figures.total, figures.total), sum=True)
    beside = [line for line in (elsewhere, unlocated) if any(line.count)]
    return [
        *(_line(row) for row in figures.rows[:most]),
        *([coarser] if any(coarser.count) else []),
        inside,
        *beside,
        *([every] if beside else []),
    ]


def sheet(figures: Figures) -> tuple[list[str], list[list[Any]]]:
    """Heads and rows of a file."""
    columns = [gettext(title) for title in (
        _("Grid"), _("Code"), _("Boundaries of then"), _("Boundaries of now"), _("Difference"), _("Ended"),
    )]  # fmt: skip
    rows = [[line.name, line.code, *line.count, line.count.difference, line.ended] for line in lines(figures)]
    return columns, rows


def values(figures: Figures, side: int) -> dict[str, Any]:
    """One side of the figures for the API.

    :param side: 0 for the boundaries of then, 1 for those of now.
    """
    return {
        "since": figures.since,
        "before": figures.before,
        "under": figures.top.code,
        "level": figures.level,
        "boundaries": ("then", "now")[side],
        "items": [
            {"code": row.code, "name": row.name, "ended": row.ended, "matters": row.count[side]}
            for row in figures.rows
            if row.count[side] is not None
        ],
        "coarser": figures.coarser[side],
        "inside": figures.inside[side],
        "elsewhere": figures.elsewhere[side],
        "unlocated": figures.unlocated[side],
        "total": figures.total,
        "partial": figures.partial,
        "changes": [
            {"version": told.change.version, "at": told.change.at, "kind": told.change.kind,
             "reason": told.change.reason, "grid": told.touched.code, "grids": told.touched.grids,
             "within": told.within}
            for told in figures.changes
        ],
    }  # fmt: skip


def _line(row: FigureRow) -> Line:
    href = f"/grids/{quote(row.code, safe='')}"
    if row.ended:
        last = (row.ended.astimezone(context.zone()) - dt.timedelta(days=1)).date()
        href += f"?as_of={last}"
    return Line(row.name, row.count, row.code, href, row.ended)
