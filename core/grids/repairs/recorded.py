"""Repairs that were done, as the record of changes has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.access.policy import require
from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.repairs.repairing import KIND
from core.text import noop as _


@dataclass(frozen=True)
class DecisionRecord:
    """One repair or import: who, when, why, each defect with what was decided.

    :param kind: of the change, ``repair`` or ``load``.
    :param defects: as ``decided.record_of`` wrote them; those of imports of before have no names.
    :param grids: of a repair the grids with their areas before and after.
    :param rehomed: table → rows that got another grid.
    """

    change_id: UUID
    kind: str
    version: int
    at: dt.datetime
    actor: str
    actor_name: str
    reason: str
    defects: Sequence[Mapping[str, Any]]
    grids: Sequence[Mapping[str, Any]]
    rehomed: Mapping[str, int]


@dataclass(frozen=True)
class RepairLine:
    """One repair in a list; ``defects`` counts them."""

    change_id: UUID
    at: dt.datetime
    actor: str
    actor_name: str
    reason: str
    defects: int


ONE = """
select id, kind, version, at, actor, actor_name, reason, coalesce(operations->0->'defects', '[]'),
  coalesce(operations->0->'grids', '[]'), coalesce(counts->'rehomed', '{}')
from core.grid_change where kind = any(:kinds) and id = :id
"""
LATEST = """
select id, at, actor, actor_name, reason, jsonb_array_length(operations->0->'defects')
from core.grid_change where kind = :kind order by version desc limit :limit
"""


def decision_record(session: WorkSession, change_id: UUID) -> DecisionRecord:
    """One repair, or an import with what was decided in it.

    :raises NotFound: when that change is neither.
    """
    require(session.actor, "grid.see")
    row = session.execute(text(ONE), {"kinds": [KIND, "load"], "id": change_id}).first()
    if row is None:
        raise NotFound(_("There is no such repair or import"))
    return DecisionRecord(*row)


def latest_repairs(session: WorkSession, limit: int = 10) -> list[RepairLine]:
    """The latest repairs, newest first."""
    require(session.actor, "grid.see")
    return [RepairLine(*row) for row in session.execute(text(LATEST), {"kind": KIND, "limit": limit})]
