"""Where a person may report, and the refusal that names both the place's grid and their own grids."""

from __future__ import annotations

from typing import Final

from core.access.policy import may, sees_all
from core.db.session import WorkSession
from core.errors import Forbidden, Objection
from core.grids.queries import grids_by_ids
from core.grids.views import GridView
from core.text import Text
from core.text import noop as _

REPORT: Final = "matter.report"
NAMED: Final = 5
"""So many of their grids are named to a person who may not report somewhere."""


def own_grids(session: WorkSession) -> tuple[GridView, ...] | None:
    """The tops of what was granted for reporting; ``None`` where that is the whole city."""
    actor = session.actor
    if sees_all(actor, REPORT):
        return None
    paths = sorted({grant.path for grant in actor.grants if REPORT in grant.actions and grant.path is not None})
    tops = [int(path.rsplit(".", 1)[-1]) for path in paths]
    found = grids_by_ids(session, tops)
    return tuple(found[grid_id] for grid_id in tops if grid_id in found)


def check_reach(session: WorkSession, grid: GridView | None) -> None:
    """Refuse a report in a grid that is not among the person's own.

    :raises Forbidden: naming the grid and their own ones, pointing at ``/place``.
    """
    if grid is None or may(session.actor, REPORT, grid.path):
        return
    own = tuple(each.name for each in (own_grids(session) or ())[:NAMED])
    names = {"grid": grid.name, "code": grid.code, "own": own or "–"}
    text = Text(_("%(grid)s (%(code)s) is not among your grids; you may report in: %(own)s"), names)
    raise Forbidden(text.message, objections=[Objection(text, pointer="/place", code="foreign-grid")], **names)
