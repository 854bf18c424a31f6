"""The panel on each grid: visits and requests of this quarter, promises that are overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, or_
from wangge import Figure, GridView, PanelBody, Text, WorkSession
from wangge import noop as _
from wangge.calendar import quarter_start, today
from wangge.matters import count_matters, is_open, is_overdue, reported_since

from wangge_party.kinds import STATION_REQUEST, VISIT
from wangge_party.models import station_request, visit


def this_quarter(session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """Visits and requests below each grid since the quarter began, and open promises whose day has passed.

    A promise without a day of its own is due when its visit's limit ends.
    """
    recent = reported_since(quarter_start(session))
    visits = count_matters(session, grids, visit, is_open(), recent)
    requests = count_matters(session, grids, station_request, is_open(), recent)
    late = or_(visit.c.promise_due < today(session), and_(visit.c.promise_due.is_(None), is_overdue()))
    promises = count_matters(session, grids, visit, is_open(), visit.c.promise.is_not(None))
    overdue = count_matters(session, grids, visit, is_open(), visit.c.promise.is_not(None), is_open(), late)
    return {
        grid.id: _body(
            grid, visits[grid.id], requests[grid.id], promises[grid.id].get(True, 0), overdue[grid.id].get(True, 0)
        )
        for grid in grids
    }


def _body(
    grid: GridView, visits: Mapping[bool, int], requests: Mapping[bool, int], promises: int, overdue: int
) -> PanelBody:
    address = f"/matters?tab=area&kind={VISIT.name}&grid={grid.code}"
    return PanelBody(
        figures=[
            Figure(_("Open promises"), promises, href=address),
            Figure(_("Promises overdue"), overdue, href=address, tone="bad" if overdue else ""),
        ],
        columns=[_("What was done"), _("This quarter"), _("Still open")],
        rows=[
            [Text(kind.title), sum(counts.values()), counts.get(True, 0)]
            for kind, counts in ((VISIT, visits), (STATION_REQUEST, requests))
        ],
    )
