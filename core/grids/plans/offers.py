"""What would settle a finding of a plan: one more operation, offered and never carried out unasked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.errors import Refused
from core.grids.plans.naming import free_codes
from core.grids.plans.nearby import longest_beside, nearest_apart
from core.grids.plans.remarks import PlanFinding
from core.grids.plans.working import Node, WorkingCopy
from core.text import Text
from core.text import noop as _

MOST_OFFERED: Final = 100
"""Findings that get an offer at one time: each asks for the grids around."""


@dataclass(frozen=True)
class Offer:
    """What would settle a finding.

    :param operation: as it is added to the plan.
    """

    text: Text
    operation: Mapping[str, Any]


def offers(copy: WorkingCopy, findings: Sequence[PlanFinding]) -> list[Offer | None]:
    """An offer for each of the first findings, position by position; ``None`` where only a person can know.

    :param copy: the grids as the plan leaves them.
    """
    offered = [_offer(copy, finding) for finding in findings[:MOST_OFFERED]]
    return offered + [None] * (len(findings) - len(offered))


def _offer(copy: WorkingCopy, finding: PlanFinding) -> Offer | None:
    node = copy.nodes[finding.grid]
    if finding.kind in {"small", "narrow"} and node.leaf:
        return _give(copy, node)
    if finding.kind == "code-scheme" and node.parent is not None:
        return _recode(copy, node, copy.find(node.parent))
    return None


def _give(copy: WorkingCopy, node: Node) -> Offer | None:
    """Merge it with the neighbour below the same parent with which it shares the longest border, or the nearest."""
    beside = longest_beside(copy, node)
    other = beside or nearest_apart(copy, node)
    if other is None:
        return None
    heir = node if other.grid_id is None and node.grid_id is not None else other
    merge = {"op": "merge", "grids": [other.code, node.code], "code": heir.code}
    values = {"name": other.name, "code": other.code}
    if beside is None:
        return Offer(Text(_("Merge with %(name)s (%(code)s) as a part of it"), values), {**merge, "multipart": True})
    return Offer(Text(_("Merge with %(name)s (%(code)s)"), values), merge)


def _recode(copy: WorkingCopy, node: Node, parent: Node) -> Offer | None:
    try:
        code = free_codes(copy, node.level, parent, 1)[0]
    except Refused:  # the scheme is full
        return None
    return Offer(Text(_("Give it code %(code)s"), {"code": code}), {"op": "recode", "grid": node.code, "code": code})
