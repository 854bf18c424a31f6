"""The history of a grid as its page tells it: one line per change, with what was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from core.grids.handed import HandedGrid
from core.grids.retired import EndedGrid
from core.grids.views import StateView


@dataclass(frozen=True)
class HistoryLine:
    """One change of a grid.

    :param after: the period that the change began.
    :param before: the period that it ended; ``None`` where the grid was born by it.
    :param handed: the grids that came to lie right below it, or no longer do.
    :param day: the first day at whose end the new period held; ``None`` where another change followed on that day.
    """

    after: StateView
    before: StateView | None
    handed: Sequence[HandedGrid]
    day: dt.date | None


def history_lines(
    periods: Sequence[StateView], handed: Mapping[UUID, Sequence[HandedGrid]], zone: ZoneInfo
) -> list[HistoryLine]:
    """A line for each of the periods, which come newest first.

    :param handed: by change.
    """
    pairs = zip(periods, [*periods[1:], None], strict=True)
    return [HistoryLine(after, before, handed.get(after.change_id, ()), _day(after, zone)) for after, before in pairs]


def last_day(ended: EndedGrid, zone: ZoneInfo) -> dt.date | None:
    """The last day at whose end a grid that ended still held; ``None`` where it lived for less than a day."""
    last = ended.at.astimezone(zone).date() - dt.timedelta(days=1)
    return last if last >= ended.since.astimezone(zone).date() else None


def _day(period: StateView, zone: ZoneInfo) -> dt.date | None:
    first = period.valid_from.astimezone(zone).date()
    return first if period.valid_to is None or period.valid_to.astimezone(zone).date() > first else None
