"""Repairs of boundaries as the command line answers them."""

from __future__ import annotations

from typing import Any

from core.grids.repairs.repairing import Repaired


def repaired_values(done: Repaired) -> dict[str, Any]:
    """The answer of ``wangge grid repair``, tried or written."""
    return {
        "change": None if done.change is None else str(done.change),
        "version": done.version,
        "defects": done.defects,
        "grids": [grid.as_json() for grid in done.grids],
        "rehomed": dict(done.rehomed),
        "exact": done.exact,
    }
