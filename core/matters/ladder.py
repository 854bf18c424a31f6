"""The ladder of reminders: as parts of a time limit pass, more people are told, each step once.

Each batch is one transaction that writes the event, the notices and the next step together: a killed worker loses no
step and repeats none. Matters on which somebody acts at that moment are left to the next minute.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from core import actor as actors
from core.access.granted import staff_who_may
from core.calendars.course import PERCENTS
from core.calendars.queries import hold
from core.db.session import WorkSession, server_now, work
from core.instance import instance_values
from core.jobs.queue import Job
from core.matters.asked import CLAIM
from core.matters.clocks import stage_title
from core.matters.happenings import write_events
from core.matters.kinds import kind
from core.matters.life import REMINDED
from core.matters.watchers import Watchers
from core.notices.service import Telling, tell_many
from core.notices.views import About
from core.text import Text
from core.text import noop as _

LADDER: Final = "matters.ladder"
BATCH: Final = 10_000
DUE: Final = text("""
select c.id::text, c.name, c.rung, c.due_at, m.id::text as matter_id, m.grid_id, m.title, m.number, m.kind,
  case when c.task_id is null then m.handler else t.handler end as handler,
  case when t.handler is null then t.department_id end as office
from core.matter_clock c join core.matter m on m.id = c.matter_id left join core.matter_task t on t.id = c.task_id
where c.next_at <= :now order by c.next_at limit :most
for update of c, m skip locked
""")
CLIMB: Final = text("""
update core.matter_clock set rung = rung + 1, next_at = rungs[rung + 2] where id = any(cast(:ids as uuid[]))
""")
SKIP: Final = text("""
update core.matter_clock c set rung = p.rung, next_at = c.rungs[p.rung + 1]
from (select o.id, (select count(*)::int from unnest(o.rungs) at where at <= :now) as rung
  from core.matter_clock o where o.matter_id = :matter and o.state = 'running') p
where p.id = c.id and p.rung > c.rung
""")
PASSING: Final = _("%(title)s (%(number)s): %(percent)s%% of “%(clock)s” have passed, it is due %(due)s")
OVER: Final = _("%(title)s (%(number)s): “%(clock)s” is overdue since %(due)s")
LONG_OVER: Final = _("%(title)s (%(number)s): “%(clock)s” is overdue by half its time, since %(due)s")
MANY_PASSING: Final = _("%(n)s matters have %(percent)s%% of a time limit behind them")
MANY_OVER: Final = _("%(n)s matters are overdue")
EACH_MOST: Final = 10
"""Of more matters than this at once nobody is told one by one: the list of them says more."""
TO_DO: Final = About("matters", "area")
LATE: Final = About("matters", "overdue")
TOLD: Final = {50: PASSING, 80: PASSING, 100: OVER, 150: LONG_OVER}


def climb(timestamp: int) -> None:  # noqa: ARG001 given by the queue
    """Take every step of the ladder whose moment has come."""
    sweep()


def sweep() -> int:
    """Take every step of the ladder whose moment has come; gives how many there were."""
    watchers, taken = Watchers(), 0
    while found := _climb_batch(watchers):
        taken += found
    return taken


def skip_past(session: WorkSession, matter_id: UUID, now: dt.datetime) -> None:
    """Take the steps of a matter that are past as taken, and tell nobody: it was entered afterwards."""
    session.execute(SKIP, {"matter": matter_id, "now": now})


def _climb_batch(watchers: Watchers) -> int:
    with work(actors.job(LADDER)) as session:
        hold(session)
        now = server_now(session)
        rows = session.execute(DUE, {"now": now, "most": BATCH}).all()
        if not rows:
            return 0
        watchers.learn(session, {row.grid_id for row in rows})
        session.execute(CLIMB, {"ids": [row.id for row in rows]})
        _tell(session, rows, watchers, now)
    return len(rows)


def _tell(session: WorkSession, rows: Sequence[Row[Any]], watchers: Watchers, now: dt.datetime) -> None:
    """The event of each step, and the notices to those who are concerned by it."""
    zone = instance_values(session).zone
    happened: list[tuple[UUID | str, dict[str, Any]]] = []
    told: list[tuple[Row[Any], int, frozenset[UUID]]] = []
    groups: Counter[tuple[frozenset[UUID], int]] = Counter()
    waiting = {row.office for row in rows if row.office}
    offices = {office: frozenset(staff_who_may(session, CLAIM, [office])) for office in waiting}
    for row in rows:
        percent = PERCENTS[row.rung]
        people = watchers.told(row.grid_id, row.handler, percent)
        if row.office:
            people |= offices[row.office]
        happened.append((row.matter_id, {"name": row.name, "percent": percent, "due": row.due_at.isoformat()}))
        told.append((row, percent, people))
        groups[people, percent] += 1
    write_events(session, REMINDED, happened, now)
    concerned: Counter[tuple[UUID, int]] = Counter()
    for (people, percent), n in groups.items():
        concerned.update(dict.fromkeys(((person, percent) for person in people), n))
    many = {key: n for key, n in concerned.items() if n > EACH_MOST}
    singly = {key: frozenset(person for person in key[0] if (person, key[1]) not in many) for key in groups}
    tellings = [
        Telling(singly[people, percent], _said(row, percent, zone), About("matter", row.matter_id))
        for row, percent, people in told
        if singly[people, percent]
    ]
    tell_many(session, tellings, asks=True)
    tell_many(session, [_of_many(person, percent, n) for (person, percent), n in many.items()])


def _of_many(person: UUID, percent: int, n: int) -> Telling:
    """One notice instead of many of the same kind at once."""
    if percent < 100:
        return Telling(frozenset({person}), Text(MANY_PASSING, {"n": n, "percent": percent}), TO_DO)
    return Telling(frozenset({person}), Text(MANY_OVER, {"n": n}), LATE)


def _said(row: Row[Any], percent: int, zone: ZoneInfo) -> Text:
    values = {
        "title": row.title,
        "number": row.number,
        "percent": percent,
        "clock": stage_title(kind(row.kind), row.name),
        "due": f"{row.due_at.astimezone(zone):%Y-%m-%d %H:%M}",
    }
    return Text(TOLD[percent], values)


JOBS: Final = (Job(LADDER, climb, "* * * * *"),)
