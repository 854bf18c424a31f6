"""Reads of the clocks of a matter."""

from __future__ import annotations

from uuid import UUID

from core.db.session import WorkSession, server_now
from core.matters.clocks import calendars_since, clocks_of, left_of, stage_title
from core.matters.kinds import kind
from core.matters.queries import find_matter
from core.matters.views import ClockView


def clocks_shown(session: WorkSession, matter_id: UUID) -> list[ClockView]:
    """The clocks of a matter as they stand now, the kind's own first.

    :raises NotFound: when there is none that the actor may know of.
    """
    row = find_matter(session, matter_id)
    now, clocks, found = server_now(session), clocks_of(session, matter_id), kind(row.kind)
    calendars = calendars_since(session, clocks, now)
    return [
        ClockView(
            name=clock.name,
            title=stage_title(found, clock.name),
            due_at=clock.due_at,
            left_s=left_of(clock, now, calendars.of(clock.department_id)),
            state=clock.state,
            provisional=clock.provisional,
            limit=clock.limit or "",
            started_at=clock.started_at,
            by_hand=found is not None and any(each.name == clock.name and not each.ends for each in found.stages),
            task=clock.task_id,
            round=clock.round,
        )
        for clock in clocks
    ]
