"""The panel on each grid: visits to elders that are due or late, open clues for aid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import case
from wangge import Figure, GridView, PanelBody, Text, WorkSession
from wangge import noop as _
from wangge.matters import count_matters, count_open, is_due_within, is_open, is_overdue, list_address

from wangge_civil.kinds import AID_CLUE, ELDER_VISIT, aid_clue, elder_visit

WEEK = 7
HARDSHIPS = {
    "living": _("Livelihood"),
    "medical": _("Medical cost"),
    "housing": _("Housing aid"),
    "schooling": _("School cost"),
    "heating": _("Heating"),
    "care": _("Nobody to care"),
    "other": _("Other hardship"),
}


def visits_and_aid(session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """Visits below each grid that are late or due within a week, and open clues by hardship.

    A visit stays open until the next one has been made: it is due on its next date, without one when its limit ends.
    """
    standing = case((is_overdue(), "late"), (is_due_within(session, WEEK), "due"), else_="later")
    visits = count_matters(session, grids, elder_visit, standing, is_open())
    clues = count_open(session, grids, aid_clue.c.hardship)
    urgent = count_open(session, grids, aid_clue.c.urgent)
    return {grid.id: _body(grid, visits[grid.id], clues[grid.id], urgent[grid.id].get(True, 0)) for grid in grids}


def _body(grid: GridView, visits: Mapping[str, int], clues: Mapping[str, int], urgent: int) -> PanelBody:
    late = visits.get("late", 0)
    late_list = list_address(ELDER_VISIT.name, grid, due="late")
    due_list = list_address(ELDER_VISIT.name, grid, due=str(WEEK))
    urgent_list = list_address(AID_CLUE.name, grid, state="open", urgent="true")
    rows = [
        [Text(title), Figure("", clues[slug], href=list_address(AID_CLUE.name, grid, state="open", hardship=slug))]
        for slug, title in HARDSHIPS.items()
        if clues.get(slug, 0)
    ]
    return PanelBody(
        figures=[
            Figure(_("Visits due within a week"), visits.get("due", 0), href=due_list),
            Figure(_("Visits late"), late, href=late_list, tone="bad" if late else ""),
            Figure(_("Urgent clues"), urgent, href=urgent_list, tone="warn" if urgent else ""),
        ],
        columns=[_("Hardship"), _("Open clues")],
        rows=rows,
        note="" if rows else _("No clue for aid is open here."),
    )
