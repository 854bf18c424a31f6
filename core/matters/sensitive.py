"""Which matters are sensitive, for whoever sends something out of the house."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from core.db.session import WorkSession
from core.matters.kinds import kind
from core.matters.models import Matter


def sensitive_matters(session: WorkSession, ids: Collection[str]) -> frozenset[str]:
    """Those of some matters whose kind is sensitive, or that no enabled plugin brings now: nobody knows of that."""
    if not ids:
        return frozenset()
    rows = session.execute(select(Matter.id, Matter.kind).where(Matter.id.in_([UUID(key) for key in ids])))
    return frozenset(str(key) for key, name in rows if (found := kind(name)) is None or found.sensitive)
