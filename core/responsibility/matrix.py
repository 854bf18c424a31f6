"""The rule by which the matrix answers: the most precise rows first, then the nearest grid.

A row for the kind itself comes before one for its category, and that before one for all matters; among rows of one
precision those of the nearest grid hold, be it the asked grid itself or one above. Rows whose departments are
closed do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.responsibility.views import Claim, Holding

Subject = tuple[str, str]
"""Kind and category of a row, at most one of them given."""
NOBODY = Holding(())


def subjects(kind: str, category: str) -> list[Subject]:
    """What rows may be for to hold for a kind of matter, the most precise first."""
    return [(kind, ""), *([("", category)] if category else []), ("", "")]


class Matrix:
    """The rows that count, by what they are for and by their grid."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._rows: dict[Subject, dict[int, list[Claim]]] = {}
        for claim in claims:
            if claim.answering:
                there = self._rows.setdefault((claim.kind, claim.category), {})
                there.setdefault(claim.grid_id, []).append(claim)

    @property
    def grids(self) -> frozenset[int]:
        """Ids of the grids that have rows."""
        return frozenset(grid_id for rows in self._rows.values() for grid_id in rows)

    def holding(self, kind: str, category: str, path: Sequence[int]) -> Holding:
        """Who answers for a kind in the last grid of the path from the root."""
        for subject in subjects(kind, category):
            rows = self._rows.get(subject, {})
            for grid_id in reversed(path):
                if grid_id in rows:
                    return Holding(tuple(rows[grid_id]))
        return NOBODY
