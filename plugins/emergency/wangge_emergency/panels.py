"""The panel on each grid: open hazards by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wangge import Figure, GridView, PanelBody, WorkSession
from wangge import noop as _
from wangge.matters import count_open

from wangge_emergency.models import hazard

TITLES = {"major": _("Major"), "larger": _("Larger"), "general": _("General")}
TONES = {"major": "bad", "larger": "warn", "general": ""}


def open_hazards(session: WorkSession, grids: Sequence[GridView]) -> Mapping[int, PanelBody]:
    """Open hazards below each grid, the gravest first."""
    counts = count_open(session, grids, hazard.c.level)
    return {grid.id: _body(grid, counts[grid.id]) for grid in grids}


def _body(grid: GridView, counts: Mapping[str, int]) -> PanelBody:
    address = f"/matters?tab=area&kind=emergency.hazard&grid={grid.code}"
    return PanelBody(
        bars=[
            Figure(title, counts.get(level, 0), href=address, tone=TONES[level])  # type: ignore[arg-type]
            for level, title in TITLES.items()
        ],
        note="" if any(counts.values()) else _("No hazard is open here."),
    )
