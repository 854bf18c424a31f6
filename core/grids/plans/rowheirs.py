"""The rows of a layer as grids: who goes on, who is born, where in the tree and with which code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import numpy as np
import shapely

from core.errors import Refused
from core.grids.levels import check_order, next_level
from core.grids.plans.naming import free_codes, refuse_taken
from core.grids.plans.operations import Load, Loaded
from core.grids.plans.working import Node, WorkingCopy, lattice_polygons
from core.text import noop as _
from gis.lattice import Geometries


def heirs_of_rows(
    copy: WorkingCopy, operation: Load, parent: Node, old: Mapping[str, Node], drawn: Geometries
) -> list[Node]:
    """The leaves as the rows name them, position by position, still with the outlines they have now.

    A row without a code gets the next free one of its parent.

    :param old: the leaves that stand below ``parent``, by code.
    :param drawn: the rows' lattice polygons, object[n].
    :raises Refused: where a code cannot be borne, or a row lies in no grid that can hold it.
    """
    return _with_codes(copy, _heirs(copy, operation, parent, old, drawn), operation.polygons)


def _heirs(copy: WorkingCopy, operation: Load, parent: Node, old: Mapping[str, Node], drawn: Geometries) -> list[Node]:
    heirs = []
    donors = _donors(list(old.values()), drawn)
    for row, found in zip(operation.polygons, donors, strict=True):
        donor = found if row.parent is None and row.level is None else None
        before = old.get(row.code) if row.code else None
        between = None if before or row.code is None else _between(copy, row.code, parent)
        if between is not None:
            heirs.append(replace(between, name=row.name or between.name, leaf=True))
            continue
        if before is None:
            _refuse_foreign(copy, row, parent, operation.reverts)
            above = _above(copy, row.parent or (donor and donor.parent) or parent.code, parent)
            level = row.level or (donor.level if donor and donor.parent == above.code else _usual_level(above, old))
            node = Node(
                None,
                None,
                row.code or "",
                row.name or row.code or "",
                row.kind or "base",
                level,
                above.code,
                True,
                None,
            )
        else:
            above = _above(copy, row.parent or before.parent or parent.code, parent)
            node = replace(before, name=row.name or before.name, parent=above.code)
        wrong = check_order([node.level], above.level)
        if wrong is not None:
            raise Refused(wrong.text)
        heirs.append(node)
    return heirs


def _donors(old: Sequence[Node], drawn: Geometries) -> list[Node | None]:
    """The leaf that gives most of its area to each polygon: what a polygon without parent and level was cut out of."""
    most: list[tuple[float, Node | None]] = [(0.0, None)] * len(drawn)
    outlines = lattice_polygons(old)
    valid = np.flatnonzero(shapely.is_valid(drawn))
    for place, leaf in shapely.STRtree(outlines).query(drawn[valid], predicate="intersects").T.tolist():
        row = int(valid[place])
        common = float(shapely.area(shapely.intersection(drawn[row], outlines[leaf])))
        if common > most[row][0]:
            most[row] = (common, old[leaf])
    return [donor for _common, donor in most]


def _between(copy: WorkingCopy, code: str, parent: Node) -> Node | None:
    """The grid of that code, where it lies between the one whose leaves are replaced and its leaves."""
    with suppress(Refused):
        node = inside = copy.find(code)
        while inside.parent is not None and not node.leaf:
            if inside.parent == parent.code:
                return node
            inside = copy.find(inside.parent)
    return None


def _refuse_foreign(copy: WorkingCopy, row: Loaded, parent: Node, reverts: UUID | None) -> None:
    """Refuse the code of a grid that lives elsewhere, or that has grids below it."""
    if row.code is None:
        return
    try:
        copy.find(row.code)
    except Refused:
        refuse_taken(copy, [row.code], reverts=reverts)
        return
    raise Refused(
        _(
            "Grid %(code)s is no leaf below %(parent)s: take its row out of the layer, or clear its code if a new grid "
            "is meant"
        ),
        code=row.code,
        parent=parent.code,
    )


def _above(copy: WorkingCopy, code: str, parent: Node) -> Node:
    """The grid in which a row lies: the one whose leaves are replaced, or one between."""
    node = copy.find(code)
    inside = node
    while inside.code != parent.code:
        if inside.parent is None:
            raise Refused(_("Grid %(code)s lies outside %(parent)s"), code=code, parent=parent.code)
        inside = copy.find(inside.parent)
    if node.leaf and node.code != parent.code:
        raise Refused(_("Grid %(code)s has no grids below it; subdivide it first"), code=code)
    return node


def _usual_level(above: Node, old: Mapping[str, Node]) -> str:
    """The level of the leaves that are there, else the next."""
    there = [node.level for node in old.values() if node.parent == above.code]
    return there[0] if there else next_level(above.level)


def _with_codes(copy: WorkingCopy, heirs: Sequence[Node], polygons: Sequence[Loaded]) -> list[Node]:
    """The heirs, those without a code with the next free ones of their parents."""
    waiting = Counter((node.parent or "", node.level) for node in heirs if not node.code)
    given = {row.code for row in polygons if row.code}
    free = {}
    for (above, level), count in waiting.items():
        codes = free_codes(copy, level, copy.find(above), count + len(given))
        free[above, level] = iter([code for code in codes if code not in given])
    result = []
    for node in heirs:
        code = node.code or next(free[node.parent or "", node.level])
        result.append(replace(node, code=code, name=node.name or code))
    return result
