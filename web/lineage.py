"""The history of a grid as its page tells it: one line per change, with what was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.grids.views import StateView


@dataclass(frozen=True)
class HistoryLine:
    """One change of a grid.

    :param after: the period that the change began.
    :param before: the period that it ended; ``None`` where the grid was born by it.
    """

    after: StateView
    before: StateView | None


def history_lines(periods: Sequence[StateView]) -> list[HistoryLine]:
    """A line for each of the periods, which come newest first."""
    return [HistoryLine(*pair) for pair in zip(periods, [*periods[1:], None], strict=True)]
