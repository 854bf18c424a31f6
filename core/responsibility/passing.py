"""Rows of the matrix pass with a grid that ends or is split to the grids that come in its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.db.session import WorkSession
from core.responsibility.models import Responsibility


def pass_on_claims(session: WorkSession, heirs: Mapping[int, Sequence[int]]) -> tuple[int, int]:
    """Make every row of these grids anew in each heir where its lead has none for the same; end it where a grid ends.

    Where grids with different leads are merged, all of them claim the heir: a person decides.

    :param heirs: id of a grid → ids of those that come in its place, its own among them where it goes on.
    :returns: how many ended, and how many were made.
    """
    living = Responsibility.ended_at.is_(None)
    here = select(Responsibility).where(Responsibility.grid_id.in_(heirs), living)
    rows = session.scalars(here.order_by(Responsibility.id).with_for_update()).all()
    now = clock.now()
    ending = [row for row in rows if row.grid_id not in heirs[row.grid_id]]
    for row in ending:
        row.version += 1
        row.ended_at = now
    session.flush()
    below = {heir for own in heirs.values() for heir in own}
    there = session.scalars(select(Responsibility).where(Responsibility.grid_id.in_(below), living))
    held = {_what(row, row.grid_id) for row in there}
    before = len(held)
    for row in rows:
        for heir in heirs[row.grid_id]:
            if _what(row, heir) not in held:
                held.add(_what(row, heir))
                session.add(
                    Responsibility(
                        kind=row.kind, category=row.category, grid_id=heir, lead_id=row.lead_id,
                        assistant_ids=row.assistant_ids, fallback_id=row.fallback_id, version=1, made_at=now,
                        ended_at=None,
                    )
                )  # fmt: skip
    session.flush()
    return len(ending), len(held) - before


def nobody_holds(_session: WorkSession, _grid_ids: Collection[int]) -> set[tuple[UUID, int]]:
    """Departments answer, no person holds a row."""
    return set()


def _what(row: Responsibility, grid_id: int) -> tuple[str, str, int, UUID]:
    return row.kind, row.category, grid_id, row.lead_id
