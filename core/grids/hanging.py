"""What hangs on a grid itself, as posts and grants do, passes with a retired grid to those that come in its place.

It has no place by which it could go to one of them: it is copied to every part of a grid that was split, and united
where grids were merged. Where one part is the grid itself, with its old code, it stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.db.session import WorkSession

Heirs = Mapping[int, Sequence[int]]
"""Id of a grid → ids of those that come in its place; its own among them where it goes on."""


@dataclass(frozen=True)
class Hanging:
    """Rows that hang on grids.

    :param name: ``schema.table``.
    :param pass_on: ends those of grids that are not their own heirs, and begins them in the heirs, in the transaction
        of the change; a person never gets twice what they hold in the heir already. Says how many ended, and how many
        began.
    :param held_in: who holds such rows in some grids, and in which of them.
    """

    name: str
    pass_on: Callable[[WorkSession, Heirs], tuple[int, int]]
    held_in: Callable[[WorkSession, Collection[int]], Iterable[tuple[UUID, int]]]


_hangings: dict[str, Hanging] = {}


def register(hanging: Hanging) -> None:
    """Let rows pass on with their grids."""
    _hangings[hanging.name] = hanging


def pass_on(session: WorkSession, heirs: Heirs) -> dict[str, tuple[int, int]]:
    """Pass on what hangs on grids that end or are split: table → how many rows ended, and how many began."""
    return {name: hanging.pass_on(session, heirs) for name, hanging in sorted(_hangings.items())}


def holders(session: WorkSession, grid_ids: Collection[int]) -> dict[UUID, frozenset[int]]:
    """Who holds something that hangs on these very grids: person → ids of the grids."""
    held = {pair for hanging in _hangings.values() for pair in hanging.held_in(session, grid_ids)}
    found: dict[UUID, list[int]] = {}
    for person, grid_id in sorted(held):
        found.setdefault(person, []).append(grid_id)
    return {person: frozenset(ids) for person, ids in found.items()}
