"""`/map/themes`: figures by which the map colours grids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from apiflask import APIBlueprint
from flask_babel import gettext

from core.access.policy import may, require, sees_all, visible
from core.actor import Actor
from core.errors import NotFound
from core.grids import queries
from core.matters.queries import open_counts
from core.responsibility.proving import prove
from core.responsibility.views import Defect
from core.text import noop as _
from web.db import actor, read
from web.responsibilities import known_kinds

bp = APIBlueprint("themes", __name__, enable_openapi=False)

COUNTS: Final[Mapping[str, str]] = {
    "open": _("Open matters"),
    "due_today": _("Due today"),
    "overdue": _("Overdue matters"),
}
"""Figures of matters, which whoever sees those may have: attributes of :class:`OpenCount`."""
DEFECTS: Final[Mapping[Defect, str]] = {
    "hole": _("Kinds nobody answers for"),
    "double": _("Kinds several departments lead"),
}
"""Figures of the responsibility matrix, for whoever sees the departments."""


def themes_for(actor: Actor) -> list[tuple[str, str]]:
    """Names and titles of the figures by which the map colours grids for a person."""
    matters = COUNTS if may(actor, "matter.see") else {}
    matrix = DEFECTS if may(actor, "org.see") else {}
    return [(name, gettext(title)) for name, title in (*matters.items(), *matrix.items())]


@bp.get("/map/themes/<name>")
def theme(name: str) -> dict[str, Any]:
    """For each coloured level: its grids, those whose matters this person may see, their figures other than zero.

    ``known`` is ``None`` where all of the level's grids are; of the others nothing is told.
    """
    if name not in COUNTS and name not in DEFECTS:
        raise NotFound(_("There is no theme called %(name)s"), name=name)
    require(actor(), "matter.see" if name in COUNTS else "org.see")
    known: set[int] | None = None
    with read() as session:
        rows = [row for row in queries.tree(session) if row.level != "micro"]
        if name in COUNTS:
            if not sees_all(actor(), "matter.see"):
                known = {row.grid_id for row in session.execute(visible(actor(), "matter.see"))}
            found = open_counts(session, [row.id for row in rows if known is None or row.id in known])
            figures: Mapping[int, int] = {grid_id: getattr(count, name) for grid_id, count in found.items()}
        else:
            marked = prove(session, known_kinds()).marked
            figures = next(places for defect, places in marked.items() if defect == name)
    levels: dict[str, dict[str, Any]] = {}
    for row in rows:
        level = levels.setdefault(row.level, {"grids": 0, "known": None if known is None else [], "counts": {}})
        level["grids"] += 1
        if known is not None and row.id in known:
            level["known"].append(row.code)
        if figure := figures.get(row.id, 0):
            level["counts"][row.code] = figure
    return {"levels": levels}
