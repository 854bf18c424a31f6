"""What hangs on a grid itself, as posts and grants do, ends with it: it has no place by which it could go elsewhere.

It never passes to the grids that come instead: whoever held a part would hold more, or another part, by nobody's act.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.db.session import WorkSession

End = Callable[[WorkSession, Sequence[int]], int]


@dataclass(frozen=True)
class Hanging:
    """Rows that hang on grids.

    :param name: ``schema.table``.
    :param end: ends those of these grids, in the transaction of the change that retires them; says how many.
    """

    name: str
    end: End


_hangings: dict[str, Hanging] = {}


def register(hanging: Hanging) -> None:
    """Let rows end with their grids."""
    _hangings[hanging.name] = hanging


def end_with(session: WorkSession, retired: Sequence[int]) -> dict[str, int]:
    """End what hangs on grids that are being retired: table → number of rows."""
    return {name: hanging.end(session, retired) for name, hanging in sorted(_hangings.items())}
