"""Plans on maps: sheets for the editor, and both sides of a change, as GeoJSON in degrees of CGCS2000."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import shapely

from core.grids.plans.showing import DrawnGrid, PlanSheet
from core.grids.plans.sides import SideGrid
from gis.lattice import to_degrees
from web.i18n import translate_text
from web.plan_values import plan_values


def sheet_values(sheet: PlanSheet) -> dict[str, Any]:
    """What the editor draws on: the leaves, and the plan as it stands."""
    return {
        "type": "FeatureCollection",
        "features": [_drawn(grid) for grid in sheet.grids],
        "plan": plan_values(sheet.plan),
        "names": sheet.names,
        "hidden": sheet.hidden,
        "stale": list(sheet.stale),
        "unfit": [{"operation": number, "reason": translate_text(why)} for number, why in sheet.unfit],
    }


def side_values(grids: Iterable[SideGrid]) -> dict[str, Any]:
    """One side of a plan."""
    features = [
        _feature(
            grid.code,
            grid.polygon,
            title=grid.name,
            code=grid.code,
            level=grid.level,
            fate=grid.fate,
            above=list(grid.above),
        )
        for grid in grids
    ]
    return {"type": "FeatureCollection", "features": features}


def _drawn(grid: DrawnGrid) -> dict[str, Any]:
    node = grid.node
    return _feature(
        node.code,
        node.polygon,
        code=node.code,
        name=node.name,
        level=node.level,
        kind=node.kind,
        parent=node.parent,
        fate=grid.fate,
        inside=grid.inside,
        path=list(grid.path),
        area_m2=round(grid.area_m2, 1),
    )


def _feature(key: str, polygon: Any, **facts: Any) -> dict[str, Any]:
    geometry = json.loads(shapely.to_geojson(to_degrees([polygon])[0]))
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": facts}
