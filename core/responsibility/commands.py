"""What can be asked of the responsibility matrix, as values."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Offices:
    """Codes of the departments of a row.

    :param fallback: who answers where the lead does not; empty: nobody.
    """

    lead: str
    assistants: tuple[str, ...] = ()
    fallback: str = ""


@dataclass(frozen=True)
class AddClaim:
    """A new row.

    :param kind: with ``category`` what it is for, at most one of them; both empty: all matters.
    :param grid_code: it holds there and in all grids below.
    """

    kind: str
    category: str
    grid_code: str
    offices: Offices


@dataclass(frozen=True)
class ChangeClaim:
    """Other departments in a row.

    :param version: of the row as it was seen.
    """

    id: UUID
    version: int
    offices: Offices
