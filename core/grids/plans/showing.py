"""A plan's grids for the editor: as it draws them in an area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import shapely
from sqlalchemy import text

from core.access.policy import require
from core.db.session import WorkSession
from core.grids.plans.operations import parse_operation
from core.grids.plans.outcome import outcome_of
from core.grids.plans.queries import plan_row
from core.grids.plans.replaying import replay
from core.grids.plans.sides import Fate
from core.grids.plans.staleness import stale
from core.grids.plans.views import PlanView, view_of
from core.grids.plans.working import Node, WorkingCopy, lattice_polygons
from core.grids.reading import LEAF_NOW
from core.text import Text
from gis.lattice import SCALE
from gis.measure import area_m2

MOST_LEAVES: Final = 300
"""Leaves that are shown at once: as many as a browser drags about without delay."""

Box = tuple[float, float, float, float]

IN_BOX = f"""
with place as (
  select s.path, st_boundary(sh.geom) as outline from core.grid_state s
  join core.grid_shape sh on sh.id = s.shape_id where s.grid_id = :parent and upper_inf(s.valid)
)
select s.grid_id, s.path <@ place.path as inside
from place, core.grid_state s join core.grid_shape sh on sh.id = s.shape_id
where upper_inf(s.valid) and sh.geom && st_makeenvelope(:west, :south, :east, :north, 4490)
  and {LEAF_NOW}
  and (s.path <@ place.path or st_intersects(sh.geom, place.outline))
"""


@dataclass(frozen=True)
class DrawnGrid:
    """A leaf as a plan leaves it.

    :param inside: whether it lies in the plan's grid, so that the plan may change it.
    :param path: codes from the plan's grid down to the leaf's parent; empty for one outside.
    """

    node: Node
    fate: Fate
    inside: bool
    path: tuple[str, ...]
    area_m2: float


@dataclass(frozen=True)
class PlanSheet:
    """What the editor draws on.

    :param grids: the leaves in the area asked for, and those that the plan changed.
    :param names: of the grids above them, by code.
    :param hidden: how many leaves lie in the area, where they are too many to be shown.
    :param unfit: (number of the operation, why it does not fit the city as it stands).
    :param stale: codes of grids that were changed since the plan was drawn on them.
    """

    plan: PlanView
    grids: tuple[DrawnGrid, ...]
    names: dict[str, str]
    hidden: int
    unfit: tuple[tuple[int, Text], ...]
    stale: tuple[str, ...]


def plan_sheet(session: WorkSession, plan_id: UUID, box: Box) -> PlanSheet:
    """The leaves of a plan in an area, its own and a ring of neighbours.

    :param box: west, south, east, north in degrees.
    :raises NotFound: where there is no such plan.
    """
    require(session.actor, "grid.see")
    row = plan_row(session, plan_id)
    plan = view_of(row)
    copy, _done, misfits = replay(session, [parse_operation(value) for value in plan.operations])
    own, ring = _leaves_in(session, plan.parent_id, box)
    hidden = len(own) if len(own) > MOST_LEAVES else 0
    copy.load([plan.parent_id] if hidden else [plan.parent_id, *own, *ring])
    born, changed = _touched_codes(copy)
    shown = [] if hidden else _inside_box(copy, box)
    nodes = {node.code: node for node in (*shown, *_leaves(copy, born | changed))}
    sizes = area_m2(lattice_polygons(list(nodes.values()))).tolist()
    place = next((node for node in copy.nodes.values() if node.grid_id == plan.parent_id), None)
    grids = []
    for node, size in zip(nodes.values(), sizes, strict=True):
        path = _path(copy, node, place)
        fate: Fate = "born" if node.code in born else "changed" if node.code in changed else "kept"
        grids.append(DrawnGrid(node, fate, path is not None, path or (), size))
    names = {node.code: node.name for node in copy.nodes.values() if not node.leaf}
    unfit = tuple((misfit.number, misfit.refusal.text) for misfit in misfits)
    overtaken = tuple(sorted(grid["code"] for grid in stale(session, row.drawn_on)))
    return PlanSheet(plan, tuple(grids), names, hidden, unfit, overtaken)


def _touched_codes(copy: WorkingCopy) -> tuple[set[str], set[str]]:
    """Codes of the leaves that are born, and of those that go on changed."""
    outcome = outcome_of(copy)
    return {node.code for node in outcome.born}, {after.code for _before, after in outcome.changed}


def _leaves(copy: WorkingCopy, codes: Iterable[str]) -> list[Node]:
    return [copy.nodes[code] for code in codes if copy.nodes[code].leaf]


def _path(copy: WorkingCopy, node: Node, place: Node | None) -> tuple[str, ...] | None:
    """Codes between the plan's grid and the node, both ends but the node's own; ``None`` outside of it."""
    if place is None:
        return None
    if node.grid_id == place.grid_id:
        return ()
    above = copy.ancestors(node)
    return tuple(reversed(above[: above.index(place.code) + 1])) if place.code in above else None


def _inside_box(copy: WorkingCopy, box: Box) -> list[Node]:
    """The leaves that were read and lie in an area."""
    west, south, east, north = (round(degrees * SCALE) for degrees in box)
    leaves = [node for node in copy.nodes.values() if node.leaf]
    boxes = shapely.envelope(lattice_polygons(leaves))
    hit = shapely.intersects(boxes, shapely.box(west, south, east, north))
    return [node for node, inside in zip(leaves, hit.tolist(), strict=True) if inside]


def _leaves_in(session: WorkSession, parent_id: int, box: Box) -> tuple[list[int], list[int]]:
    """Leaves below a grid in an area, and those outside that border on it there."""
    values = {**dict(zip(("west", "south", "east", "north"), box, strict=True)), "parent": parent_id}
    rows = session.execute(text(IN_BOX), values).all()
    return [row.grid_id for row in rows if row.inside], [row.grid_id for row in rows if not row.inside]
