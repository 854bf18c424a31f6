"""The panel on each grid: visits to elders that are due or late, open clues for aid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import and_, case, or_
from wangge import Figure, GridView, PanelBody, Text, WorkSession
from wangge import noop as _
from wangge.calendar import today
from wangge.matters import count_matters, count_open, is_open, is_overdue

from wangge_civil.kinds import AID_CLUE, ELDER_VISIT
from wangge_civil.models import aid_clue, elder_visit

WEEK = dt.timedelta(days=7)
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

    A visit stays open until the next one has been made; one without a next date is due when its limit ends.
    """
    day, next_date = today(session), elder_visit.c.next_date
    late = or_(next_date < day, and_(next_date.is_(None), is_overdue()))
    due = or_(next_date.is_(None), next_date <= day + WEEK)
    standing = case((late, "late"), (due, "due"), else_="later")
    visits = count_matters(session, grids, elder_visit, standing, is_open())
    clues = count_open(session, grids, aid_clue.c.hardship)
    urgent = count_open(session, grids, aid_clue.c.urgent)
    return {grid.id: _body(grid, visits[grid.id], clues[grid.id], urgent[grid.id].get(True, 0)) for grid in grids}


def _body(grid: GridView, visits: Mapping[str, int], clues: Mapping[str, int], urgent: int) -> PanelBody:
    visit_list = f"/matters?tab=area&kind={ELDER_VISIT.name}&grid={grid.code}"
    clue_list = f"/matters?tab=area&kind={AID_CLUE.name}&grid={grid.code}"
    late = visits.get("late", 0)
    rows = [[Text(title), clues[slug]] for slug, title in HARDSHIPS.items() if clues.get(slug, 0)]
    return PanelBody(
        figures=[
            Figure(_("Visits due within a week"), visits.get("due", 0), href=visit_list),
            Figure(_("Visits late"), late, href=visit_list, tone="bad" if late else ""),
            Figure(_("Urgent clues"), urgent, href=clue_list, tone="warn" if urgent else ""),
        ],
        columns=[_("Hardship"), _("Open clues")],
        rows=rows,
        note="" if rows else _("No clue for aid is open here."),
    )
