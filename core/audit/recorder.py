"""Writes a journal entry for every insert and change of a ``Journalled`` row, at flush, in the same transaction.

Importing this module attaches the recorder to ``WorkSession``; ``core.assembly`` does so.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from geoalchemy2.elements import WKBElement, WKTElement
from sqlalchemy import event, inspect
from sqlalchemy.orm import UOWTransaction

from core import clock
from core.audit.models import JournalEntry
from core.db.base import Journalled
from core.db.session import WorkSession


def record(
    session: WorkSession,
    action: str,
    object_type: str,
    object_id: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add one entry by hand, for acts that are no change of a single row (export, reveal, import)."""
    session.add(
        JournalEntry(
            at=clock.now(),
            actor=session.actor.id,
            actor_name=session.actor.name,
            action=action,
            object_type=object_type,
            object_id=object_id,
            before=before,
            after=after,
        )
    )


@event.listens_for(WorkSession, "before_flush")
def _refuse_deletes(session: WorkSession, _context: UOWTransaction, _instances: Any) -> None:
    for row in session.deleted:
        if isinstance(row, Journalled):
            raise RuntimeError(f"{type(row).__name__} rows are closed, never deleted")


@event.listens_for(WorkSession, "after_flush")
def _record_changes(session: WorkSession, _context: UOWTransaction) -> None:
    for row in session.new:
        if isinstance(row, Journalled):
            _add(session, row, "insert", None, _values(row))
    for row in session.dirty:
        if isinstance(row, Journalled) and session.is_modified(row):
            before, after = _changes(row)
            if after:
                _add(session, row, "update", before, after)


def _add(
    session: WorkSession, row: Journalled, verb: str, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    state = inspect(row)
    assert state is not None
    table = str(state.mapper.local_table)
    key = ",".join(str(part) for part in state.mapper.primary_key_from_instance(row))
    record(session, f"{table}.{verb}", table, key, before=before, after=after)


def _values(row: Journalled) -> dict[str, Any]:
    state = inspect(row)
    assert state is not None
    return {
        column.key: _plain(state.attrs[column.key].value)
        for column in state.mapper.column_attrs
        if column.key not in row.__secret__ and state.attrs[column.key].value is not None
    }


def _changes(row: Journalled) -> tuple[dict[str, Any], dict[str, Any]]:
    state = inspect(row)
    assert state is not None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if not history.has_changes():
            continue
        secret = column.key in row.__secret__
        before[column.key] = "•" if secret else _plain(history.deleted[0] if history.deleted else None)
        after[column.key] = "•" if secret else _plain(history.added[0] if history.added else None)
    return before, after


def _plain(value: Any) -> Any:
    """A JSON value of a column's value."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, WKBElement | WKTElement):
        return value.desc
    return str(value)
