"""`/map/themes`: figures by which the map colours grids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from apiflask import APIBlueprint

from core.access.policy import require, sees_all, visible
from core.errors import NotFound
from core.grids import queries
from core.matters.queries import open_counts
from core.text import noop as _
from web.db import actor, read

bp = APIBlueprint("themes", __name__, enable_openapi=False)

THEMES: Final[Mapping[str, str]] = {
    "open": _("Open matters"),
    "due_today": _("Due today"),
    "overdue": _("Overdue matters"),
}
"""Figures by which the map colours grids: attributes of :class:`OpenCount`."""


@bp.get("/map/themes/<name>")
def theme(name: str) -> dict[str, Any]:
    """For each coloured level: its grids, those whose matters this person may see, their figures other than zero.

    ``known`` is ``None`` where all of the level's grids are; of the others nothing is told.
    """
    if name not in THEMES:
        raise NotFound(_("There is no theme called %(name)s"), name=name)
    require(actor(), "matter.see")
    with read() as session:
        rows = [row for row in queries.tree(session) if row.level != "micro"]
        known: set[int] | None = None
        if not sees_all(actor(), "matter.see"):
            known = {row.grid_id for row in session.execute(visible(actor(), "matter.see"))}
        counts = open_counts(session, [row.id for row in rows if known is None or row.id in known])
    levels: dict[str, dict[str, Any]] = {}
    for row in rows:
        level = levels.setdefault(row.level, {"grids": 0, "known": None if known is None else [], "counts": {}})
        level["grids"] += 1
        if known is not None and row.id in known:
            level["known"].append(row.code)
        figure = getattr(counts[row.id], name) if row.id in counts else 0
        if figure:
            level["counts"][row.code] = figure
    return {"levels": levels}
