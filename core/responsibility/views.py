"""What other rooms read of the responsibility matrix: values, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from core.org.views import Office

Kinds = Mapping[str, str]
"""Name of each kind of matter that the instance knows → its category, empty for none."""
Defect = Literal["hole", "double"]


@dataclass(frozen=True)
class Claim:
    """One row of the matrix.

    :param kind: with ``category`` what it is for; both empty: all matters.
    :param path: ids of the grids from the root down to its own, by which it holds in all that lie below.
    """

    id: UUID
    kind: str
    category: str
    grid_id: int
    grid_code: str
    grid_name: str
    path: tuple[int, ...]
    lead: Office
    assistants: tuple[Office, ...]
    fallback: Office | None
    version: int

    @property
    def answering(self) -> Office | None:
        """The lead, or the fallback where the lead is closed; ``None`` where both are."""
        return next((office for office in (self.lead, self.fallback) if office and not office.closed), None)


@dataclass(frozen=True)
class Holding:
    """Who answers for one kind of matter in one grid.

    :param claims: the rows that hold there; with several that name different departments, a double claim.
    """

    claims: tuple[Claim, ...]

    @property
    def offices(self) -> tuple[Office, ...]:
        """The departments that lead: one where the matrix is exact, none in a hole."""
        found = {office.id: office for claim in self.claims if (office := claim.answering)}
        return tuple(found.values())

    @property
    def defect(self) -> Defect | None:
        """What keeps it from being exact."""
        if not self.offices:
            return "hole"
        return "double" if len(self.offices) > 1 else None


@dataclass(frozen=True)
class Finding:
    """A part of the city in which nobody, or more than one, answers for a kind of matter.

    :param grid_code: of the topmost grid of which every leaf has the defect.
    :param leaves: how many those are.
    :param claims: the rows that clash; empty for a hole.
    """

    kind: str
    defect: Defect
    grid_id: int
    grid_code: str
    grid_name: str
    leaves: int
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Proof:
    """What the matrix leaves open.

    :param kinds: how many kinds were asked for, over so many ``leaves``.
    :param holes: pairs of a kind and a leaf for which nobody answers; ``doubles`` for which more than one does.
    :param stale: rows that count no more, as their departments are closed.
    :param marked: defect → id of each grid in which it occurs → for how many kinds.
    """

    kinds: int
    leaves: int
    holes: int
    doubles: int
    findings: tuple[Finding, ...]
    stale: tuple[Claim, ...]
    marked: Mapping[Defect, Mapping[int, int]]

    @property
    def exact(self) -> bool:
        """Every kind has one lead in every leaf."""
        return not self.holes and not self.doubles
