"""A part of the coverage as a plan leaves it: leaves and their ancestors in memory, exact after every operation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import Refused
from core.grids.plans.results import Mended
from core.grids.reading import LEAF_NOW, load_shapes
from core.text import noop as _
from gis.chain import cancel, edges, join, link
from gis.lattice import SCALE, Geometries, as_array
from gis.noding import Insertions, insert

FACTS = f"""
select s.grid_id, s.code, s.name, s.kind, g.level, p.code, string_to_array(s.path::text, '.')::bigint[],
  {LEAF_NOW}
from core.grid_state s
join core.grid g on g.id = s.grid_id
left join core.grid_state p on p.grid_id = s.parent_id and upper_inf(p.valid)
where s.grid_id = any(:ids) and upper_inf(s.valid)
"""
NEWEST = """
select g.id, s.code, s.state from unnest(cast(:ids as bigint[])) as g(id) left join lateral (
  select now.code, (select max(own.id) from core.grid_state own where own.grid_id = g.id and not own.noded) as state
  from core.grid_state now where now.grid_id = g.id and upper_inf(now.valid)
) s on true
"""
"""The newest state of a grid that is more than vertices in mid-edge; nothing where it is retired."""
NEAR = 2
"""Lattice units around a box within which grids count as touched."""


class Absent(Refused):
    """No living grid bears the code that an operation names."""

    def __init__(self, code: str) -> None:
        super().__init__(_("There is no living grid %(code)s for the plan to change"), code=code)
        self.code = code


@dataclass(frozen=True)
class Node:
    """A grid as the plan has it.

    :param grid_id: identity in the database; ``None`` when the plan bears it.
    :param state_id: the state that it was read from.
    :param parent: code of its parent; ``None`` for the root.
    :param polygon: lattice polygon.
    """

    grid_id: int | None
    state_id: int | None
    code: str
    name: str
    kind: str
    level: str
    parent: str | None
    leaf: bool
    polygon: Any


class WorkingCopy:
    """The grids that a plan touches, read when they are needed, changed only in memory.

    ``nodes`` are those that live, by code; ``origins`` what was read, by grid id; ``mended`` what mending did.
    """

    def __init__(self, session: WorkSession) -> None:
        self.session = session
        self.nodes: dict[str, Node] = {}
        self.origins: dict[int, Node] = {}
        self.mended: list[Mended] = []

    def find(self, code: str) -> Node:
        """The living grid of that code.

        :raises Absent: when there is none.
        """
        if code not in self.nodes:
            found = self.session.scalar(
                text("select grid_id from core.grid_state where code = :code and upper_inf(valid)"), {"code": code}
            )
            if found is not None and found not in self.origins:
                self.load([found])
        if code not in self.nodes:
            raise Absent(code)
        return self.nodes[code]

    def leaf(self, code: str) -> Node:
        """The living leaf of that code.

        :raises Refused: when there is none, or it has grids below it.
        """
        node = self.find(code)
        if not node.leaf:
            raise Refused(_("Grid %(code)s has grids below it: only leaves can be drawn anew; change those"), code=code)
        return node

    def around(self, polygons: object) -> list[Node]:
        """The leaves whose boxes touch those of lattice geometries."""
        west, south, east, north = shapely.total_bounds(as_array(polygons)).tolist()
        area = shapely.box(west - NEAR, south - NEAR, east + NEAR, north + NEAR)
        ids = self.session.scalars(
            text(
                "select s.grid_id from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id"
                " where upper_inf(s.valid) and sh.geom && st_makeenvelope(:west, :south, :east, :north, 4490)"
                f" and {LEAF_NOW}"
            ),
            dict(zip(("west", "south", "east", "north"), (c / SCALE for c in area.bounds), strict=True)),
        ).all()
        self.load(ids)
        leaves = [node for node in self.nodes.values() if node.leaf]
        boxes = shapely.envelope(lattice_polygons(leaves))
        return [node for node, box in zip(leaves, boxes, strict=True) if shapely.intersects(box, area)]

    def below(self, code: str) -> list[Node]:
        """The grids of the plan right below a grid, those of the database included."""
        ids = self.session.scalars(
            text(
                "select c.grid_id from core.grid_state c join core.grid_state p on p.grid_id = c.parent_id"
                " where p.code = :code and upper_inf(p.valid) and upper_inf(c.valid)"
            ),
            {"code": code},
        ).all()
        self.load(ids)
        return [node for node in self.nodes.values() if node.parent == code]

    def swap(self, gone: Sequence[Node], come: Sequence[Node], inserted: Insertions) -> None:
        """Put leaves in the places of others, and the vertices that borders got into all that have those borders.

        Ancestors follow by the difference of the boundaries; one that is left without area ends.
        """
        for node in gone:
            del self.nodes[node.code]
        self._put(gone, come, inserted)

    def divide(self, node: Node, children: Sequence[Node], inserted: Insertions) -> None:
        """Let a leaf go on as the parent of the leaves that its area is cut into."""
        self.nodes[node.code] = replace(node, leaf=False)
        self._put([replace(node, parent=node.code)], children, inserted)

    def amend(self, node: Node, **facts: Any) -> Node:
        """Give a grid another name, code or kind; those below it follow a code."""
        new = replace(node, **facts)
        del self.nodes[node.code]
        self.nodes[new.code] = new
        if new.code != node.code:
            for child in self.below(node.code):
                self.nodes[child.code] = replace(child, parent=new.code)
        return new

    def rehang(self, node: Node, parent: Node) -> None:
        """Put a grid, with all below it, under another parent."""
        self.nodes[node.code] = replace(node, parent=parent.code)
        self._lift([node], [self.nodes[node.code]])

    def ancestors(self, node: Node) -> list[str]:
        """Codes of the grids above a grid, the nearest first."""
        found = []
        above = node.parent
        while above is not None:
            found.append(above)
            above = self.find(above).parent
        return found

    def _put(self, gone: Sequence[Node], come: Sequence[Node], inserted: Insertions) -> None:
        for node in come:
            self.nodes[node.code] = node
        noded = self._node(inserted) if inserted else []
        self._lift([*gone, *(old for old, _new in noded)], [*come, *(new for _old, new in noded)])

    def _node(self, inserted: Insertions) -> list[tuple[Node, Node]]:
        points = shapely.multipoints([point for edge, between in inserted.items() for point in (*edge, *between)])
        near = self.around([points])
        polygons, changed = insert([node.polygon for node in near], inserted)
        pairs = [(near[i], replace(near[i], polygon=polygons[i])) for i in changed]
        for _old, new in pairs:
            self.nodes[new.code] = new
        return pairs

    def _lift(self, gone: Iterable[Node], come: Iterable[Node]) -> None:
        """Let the ancestors follow, level by level: their boundary is what it was, less the old, plus the new."""
        less: dict[str, list[Any]] = {}
        more: dict[str, list[Any]] = {}
        for nodes, change in ((gone, less), (come, more)):
            for node in nodes:
                for above in self.ancestors(node):
                    change.setdefault(above, []).append(node.polygon)
        for code in less.keys() | more.keys():
            node = self.nodes[code]
            old, new = as_array(less.get(code, [])), as_array(more.get(code, []))
            delta = cancel(join(edges(new), edges(old).reversed()))
            if not len(delta):
                continue
            polygon = link(cancel(join(edges(node.polygon), delta)))
            if polygon.is_empty:
                del self.nodes[code]
            else:
                self.nodes[code] = replace(node, polygon=polygon)

    def load(self, ids: Sequence[int]) -> None:
        """Read grids and all their ancestors; those read before stay as they are."""
        fresh = sorted(set(ids) - self.origins.keys())
        if not fresh:
            return
        rows = self.session.execute(text(FACTS), {"ids": fresh}).all()
        shapes = load_shapes(self.session, "s.grid_id = any(:ids)", {"ids": fresh})
        drawn: dict[int, tuple[int, Any]] = {
            int(grid_id): (int(state_id), polygon)
            for grid_id, state_id, polygon in zip(shapes.grid_ids, shapes.state_ids, shapes.polygons, strict=True)
        }
        for grid_id, code, name, kind, level, parent, _path, leaf in rows:
            state_id, polygon = drawn[grid_id]
            node = Node(grid_id, state_id, code, name, kind, level, parent, leaf, polygon)
            self.origins[grid_id] = node
            self.nodes[code] = node
        self.load([step for row in rows for step in row[6]])


def newest_states(session: WorkSession, ids: Iterable[int]) -> dict[int, tuple[str | None, int | None]]:
    """Code and state of grids as they stand, vertices in mid-edge left out; (``None``, ``None``) of the retired."""
    rows = session.execute(text(NEWEST), {"ids": sorted(ids)})
    return {row[0]: (row[1], row[2]) for row in rows}


def lattice_polygons(nodes: Sequence[Node]) -> Geometries:
    """Their outlines, position by position."""
    return as_array([node.polygon for node in nodes]) if nodes else np.empty(0, dtype=object)
