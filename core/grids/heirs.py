"""Which grids come in the place of others: of one that is retired, those of its level that have a part of its area
now; of one that goes on smaller, itself and those that were born out of its area alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.acts import Act
from core.grids.reading import LEAF_NOW, load_shapes
from gis.lattice import Geometries, as_array

THINNEST = 2.0
"""A common area must be thicker than this by its perimeter, in lattice units: a vertex that a border got in mid-edge
lies up to a unit beside it, and no grid inherits for that."""


def heirs_of(session: WorkSession, act: Act, ids: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    """Id of each grid that the act retires or takes area from → ids of its heirs; must be asked before it is written.

    A grid that goes on is among its own heirs, and is left out where it has no others.

    :param ids: code of each grid that is born → its id.
    """
    return {**_of_retired(session, act, ids), **_of_smaller(session, act, ids)}


def _of_smaller(session: WorkSession, act: Act, ids: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    parents = {birth.parent for birth in act.births}
    births = [birth for birth in act.births if birth.code not in parents]
    drawn = [renewal.grid_id for renewal in act.renewals if renewal.polygon is not None and not renewal.noded]
    if not births or not drawn:
        return {}
    old = load_shapes(session, f"s.grid_id = any(:ids) and {LEAF_NOW}", {"ids": drawn})
    outlines = as_array([birth.polygon for birth in births])
    heirs: dict[int, tuple[int, ...]] = {}
    for born, donor in shapely.STRtree(old.polygons).query(outlines, predicate="intersects").T.tolist():
        outside = shapely.difference(outlines[born], old.polygons[donor])
        thin = shapely.area(outside) <= THINNEST * shapely.length(outside)
        if thin and births[born].level == old.levels[donor]:
            grid_id = int(old.grid_ids[donor])
            heirs[grid_id] = (*heirs.get(grid_id, (grid_id,)), ids[births[born].code])
    return heirs


def _of_retired(session: WorkSession, act: Act, ids: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    if not act.closures:
        return {}
    old = load_shapes(session, "s.grid_id = any(:ids)", {"ids": list(act.closures)})
    drawn = [renewal for renewal in act.renewals if renewal.polygon is not None and not renewal.noded]
    levels = _levels(session, [renewal.grid_id for renewal in drawn])
    new_ids = [*(ids[birth.code] for birth in act.births), *(renewal.grid_id for renewal in drawn)]
    new_levels = [*(birth.level for birth in act.births), *(levels[renewal.grid_id] for renewal in drawn)]
    outlines = as_array([*(birth.polygon for birth in act.births), *(renewal.polygon for renewal in drawn)])
    parents = {birth.parent for birth in act.births}
    leaves = [birth.code not in parents for birth in act.births] + [True] * len(drawn)
    heirs = {}
    for grid_id, level, outline in zip(old.grid_ids.tolist(), old.levels, old.polygons, strict=True):
        chosen = chosen_heirs(outline, outlines, [other == level for other in new_levels], leaves)
        heirs[grid_id] = tuple(sorted(new_ids[i] for i in chosen))
    return heirs


def chosen_heirs(outline: Any, outlines: Geometries, alike: Sequence[bool], leaves: Sequence[bool]) -> list[int]:
    """Positions of the lattice polygons that come in the place of one that ended.

    :param alike: which are of its level; where none of these has a part of it, the leaves that do come instead.
    """
    if not len(outlines):
        return []
    shares = _shares(outline, outlines)
    same = shares & np.array(alike, bool)
    return [int(i) for i in np.flatnonzero(same if same.any() else shares & np.array(leaves, bool))]


def _shares(outline: Any, others: Geometries) -> NDArray[np.bool_]:
    """Which lattice polygons have a part of the area of one."""
    near = shapely.intersects(others, outline)
    common = np.full(len(others), shapely.Polygon(), dtype=object)
    common[near] = shapely.intersection(others[near], outline)
    return np.asarray(shapely.area(common) > THINNEST * shapely.length(common), bool)


def _levels(session: WorkSession, ids: list[int]) -> dict[int, str]:
    rows = session.execute(text("select id, level from core.grid where id = any(:ids)"), {"ids": ids})
    return {row[0]: row[1] for row in rows}
