"""Events of many matters at once: what happens to them without a step of somebody."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.db.base import new_id_text
from core.db.session import WorkSession

WRITE: Final = text("""
insert into core.matter_event
  (id, matter_id, seq, step, from_state, to_state, round, actor, actor_name, actor_kind, at, note, data)
select v.event, m.id, row_number() over (partition by m.id order by v.event)
    + (select coalesce(max(seq), 0) from core.matter_event e where e.matter_id = m.id),
  :step, m.state, m.state, m.round, :actor, :name, :kind, :at, '', cast(v.data as jsonb)
from unnest(cast(:events as uuid[]), cast(:matters as uuid[]), cast(:data as text[])) v(event, matter, data)
join core.matter m on m.id = v.matter
""")


def write_events(
    session: WorkSession, step: str, happened: Sequence[tuple[UUID | str, Mapping[str, Any]]], at: dt.datetime
) -> None:
    """Write an event for each matter and its facts; the matters' own versions stay, so that a step under way still
    holds. The rows of the matters are locked already.
    """
    if not happened:
        return
    session.execute(
        WRITE,
        {
            "step": step,
            "actor": session.actor.id,
            "name": session.actor.name,
            "kind": session.actor.kind,
            "at": at,
            "events": [new_id_text() for _matter in happened],
            "matters": [str(matter_id) for matter_id, _facts in happened],
            "data": [json.dumps(facts, ensure_ascii=False) for _matter, facts in happened],
        },
    )
