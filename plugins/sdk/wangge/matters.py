"""The spine's matters, as figures for panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.db.session import WorkSession
from core.grids.models import GridState
from core.grids.views import GridView
from core.matters.models import Matter
from core.matters.queries import is_open, is_visible

__all__ = ["count_open"]


def count_open(
    session: WorkSession, grids: Sequence[GridView], by: InstrumentedAttribute[Any] | ColumnElement[Any]
) -> dict[int, dict[Any, int]]:
    """Open matters below each grid that the actor may see, counted by a column of a details table.

    :param by: column of a table whose key is ``matter_id``.
    :returns: grid id → value → number; values that do not occur are left out.
    """
    table = by.table if isinstance(by, ColumnElement) else by.class_.__table__
    leaf, top = aliased(GridState), aliased(GridState)
    statement = (
        select(top.grid_id, by, func.count())
        .select_from(table)
        .join(Matter, Matter.id == table.c.matter_id)
        .join(leaf, (leaf.grid_id == Matter.grid_id) & func.upper_inf(leaf.valid))
        .join(top, leaf.path.op("<@", is_comparison=True)(top.path) & func.upper_inf(top.valid))
        .where(top.grid_id.in_([grid.id for grid in grids]), is_open(), is_visible(session.actor))
        .group_by(top.grid_id, by)
    )
    counts: dict[int, dict[Any, int]] = {grid.id: {} for grid in grids}
    for grid_id, value, number in session.execute(statement):
        counts[grid_id][value] = number
    return counts
