"""What is asked and told of the figures by grid: values, never rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from core.grids.periods import LastState, TouchedGrids
from core.grids.views import ChangeView, Level


@dataclass(frozen=True)
class FiguresFilter:
    """What is counted, as an address says it; what is left out has a default.

    :param since: first day, as ``2026-10-01`` in the instance's time zone; with ``before`` the last full month.
    :param before: the day before which the period ends.
    :param level: of the grids by which is counted; unset: the next below ``under``.
    :param under: code of a grid, living or ended; unset: the person's own, else the city.
    """

    since: str = ""
    before: str = ""
    level: str = ""
    under: str = ""


class Count(NamedTuple):
    """Matters in the boundaries of then, and of now; ``None`` where the grid did not stand, or stands no longer."""

    then: int | None
    now: int | None

    @property
    def difference(self) -> int:
        """How many more now than then."""
        return (self.now or 0) - (self.then or 0)


@dataclass(frozen=True)
class FigureRow:
    """One grid and its matters; ``code`` and ``name`` are the present ones, or its last where it ``ended``."""

    code: str
    name: str
    ended: dt.datetime | None
    count: Count


@dataclass(frozen=True)
class BoundaryChange:
    """A change of the boundaries since the period began, and what it concerns."""

    change: ChangeView
    touched: TouchedGrids
    within: bool


@dataclass(frozen=True)
class Figures:
    """What was counted: ``rows`` + ``coarser`` = ``inside``; ``inside`` + ``elsewhere`` + ``unlocated`` = all.

    :param levels: by which can be counted here.
    :param coarser: in a grid below the top that has no grid of the level above it.
    :param elsewhere: outside the top on this side, inside it on the other one.
    :param unlocated: in no grid; below the city all of them, else those that lie inside the top on the other side.
    :param partial: the person may not see all matters, and those are not counted.
    """

    since: dt.date
    before: dt.date
    level: Level
    levels: tuple[Level, ...]
    top: LastState
    rows: tuple[FigureRow, ...]
    coarser: Count
    inside: Count
    elsewhere: Count
    unlocated: Count
    total: int
    changes: tuple[BoundaryChange, ...]
    partial: bool
