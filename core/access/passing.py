"""Roles given in a grid that ends or is split pass to the grids that come in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from core import clock
from core.access.models import Grant
from core.db.session import WorkSession


def pass_on_grants(session: WorkSession, heirs: Mapping[int, Sequence[int]]) -> tuple[int, int]:
    """Give every role of these very grids in each heir where it is not held yet; take it back where a grid ends.

    :param heirs: id of a grid → ids of those that come in its place, its own among them where it goes on.
    :returns: how many were taken back, and how many were given.
    """
    living = Grant.revoked_at.is_(None)
    rows = session.scalars(select(Grant).where(Grant.grid_id.in_(heirs), living).order_by(Grant.id)).all()
    now = clock.now()
    ending = [row for row in rows if row.grid_id not in heirs[row.grid_id or 0]]
    for row in ending:
        row.revoked_at = now
    session.flush()
    below = {heir for own in heirs.values() for heir in own}
    there = select(Grant.user_id, Grant.role, Grant.grid_id).where(Grant.grid_id.in_(below), living)
    held = {(row.user_id, row.role, row.grid_id) for row in session.execute(there)}
    before = len(held)
    for row in rows:
        for heir in heirs[row.grid_id or 0]:
            if (row.user_id, row.role, heir) not in held:
                held.add((row.user_id, row.role, heir))
                session.add(
                    Grant(user_id=row.user_id, role=row.role, grid_id=heir, granted_by=session.actor.id, granted_at=now)
                )
    session.flush()
    return len(ending), len(held) - before
