"""The grid tree and the page of one grid: overview, history, its card for the map, its print, lists for export."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.access.policy import EVERYWHERE, may, require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import Invalid, NotFound
from core.grids import queries
from core.grids.formers import bearer
from core.grids.handed import handed_over
from core.grids.levels import TITLES
from core.grids.retired import EndedGrid, earlier_bearers, retired_grid
from core.grids.views import GridView, TreeRow
from core.matters.listing import most_urgent
from core.matters.queries import open_counts
from core.org.queries import posts_of_grids
from core.text import noop as _
from web import slots, tables
from web.context import zone
from web.db import actor, read, write
from web.lineage import history_lines, last_day
from web.pastday import file_day, past_day, to_today

bp = APIBlueprint("grids", __name__, enable_openapi=False)

SIBLINGS_SHOWN: Final = 500
URGENT_SHOWN: Final = 5
WHOLE: Final = frozenset({"grids.tree_page", "grids.grid_page", "grids.print_page"})
"""Whole pages of a day, which can say that it is yet to come."""
EXPORTED: Final = frozenset({"grid", "as_of"})
"""What the address of a list may name."""


@bp.get("/grids")
def tree_page() -> str:
    """The tree, opened along the path to the grid named by ``at``; the list twin of the map.

    With ``as_of`` as it was at the end of that day.
    """
    day = past_day()
    with read() as session:
        state = queries.coverage_state(session, day)
        at = queries.grid_by_code(session, request.args.get("at", ""), day) if request.args.get("at") else None
        opened = _opened(session, at or state.root, day)
    proven_at = dt.datetime.fromisoformat(str(state.proof["at"])) if state.proof else None
    return render_template("grids/tree.html", coverage=state, opened=opened, at=at, proven_at=proven_at, day=day)


@bp.get("/grids/tree")
def tree_rows() -> str:
    """Fragment: the lines right below ``parent``; without it the root's line, opened along the path to ``at``.

    With ``as_of`` as they were at the end of that day, without matters.
    """
    parent = request.args.get("parent") or None
    day = past_day()
    with read() as session:
        at = queries.grid_by_code(session, request.args.get("at", ""), day) if not parent else None
        opened = _opened(session, at, day) if at else {parent: queries.branches(session, parent, day)}
        counts = {} if day else _counts(session, [row for rows in opened.values() for row in rows])
    return render_template("grids/rows.html", rows=opened[parent], counts=counts, opened=opened, day=day)


@bp.get("/grids.<any(xlsx, csv):kind>")
def export(kind: str) -> Response:
    """The grid and all below it as a table, with area and parent; written to the journal.

    With ``as_of`` as they were at the end of that day.

    :raises Invalid: where the address names anything else, or nothing by a name: the whole city is given to nobody who
        asked for a part of it.
    """
    _refuse_unknown()
    code = request.args.get("grid")
    day = file_day()
    with write() as session:
        top = queries.known_grid(session, code, day) if code else None
        require(session.actor, "grid.export", top.path if top else EVERYWHERE)
        lines = queries.tree(session, code, day)
        views = queries.grids_by_ids(session, (line.id for line in lines), day)
        record(session, "grid.export", "core.grid", code or "*", after={"rows": len(lines), "format": kind})
    columns = [gettext(title) for title in (
        _("Code"), _("Name"), _("Level"), _("Parent's code"), _("Path"), _("Area, m²"), _("Leaves"), _("Valid from"),
    )]  # fmt: skip
    rows = [_export_row(line, views[line.id]) for line in lines]
    name = f"grids-{code or 'all'}-{day or clock.now().astimezone(zone()):%Y%m%d}"
    return tables.write(kind, columns, rows, name, gettext("Grids"))


@bp.before_request
def lead_on() -> ResponseReturnValue | None:
    """A link with a code that a living grid bore before leads to the same page under its present code; a page of a day
    to come to that of today.
    """
    if request.endpoint in WHOLE and (today := to_today()) is not None:
        return today
    code = (request.view_args or {}).get("code")
    if code is None or request.endpoint is None:
        return None
    with read() as session:
        present = bearer(session, code, past_day())
    if present is None or present.code == code:
        return None
    query = request.query_string.decode("ascii", "replace")
    return redirect(url_for(request.endpoint, code=present.code) + (f"?{query}" if query else ""))


@bp.get("/grids/<code>")
def grid_page(code: str) -> str:
    """Head, overview and history of one grid; of one that ended its history and its heirs.

    With ``as_of`` as it was at the end of that day.
    """
    day = past_day()
    ended = None if day else _ended(code)
    if ended is not None:
        lines = history_lines(ended["grid"].periods, ended["handed"], zone())
        return render_template("grids/retired.html", **ended, lines=lines)
    facts = _facts_then(code, day) if day else _facts(code)
    return render_template("grids/grid.html", **facts, tab=request.args.get("tab", "overview"))


@bp.get("/grids/<code>/card")
def card(code: str) -> str:
    """Fragment for the map's right pane, 352 wide; with ``as_of`` what held at the end of that day."""
    day = past_day()
    if day:
        return render_template("grids/card_then.html", **_facts_then(code, day))
    ended = _ended(code)
    if ended is not None:
        return render_template("grids/card_ended.html", **ended)
    facts = _facts(code)
    with read() as session:
        facts["urgent"] = most_urgent(session, code, URGENT_SHOWN) if facts["sees_matters"] else []
    return render_template("grids/card.html", **facts)


@bp.get("/grids/<code>/print")
def print_page(code: str) -> str:
    """The card on one A4 sheet; with ``as_of`` what held at the end of that day."""
    day = past_day()
    return render_template("grids/print.html", **(_facts_then(code, day) if day else _facts(code)))


def _refuse_unknown() -> None:
    """Refuse an address of a list that names what the list does not know, or leaves what it names empty."""
    unknown = sorted(request.args.keys() - EXPORTED)
    empty = sorted(name for name in request.args.keys() & EXPORTED if not request.args[name].strip())
    if unknown:
        raise Invalid(_("A list of grids knows grid and as_of, but not %(names)s"), names=", ".join(unknown)[:100])
    if empty:
        raise Invalid(
            _("Nothing stands behind %(names)s: give a grid's code or a day, or leave it out for all grids of today"),
            names=", ".join(empty),
        )


def _ended(code: str) -> dict[str, Any] | None:
    """A grid that ended, with the last day on which it held; ``None`` where one lives that bears or bore the code."""
    with read() as session:
        if bearer(session, code) is not None:
            return None
        grid = retired_grid(session, code)
        handed = handed_over(session, grid.id)
    return {"grid": grid, "handed": handed, "last_day": (grid.at.astimezone(zone()) - dt.timedelta(days=1)).date()}


def _facts(code: str) -> dict[str, Any]:
    """All that page, card and print say of a grid; counts only where this person may see the matters."""
    with read() as session:
        grid = queries.known_grid(session, code)
        parents = list(zip(grid.path_codes[:-1], grid.path_names[:-1], strict=True))
        below = queries.branches(session, code)[:SIBLINGS_SHOWN]
        children, leaves = queries.numbers_below(session, code)
        sees = bool(may(actor(), "matter.see", grid.path))
        counts = open_counts(session, [grid.id, *(row.id for row in below)]) if sees else {}
        facts = {
            "grid": grid,
            "parents": parents,
            "crumbs": [(gettext("Grids"), "/grids"), *((name, f"/grids/{quote(above)}") for above, name in parents)],
            "below": below,
            "children": children,
            "leaves": leaves,
            "sees_matters": sees,
            "counts": counts,
            "posts": posts_of_grids(session, [grid.id]).get(grid.id, []),
            "lines": history_lines(queries.history(session, grid.id), handed_over(session, grid.id), zone()),
            "earlier": _earlier(session, grid),
            "day": None,
        }
    facts["panels"] = slots.panels_for([grid], actor())
    return facts


def _facts_then(code: str, day: dt.date) -> dict[str, Any]:
    """What page, card and print say of a grid as it was, and what became of it; of nothing that is of today alone.

    :raises NotFound: where no grid had that code then.
    """
    with read() as session:
        grid = queries.grid_by_code(session, code, day)
        if grid is None:
            raise NotFound(_("On %(day)s there was no grid with the code %(code)s"), day=day.isoformat(), code=code)
        parents = list(zip(grid.path_codes[:-1], grid.path_names[:-1], strict=True))
        children, leaves = queries.numbers_below(session, code, day)
        above = [(name, f"/grids/{quote(code)}?as_of={day}") for code, name in parents]
        return {
            "grid": grid,
            "parents": parents,
            "crumbs": [(gettext("Grids"), f"/grids?as_of={day}"), *above],
            "below": queries.branches(session, code, day)[:SIBLINGS_SHOWN],
            "children": children,
            "leaves": leaves,
            "sees_matters": False,
            "counts": {},
            "panels": [],
            "lines": history_lines(queries.history(session, grid.id), handed_over(session, grid.id), zone()),
            "earlier": _earlier(session, grid),
            "today": queries.grid_by_id(session, grid.id),
            "day": day,
        }


def _earlier(session: WorkSession, grid: GridView) -> list[tuple[EndedGrid, dt.date | None]]:
    """The grids that bore the code before this one, each with its last day."""
    return [(ended, last_day(ended, zone())) for ended in earlier_bearers(session, grid.id, grid.code)]


def _opened(session: WorkSession, at: GridView | None, day: dt.date | None = None) -> dict[str | None, list[TreeRow]]:
    """Lines by their parent's code, along the path to ``at`` and one step below it."""
    if at is None:
        return {}
    return {code: queries.branches(session, code, day) for code in (None, *at.path_codes)}


def _counts(session: WorkSession, rows: list[TreeRow]) -> dict[int, Any]:
    return open_counts(session, [row.id for row in rows]) if rows and may(actor(), "matter.see") else {}


def _export_row(line: TreeRow, view: GridView) -> list[Any]:
    level = gettext(TITLES[line.level])
    path = " / ".join(view.path_names)
    area = round(view.area_m2, 1)
    return [line.code, line.name, level, line.parent or "", path, area, line.leaves, view.valid_from.astimezone(zone())]
