"""What hangs on a grid itself, as posts and grants do, passes with a retired grid to those that come in its place.

It has no place by which it could go to one of them: it is copied to every part of a grid that was split, and united
where grids were merged. Where one part is the grid itself, with its old code, it stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
    """

    name: str
    pass_on: Callable[[WorkSession, Heirs], tuple[int, int]]


_hangings: dict[str, Hanging] = {}


def register(hanging: Hanging) -> None:
    """Let rows pass on with their grids."""
    _hangings[hanging.name] = hanging


def pass_on(session: WorkSession, heirs: Heirs) -> dict[str, tuple[int, int]]:
    """Pass on what hangs on grids that end or are split: table → how many rows ended, and how many began."""
    return {name: hanging.pass_on(session, heirs) for name, hanging in sorted(_hangings.items())}
