"""The panel on each grid: open hazards by level, those that are overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wangge import Figure, GridView, PanelBody, WorkSession
from wangge import noop as _
from wangge.matters import count_matters, count_open, is_open, is_overdue, list_address

from wangge_emergency.kinds import HAZARD, hazard

TITLES = {"major": _("Major"), "larger": _("Larger"), "general": _("General")}
TONES = {"major": "bad", "larger": "warn", "general": ""}


def open_hazards(session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """Open hazards below each grid, the gravest first, and how many of them are overdue."""
    counts = count_open(session, grids, hazard.c.level)
    late = count_matters(session, grids, hazard, is_overdue(), is_open())
    return {grid.id: _body(grid, counts[grid.id], late[grid.id].get(True, 0)) for grid in grids}


def _body(grid: GridView, counts: Mapping[str, int], late: int) -> PanelBody:
    return PanelBody(
        figures=[
            Figure(
                _("Hazards overdue"),
                late,
                href=list_address(HAZARD.name, grid, due="late"),
                tone="bad" if late else "",
            )
        ],
        bars=[
            Figure(
                title,
                counts.get(level, 0),
                href=list_address(HAZARD.name, grid, state="open", level=level),
                tone=TONES[level],  # type: ignore[arg-type]
            )
            for level, title in TITLES.items()
        ],
        note="" if any(counts.values()) else _("No hazard is open here."),
    )
