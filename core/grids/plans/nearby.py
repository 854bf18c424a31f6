"""The grids beside a grid, right below the same parent: those that it borders on, or else the nearest."""

from __future__ import annotations

import shapely

from core.grids.plans.working import Node, WorkingCopy, lattice_polygons
from gis.lattice import SCALE
from gis.measure import length_m, metres_per_unit
from gis.nearest import nearest_other


def longest_beside(copy: WorkingCopy, node: Node) -> Node | None:
    """The leaf with the longest common border; ``None`` where it borders on none."""
    around = [near for near in copy.around([node.polygon]) if near.parent == node.parent and near.code != node.code]
    if not around:
        return None
    borders = shapely.boundary(lattice_polygons(around))
    shared = length_m(shapely.intersection(shapely.boundary(node.polygon), borders))
    return around[int(shared.argmax())] if shared.max() else None


def nearest_apart(copy: WorkingCopy, node: Node) -> Node | None:
    """The leaf that is nearest; ``None`` where there is no other."""
    if node.parent is None:
        return None
    others = [near for near in copy.below(node.parent) if near.leaf and near.code != node.code]
    if not others:
        return None
    scale = metres_per_unit(float(shapely.bounds(node.polygon)[[1, 3]].mean()) / SCALE)
    own, *flat = shapely.transform(lattice_polygons([node, *others]), lambda xy: xy * scale)
    found = nearest_other(shapely.STRtree(flat), own, ())
    return None if found is None else others[found]
