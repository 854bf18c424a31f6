"""What lies nearest to a shape, others left aside: trees of shapes answer with what touches it first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import shapely

STEP: Final = 4


def nearest_other(tree: shapely.STRtree, shape: Any, own: Collection[int]) -> int | None:
    """Position in the tree of the geometry nearest to a shape, those at the positions `own` left aside.

    The first of several that are as near; None where there is no other.
    """
    others = np.setdiff1d(np.arange(len(tree.geometries)), list(own))
    others = others[~shapely.is_empty(tree.geometries[others])]
    if not len(others):
        return None
    farthest = float(shapely.distance(tree.geometries[others[0]], shape))
    reach = max(float(shapely.length(shape)), 1.0)
    while reach < farthest:
        near = np.intersect1d(tree.query(shape, predicate="dwithin", distance=reach), others)
        if len(near):
            others = near
            break
        reach *= STEP
    return int(others[shapely.distance(tree.geometries[others], shape).argmin()])
