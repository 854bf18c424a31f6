"""Light descriptions of other rooms' tables that access reads: this room stands below theirs."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, ColumnElement, DateTime, Text, Uuid, column, func, table
from sqlalchemy.dialects.postgresql import TSTZRANGE

from core.db.base import SCHEMA, Ltree

GRID_STATE: Final = table(
    "grid_state",
    column("grid_id", BigInteger),
    column("code", Text),
    column("name", Text),
    column("path", Ltree),
    column("valid", TSTZRANGE),
    schema=SCHEMA,
)
DEPARTMENT: Final = table(
    "department", column("id", Uuid), column("name", Text), column("closed_at", DateTime(timezone=True)), schema=SCHEMA
)


def holds_now() -> ColumnElement[bool]:
    """Condition that a grid state is the current one."""
    return func.upper_inf(GRID_STATE.c.valid)
