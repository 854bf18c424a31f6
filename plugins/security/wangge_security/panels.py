"""The panel on each grid: disputes open and settled by type, safety hazards that are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wangge import Figure, GridView, PanelBody, Text, WorkSession
from wangge import noop as _
from wangge.matters import count_matters, count_open, is_settled, list_address

from wangge_security.kinds import DISPUTE, HAZARD_SAFETY, dispute, hazard_safety

TYPES = {
    "family": _("Marriage and family"),
    "neighbours": _("Neighbours"),
    "land": _("Land taking"),
    "debt": _("Debts and loans"),
    "labour": _("Labour"),
    "property": _("Property management"),
    "consumer": _("Consumer"),
    "medical": _("Medical"),
    "traffic": _("Traffic"),
    "other": _("Other disputes"),
}


def disputes_by_type(session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """Disputes below each grid, open and settled by type; types without any are left out."""
    opened = count_open(session, grids, dispute.c.dispute_type)
    settled = count_matters(session, grids, dispute, dispute.c.dispute_type, is_settled())
    risks = count_open(session, grids, dispute.c.risk)
    hazards = count_open(session, grids, hazard_safety.c.danger)
    return {
        grid.id: _body(
            grid, opened[grid.id], settled[grid.id], risks[grid.id].get("high", 0), sum(hazards[grid.id].values())
        )
        for grid in grids
    }


def _body(grid: GridView, opened: Mapping[str, int], settled: Mapping[str, int], high: int, hazards: int) -> PanelBody:
    rows = [
        [
            Text(title),
            Figure("", opened.get(slug, 0), href=list_address(DISPUTE.name, grid, state="open", dispute_type=slug)),
            Figure("", settled.get(slug, 0), href=list_address(DISPUTE.name, grid, state="closed", dispute_type=slug)),
        ]
        for slug, title in TYPES.items()
        if opened.get(slug, 0) or settled.get(slug, 0)
    ]
    return PanelBody(
        figures=[
            Figure(
                _("Open disputes of high risk"),
                high,
                href=list_address(DISPUTE.name, grid, state="open", risk="high"),
                tone="bad" if high else "",
            ),
            Figure(_("Open safety hazards"), hazards, href=list_address(HAZARD_SAFETY.name, grid, state="open")),
        ],
        columns=[_("Type of dispute"), _("Still open"), _("Settled")],
        rows=rows,
        note="" if rows else _("No dispute was reported here."),
    )
