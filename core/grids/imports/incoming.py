"""What an import would bring in, grid by grid with its area, and how their sum compares with the grid above."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np

from core.db.session import WorkSession
from core.grids.findings import Finding
from core.grids.imports.draft import Prepared
from core.grids.queries import grid_by_id
from gis.lattice import Geometries
from gis.measure import area_m2

MOST_LISTED: Final = 500
EQUAL: Final = 1e-6
"""Relative difference up to which areas are equal: a vertex put into a straight edge moves the figure as much."""


def incoming(session: WorkSession, prepared: Prepared) -> dict[str, Any] | None:
    """The grids of the layer's own level, their sum and the grid above; ``None`` where nothing would come in."""
    births = [birth for birth in prepared.births if birth.level == prepared.options.level]
    if not births:
        return None
    areas = area_m2(_shapes([birth.polygon for birth in births]))
    above = _above(session, prepared)
    total = float(areas.sum())
    return {
        "count": len(births),
        "area_m2": total,
        "above": above and {**above, "equal": abs(total - above["area_m2"]) <= EQUAL * above["area_m2"]},
        "grids": [
            {"number": number, "code": birth.code, "name": birth.name, "area_m2": area}
            for number, (birth, area) in enumerate(zip(births[:MOST_LISTED], areas.tolist(), strict=False))
        ],
    }


def area_changes(prepared: Prepared) -> list[dict[str, Any]]:
    """What mending does to the areas of grids: name, gained, lost, net, and the net's share of the area before."""
    births = {birth.code: birth for birth in prepared.births if birth.level == prepared.options.level}
    changed = [(number, each) for number, each in enumerate(prepared.area_changes) if each.code in births]
    areas = area_m2(_shapes([births[change.code].polygon for _number, change in changed])).tolist()
    found = []
    for (number, change), area in zip(changed, areas, strict=True):
        net = change.gained_m2 - change.lost_m2
        found.append({
            "number": number, "code": change.code, "name": births[change.code].name, "net_m2": net,
            "gained_m2": change.gained_m2, "lost_m2": change.lost_m2,
            "share": net / (area - net) if area > net else None,
        })  # fmt: skip
    return found


def defect_kinds(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """How many defects of each kind, and their area together; the largest first."""
    counts = Counter(finding.kind for finding in findings)
    areas = dict.fromkeys(counts, 0.0)
    for finding in findings:
        areas[finding.kind] += finding.area_m2 or 0.0
    kinds = sorted(counts, key=lambda kind: (-areas[kind], kind))
    return [{"kind": kind, "count": counts[kind], "area_m2": areas[kind]} for kind in kinds]


def _above(session: WorkSession, prepared: Prepared) -> dict[str, Any] | None:
    """The living grid under which the layer goes, or the root that is made from it."""
    if prepared.parent_id is not None:
        parent = grid_by_id(session, prepared.parent_id)
        return {"code": parent.code, "name": parent.name, "area_m2": parent.area_m2} if parent else None
    root = prepared.births[0]
    if root.level == prepared.options.level:
        return None
    return {"code": root.code, "name": root.name, "area_m2": float(area_m2(_shapes([root.polygon]))[0])}


def _shapes(polygons: list[Any]) -> Geometries:
    return np.array(polygons, dtype=object)
