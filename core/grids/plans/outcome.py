"""What a working copy comes to: the act that would be written, and what it does to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import Refused
from core.grids.acts import Act, Birth, Renewal
from core.grids.levels import depth
from core.grids.plans.operating import Operation
from core.grids.plans.working import Node, WorkingCopy
from core.text import noop as _
from gis.noding import is_noded


@dataclass(frozen=True)
class Outcome:
    """The difference between the city and a plan's working copy.

    :param born: grids without a predecessor, parents before children.
    :param retired: grids that end.
    :param changed: (before, after) of grids that go on otherwise than by vertices in mid-edge.
    :param noded: (before, after) of grids whose outline only gets vertices.
    :param divided: leaves, as they were, that go on as parents.
    """

    born: tuple[Node, ...]
    retired: tuple[Node, ...]
    changed: tuple[tuple[Node, Node], ...]
    noded: tuple[tuple[Node, Node], ...]
    divided: tuple[Node, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.born or self.retired or self.changed or self.noded)

    def act(self, base_version: int, operations: Sequence[Operation], reason: str) -> Act:
        """The change to be written."""
        return Act(
            "plan",
            base_version,
            tuple(operation.as_json() for operation in operations),
            reason=reason,
            births=tuple(Birth(n.code, n.name, n.level, n.parent, n.polygon, n.kind) for n in self.born),
            renewals=(
                *(_renewal(before, after, noded=False) for before, after in self.changed),
                *(_renewal(before, after, noded=True) for before, after in self.noded),
            ),
            closures=tuple(node.grid_id for node in self.retired if node.grid_id is not None),
        )


def outcome_of(copy: WorkingCopy) -> Outcome:
    """Compare what was read with what lives now.

    :raises Refused: when the outline of the whole city would be another.
    """
    living = {node.grid_id: node for node in copy.nodes.values() if node.grid_id is not None}
    ids = {node.code: grid_id for grid_id, node in copy.origins.items()}
    born = [node for node in copy.nodes.values() if node.grid_id is None]
    changed: list[tuple[Node, Node]] = []
    noded: list[tuple[Node, Node]] = []
    divided = [
        node for node in copy.origins.values() if node.leaf and node.grid_id in living and not living[node.grid_id].leaf
    ]
    for grid_id, before in copy.origins.items():
        after = living.get(grid_id)
        if after is None:
            continue
        if before.leaf or not after.leaf:  # one that becomes a leaf again takes over what lies in it
            after = replace(after, leaf=before.leaf)
        if after.parent and before.parent and copy.nodes[after.parent].grid_id == ids[before.parent]:
            after = replace(after, parent=before.parent)
        if before == after:
            continue
        only_outline = replace(after, polygon=before.polygon) == before
        only_vertices = after.polygon is before.polygon or is_noded(before.polygon, after.polygon)
        if before.parent is None and not only_vertices:
            raise Refused(_("The outline of the city would change: plans only move borders inside it"))
        (noded if only_outline and only_vertices else changed).append((before, after))
    return Outcome(
        tuple(sorted(born, key=lambda node: (depth(node.level), node.code))),
        tuple(before for grid_id, before in copy.origins.items() if grid_id not in living),
        tuple(changed),
        tuple(noded),
        tuple(divided),
    )


def _renewal(before: Node, after: Node, *, noded: bool) -> Renewal:
    assert before.grid_id is not None
    return Renewal(
        before.grid_id,
        None if after.polygon is before.polygon and after.leaf == before.leaf else after.polygon,
        noded,
        code=after.code,
        name=after.name,
        kind=after.kind,
        parent=None if after.parent == before.parent else after.parent,
    )
