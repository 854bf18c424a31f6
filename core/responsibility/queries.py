"""Reads of the responsibility matrix."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, tuple_

from core.db.session import WorkSession
from core.grids.queries import grids_by_ids
from core.grids.views import GridView
from core.org.queries import departments, offices
from core.responsibility.matrix import Matrix, subjects
from core.responsibility.models import Responsibility
from core.responsibility.views import Claim, Holding


def claims(session: WorkSession) -> list[Claim]:
    """All rows of the matrix, by what they are for and by grid."""
    return _read(session, true())


def claims_by_ids(session: WorkSession, ids: Collection[UUID]) -> list[Claim]:
    """The living rows among ``ids``."""
    return _read(session, Responsibility.id.in_(ids))


def responsible(session: WorkSession, kind: str, category: str, grid: GridView) -> Holding:
    """Who answers for a kind of matter in a grid."""
    path = [int(label) for label in grid.path.split(".")]
    for_it = tuple_(Responsibility.kind, Responsibility.category).in_(subjects(kind, category))
    rows = _read(session, Responsibility.grid_id.in_(path), for_it)
    return Matrix(rows).holding(kind, category, path)


def offices_by_code(session: WorkSession) -> dict[str, UUID]:
    """Ids of the open departments."""
    return {office.code: office.id for office in departments(session)}


def _read(session: WorkSession, *where: ColumnElement[Any]) -> list[Claim]:
    rows = session.scalars(select(Responsibility).where(Responsibility.ended_at.is_(None), *where)).all()
    grids = grids_by_ids(session, {row.grid_id for row in rows})
    named = offices(session, {id for row in rows for id in (row.lead_id, *row.assistant_ids, row.fallback_id) if id})
    found = [
        Claim(
            row.id,
            row.kind,
            row.category,
            row.grid_id,
            grids[row.grid_id].code,
            grids[row.grid_id].name,
            tuple(map(int, grids[row.grid_id].path.split("."))),
            named[row.lead_id],
            tuple(named[id] for id in row.assistant_ids),
            named[row.fallback_id] if row.fallback_id else None,
            row.version,
        )
        for row in rows
    ]
    return sorted(found, key=lambda claim: (claim.kind, claim.category, claim.grid_code, claim.id))
