"""The panel on each grid: visits and requests of this quarter, promises that are overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wangge import Figure, GridView, MatterKind, PanelBody, Text, WorkSession
from wangge import noop as _
from wangge.calendar import quarter_start
from wangge.matters import count_matters, is_open, is_overdue, list_address, reported_since

from wangge_party.kinds import STATION_REQUEST, VISIT, station_request, visit


def this_quarter(session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """Visits and requests below each grid since the quarter began, and open promises whose day has passed.

    A promise without a day of its own is due when its visit's limit ends.
    """
    start = quarter_start(session)
    recent, since = reported_since(start), start.date().isoformat()
    visits = count_matters(session, grids, visit, is_open(), recent)
    requests = count_matters(session, grids, station_request, is_open(), recent)
    promises = count_matters(session, grids, visit, is_open(), visit.c.promise.is_not(None))
    overdue = count_matters(session, grids, visit, is_overdue(), visit.c.promise.is_not(None))
    return {
        grid.id: _body(
            grid,
            since,
            ((VISIT, visits[grid.id]), (STATION_REQUEST, requests[grid.id])),
            promises[grid.id].get(True, 0),
            overdue[grid.id].get(True, 0),
        )
        for grid in grids
    }


def _body(
    grid: GridView, since: str, done: Sequence[tuple[MatterKind, Mapping[bool, int]]], promises: int, overdue: int
) -> PanelBody:
    return PanelBody(
        figures=[
            Figure(_("Open promises"), promises, href=list_address(VISIT.name, grid, state="open", promise="*")),
            Figure(
                _("Promises overdue"),
                overdue,
                href=list_address(VISIT.name, grid, due="late", promise="*"),
                tone="bad" if overdue else "",
            ),
        ],
        columns=[_("What was done"), _("This quarter"), _("Still open")],
        rows=[
            [
                Text(kind.title),
                Figure("", sum(counts.values()), href=list_address(kind.name, grid, since=since)),
                Figure("", counts.get(True, 0), href=list_address(kind.name, grid, state="open", since=since)),
            ]
            for kind, counts in done
        ],
    )
