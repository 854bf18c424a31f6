"""The proof that every kind of matter has exactly one lead in every leaf, and where it fails."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.db.session import WorkSession
from core.grids.queries import tree
from core.responsibility.matrix import Matrix
from core.responsibility.queries import claims
from core.responsibility.views import Claim, Defect, Finding, Kinds, Proof


@dataclass(frozen=True)
class _Grids:
    """The living grids: code, name and path by id, and how many leaves lie below each."""

    named: Mapping[int, tuple[str, str]]
    paths: Mapping[int, tuple[int, ...]]
    leaves: frozenset[int]
    below: Counter[int]


def prove(session: WorkSession, kinds: Kinds) -> Proof:
    """Ask the matrix for every kind in every leaf."""
    grids = _living(session)
    rows = claims(session)
    matrix = Matrix(rows)
    alike: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for leaf in grids.leaves:
        alike[tuple(grid_id for grid_id in grids.paths[leaf] if grid_id in matrix.grids)].append(leaf)
    findings: list[Finding] = []
    marked: dict[Defect, Counter[int]] = {"hole": Counter(), "double": Counter()}
    counted: Counter[Defect] = Counter()
    for kind, category in sorted(kinds.items()):
        found: defaultdict[tuple[Defect, tuple[Claim, ...]], list[int]] = defaultdict(list)
        for path, leaves in alike.items():
            holding = matrix.holding(kind, category, path)
            if holding.defect:
                found[holding.defect, holding.claims].extend(leaves)
        for (defect, clashing), leaves in found.items():
            counted[defect] += len(leaves)
            findings += [
                Finding(kind, defect, top, *grids.named[top], grids.below[top], clashing)
                for top in _tops(grids, leaves)
            ]
        for defect, places in marked.items():
            at = {grid_id for (what, _), leaves in found.items() if what == defect for leaf in leaves
                  for grid_id in grids.paths[leaf]}  # fmt: skip
            places.update(at)
    stale = tuple(row for row in rows if not row.answering)
    return Proof(len(kinds), len(grids.leaves), counted["hole"], counted["double"], tuple(findings), stale, marked)


def _living(session: WorkSession) -> _Grids:
    rows = tree(session)
    ids = {row.code: row.id for row in rows}
    paths: dict[int, tuple[int, ...]] = {}
    for row in rows:
        above = paths[ids[row.parent]] if row.parent else ()
        paths[row.id] = (*above, row.id)
    leaves = frozenset(row.id for row in rows if row.leaf)
    below = Counter(grid_id for leaf in leaves for grid_id in paths[leaf])
    return _Grids({row.id: (row.code, row.name) for row in rows}, paths, leaves, below)


def _tops(grids: _Grids, leaves: Collection[int]) -> list[int]:
    """The topmost grids of which every leaf is among these, by code."""
    here = Counter(grid_id for leaf in leaves for grid_id in grids.paths[leaf])
    tops = {next(each for each in grids.paths[leaf] if here[each] == grids.below[each]) for leaf in leaves}
    return sorted(tops, key=lambda top: grids.named[top][0])
