"""A layer in the place of all leaves below a grid: who goes on, who is born, who ends; exact or refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core.errors import Refused
from core.grids.plans.fitting import Fitted, fitted
from core.grids.plans.geojson import geometry_of
from core.grids.plans.operations import MOST_POLYGONS, Load, Loaded
from core.grids.plans.rowheirs import heirs_of_rows
from core.grids.plans.working import Node, WorkingCopy, lattice_polygons, newest_states
from core.text import noop as _
from gis.chain import fingerprints
from gis.crossings import MOST_CROSSINGS, refuse_crossings
from gis.lattice import Geometries, as_array, from_degrees

MOST_VERTICES = 200_000
"""Of all polygons together: what a plan can still be checked with at every step."""
REMEASURED = 2
"""How often each edge of a border that was measured anew may cross the old one."""


@dataclass(frozen=True)
class Replacement:
    """What an operation comes to.

    :param leaves: the leaves that will stand there, position by position as given.
    :param fitted: their outlines, with what was mended.
    :param gone: those that stand there now and would not go on as they are.
    :param come: those of ``leaves`` that are not there already.
    :param closed: grids between that become leaves again, as they are now.
    """

    parent: Node
    leaves: tuple[Node, ...]
    fitted: Fitted
    gone: tuple[Node, ...]
    come: tuple[Node, ...]
    closed: tuple[Node, ...]


def load(copy: WorkingCopy, operation: Load) -> Load:
    """Replace the leaves.

    :returns: the operation with all codes, and with the leaves that it replaces.
    :raises Refused: where the polygons do not tile the grid, a code cannot be borne, or other leaves stand there than
        those it was drawn on.
    """
    drawn_on = _drawn_on(copy, operation)
    made = replacement(copy, operation)
    copy.mended.extend(made.fitted.mended)
    if made.parent.leaf:
        copy.divide(made.parent, made.come, made.fitted.inserted)
    elif made.gone or made.come:
        for node in made.closed:
            _end_below(copy, node)
        copy.swap(
            [*made.closed, *(node for node in made.gone if node.code in copy.nodes)], made.come, made.fitted.inserted
        )
    rows = [
        row if row.code else row.model_copy(update={"code": node.code})
        for row, node in zip(operation.polygons, made.leaves, strict=True)
    ]
    return operation.model_copy(update={"drawn_on": drawn_on, "polygons": rows})


def _drawn_on(copy: WorkingCopy, operation: Load) -> dict[str, int]:
    """The state of each leaf that the layer replaces, or of the leaf that it divides, by the id of its grid."""
    parent = copy.find(operation.parent)
    leaves = {n.grid_id for n in ([parent] if parent.leaf else leaves_below(copy, parent)) if n.grid_id is not None}
    now = newest_states(copy.session, leaves)
    standing = {str(grid_id): state for grid_id, (_code, state) in now.items() if state is not None}
    before = operation.drawn_on
    if before is not None and before != standing:
        other = {grid_id for grid_id in before.keys() | standing.keys() if before.get(grid_id) != standing.get(grid_id)}
        codes = sorted(code or "?" for grid_id, (code, _state) in now.items() if str(grid_id) in other)
        raise Refused(
            _("The grids below %(parent)s were changed since the layer was drawn (%(codes)s): draw it anew on them"),
            parent=parent.code,
            codes=", ".join(codes[:20]) or "–",
        )
    return standing


def replacement(copy: WorkingCopy, operation: Load) -> Replacement:
    """What the operation would do to the working copy, which stays as it is.

    :raises Refused: as ``load``.
    """
    parent = copy.find(operation.parent)
    old = {node.code: node for node in leaves_below(copy, parent)}
    _refuse_doubles(operation.polygons)
    drawn = _drawn(operation.polygons)
    surveyed = REMEASURED * int(shapely.get_num_coordinates(drawn).sum())
    refuse_crossings(drawn, lattice_polygons([parent, *old.values()]), in_all=MOST_CROSSINGS + surveyed)
    heirs = heirs_of_rows(copy, operation, parent, old, drawn)
    here = np.array([node.polygon is not None for node in heirs])
    same = np.zeros(len(heirs), bool)
    same[here] = _prints([node.polygon for node in heirs if node.polygon is not None]) == fingerprints(drawn[here])
    made = fitted(drawn, heirs, same, parent)
    kept = _prints([node.polygon for node in heirs]) == fingerprints(made.polygons)
    leaves = tuple(
        replace(node, polygon=node.polygon if as_it_was else polygon)
        for node, polygon, as_it_was in zip(heirs, made.polygons, kept, strict=True)
    )
    closed = tuple(copy.nodes[n.code] for n in leaves if n.code in copy.nodes and not copy.nodes[n.code].leaf)
    come = tuple(node for node in leaves if old.get(node.code) != node)
    staying = {node.code for node in leaves} - {node.code for node in come}
    return Replacement(parent, leaves, made, tuple(n for n in old.values() if n.code not in staying), come, closed)


def refuse_many(geometries: Geometries) -> None:
    """Refuse more polygons or vertices than a plan can hold."""
    vertices = int(shapely.get_num_coordinates(geometries).sum())
    if len(geometries) > MOST_POLYGONS or vertices > MOST_VERTICES:
        raise Refused(
            _(
                "The layer has %(polygons)s polygons with %(vertices)s vertices; at most %(most_polygons)s with "
                "%(most_vertices)s can be drawn at once: load a smaller part of the city"
            ),
            polygons=len(geometries),
            vertices=vertices,
            most_polygons=MOST_POLYGONS,
            most_vertices=MOST_VERTICES,
        )


def leaves_below(copy: WorkingCopy, node: Node) -> list[Node]:
    """All leaves below a grid, at any depth; none below a leaf."""
    _read_below(copy, node)
    children = _by_parent(copy)
    found: list[Node] = []
    waiting = list(children[node.code])
    while waiting:
        child = waiting.pop()
        if child.leaf:
            found.append(child)
            continue
        if child.grid_id is not None and copy.origins[child.grid_id].parent != child.parent:
            _read_below(copy, child)  # the plan moved it here, so that its path does not lead here yet
            children = _by_parent(copy)
        waiting += children[child.code]
    return found


def _read_below(copy: WorkingCopy, node: Node) -> None:
    sql = text(
        "select c.grid_id from core.grid_state p join core.grid_state c on c.path <@ p.path and c.grid_id <> p.grid_id"
        " where p.grid_id = :id and upper_inf(p.valid) and upper_inf(c.valid)"
    )
    copy.load(copy.session.scalars(sql, {"id": node.grid_id}).all())


def _by_parent(copy: WorkingCopy) -> dict[str | None, list[Node]]:
    children: dict[str | None, list[Node]] = defaultdict(list)
    for node in copy.nodes.values():
        children[node.parent].append(node)
    return children


def _prints(polygons: Sequence[Any]) -> Any:
    """Fingerprints, of ``None`` that of nothing."""
    return fingerprints(as_array([shapely.Polygon() if polygon is None else polygon for polygon in polygons]))


def _refuse_doubles(polygons: Sequence[Loaded]) -> None:
    counts = Counter(row.code for row in polygons if row.code is not None)
    double = next((code for code, count in counts.items() if count > 1), None)
    if double is not None:
        raise Refused(
            _(
                "Code %(code)s stands in %(count)s rows: a grid that was split keeps it in one of its parts; clear it "
                "in the others, they get new codes, or give them codes of their own"
            ),
            code=double,
            count=counts[double],
        )


def _drawn(polygons: Sequence[Loaded]) -> Geometries:
    geometries = as_array([geometry_of(row.polygon) for row in polygons])
    refuse_many(geometries)
    return from_degrees(geometries)


def _end_below(copy: WorkingCopy, node: Node) -> None:
    for child in copy.below(node.code):
        _end_below(copy, child)
        del copy.nodes[child.code]
