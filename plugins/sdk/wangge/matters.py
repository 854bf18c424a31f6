"""The spine's matters, as figures for panels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.db.session import WorkSession
from core.grids.models import GridState
from core.grids.views import GridView
from core.matters.conditions import is_due_within, is_open, is_overdue, is_visible
from core.matters.models import Matter

__all__ = [
    "count_matters",
    "count_open",
    "is_due_within",
    "is_open",
    "is_overdue",
    "is_settled",
    "list_address",
    "reported_since",
]


def list_address(kind: str, grid: GridView, *, state: str = "", due: str = "", since: str = "", **form: str) -> str:
    """Address of the list of one kind's matters at and below a grid: what a figure that counts them links to.

    :param state: ``open`` or a state; ``due`` is ``late`` or a number of days, as :func:`is_due_within` takes it.
    :param since: first day on which they were reported, as ``2026-10-01``.
    :param form: fields of the kind's form and the values they have; ``*`` is any value.
    """
    asked = {"tab": "area", "kind": kind, "grid": grid.code, "state": state, "due": due, "since": since}
    fields = {f"form.{name}": value for name, value in form.items()}
    return "/matters?" + urlencode({name: value for name, value in (asked | fields).items() if value})


def reported_since(moment: dt.datetime) -> ColumnElement[bool]:
    """Condition that the matter was reported at that moment or later."""
    return Matter.reported_at >= moment


def is_settled() -> ColumnElement[bool]:
    """Condition that the matter was closed with a result, neither rejected nor withdrawn."""
    return Matter.state.in_(("closed", "rated"))


def count_open(
    session: WorkSession, grids: Sequence[GridView], by: InstrumentedAttribute[Any] | ColumnElement[Any]
) -> dict[int, dict[Any, int]]:
    """Open matters below each grid that the actor may see, counted by a column of a details table.

    :param by: column of a table whose key is ``matter_id``.
    :returns: grid id → value → number; values that do not occur are left out.
    """
    table = by.table if isinstance(by, ColumnElement) else by.class_.__table__
    return count_matters(session, grids, table, by, is_open())


def count_matters(
    session: WorkSession,
    grids: Sequence[GridView],
    table: FromClause,
    by: InstrumentedAttribute[Any] | ColumnElement[Any],
    *conditions: ColumnElement[bool],
) -> dict[int, dict[Any, int]]:
    """Matters below each grid that the actor may see, counted by an expression.

    :param table: a details table, whose key is ``matter_id``.
    :param by: expression over the table's columns and the conditions of this module.
    :param conditions: of the same; matters that do not fulfil them are not counted.
    :returns: grid id → value → number; values that do not occur are left out.
    """
    leaf, top = aliased(GridState), aliased(GridState)
    value = by.label("value")
    statement = (
        select(top.grid_id, value, func.count())
        .select_from(table)
        .join(Matter, Matter.id == table.c.matter_id)
        .join(leaf, (leaf.grid_id == Matter.grid_id) & func.upper_inf(leaf.valid))
        .join(top, leaf.path.op("<@", is_comparison=True)(top.path) & func.upper_inf(top.valid))
        .where(top.grid_id.in_([grid.id for grid in grids]), is_visible(session.actor), *conditions)
        .group_by(top.grid_id, value)
    )
    counts: dict[int, dict[Any, int]] = {grid.id: {} for grid in grids}
    for grid_id, found, number in session.execute(statement):
        counts[grid_id][found] = number
    return counts
