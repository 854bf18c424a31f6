"""The events of matters: a step of somebody, and what happens to many at once without one. Nothing else writes them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text

from core.db.base import new_id_text
from core.db.session import WorkSession
from core.matters.models import Matter, MatterEvent, MatterFile

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


@dataclass(frozen=True)
class Step:
    """A step that somebody took.

    :param id: the event's, made by the client.
    :param before: the state it was taken from.
    """

    id: UUID
    step: str
    before: str
    at: dt.datetime
    device_at: dt.datetime | None = None
    note: str = ""
    files: tuple[UUID, ...] = ()


def write_step(session: WorkSession, matter: Matter, taken: Step, facts: Mapping[str, Any]) -> MatterEvent:
    """Write the event of a step that was taken, with its photos; the row of the matter is locked already."""
    last = session.scalar(select(func.max(MatterEvent.seq)).where(MatterEvent.matter_id == matter.id))
    event = MatterEvent(
        id=taken.id,
        matter_id=matter.id,
        seq=(last or 0) + 1,
        step=taken.step,
        from_state=taken.before,
        to_state=matter.state,
        round=matter.round,
        actor=session.actor.id,
        actor_name=session.actor.name,
        actor_kind=session.actor.kind,
        at=taken.at,
        device_at=taken.device_at,
        note=taken.note.strip(),
        data=dict(facts),
    )
    session.add(event)
    session.flush()
    session.add_all(
        MatterFile(file_id=file_id, matter_id=matter.id, event_id=event.id, position=position)
        for position, file_id in enumerate(taken.files)
    )
    return event
