"""The clocks of a matter's tasks, its checks and its rounds: each stands as the life of the matter says.

They are brought in line with the matter after each step, so that no step can forget one.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from core.calendars.limits import Limit, Term, halved, parse_limit
from core.calendars.queries import calendar_of
from core.db.session import WorkSession
from core.matters import life
from core.matters.asked import CLAIMED, OFFERED, SELF, Taking
from core.matters.clocks import ENDED, end_clock, settle_due, start_clock, term_of
from core.matters.kinds import CHECK, REPORT_IN, TASK, WHOLE, MatterKind
from core.matters.models import Matter, MatterClock, MatterTask

URGENT: Final = 1
CLAIM_LIMIT: Final = Limit(2, "wh")
URGENT_CLAIM_LIMIT: Final = Limit(30, "min")
CHECK_LIMIT: Final = Limit(1, "wd")
NAME_OF: Final = {OFFERED: REPORT_IN, CLAIMED: TASK}
"""Which clock of a task runs while it is in a state."""


def follow_life(session: WorkSession, taking: Taking, before: str, clocks: list[MatterClock]) -> list[MatterClock]:
    """Bring the clocks in line with what a step made of the matter; gives all of them.

    :param before: the state from which it was taken.
    """
    matter, at = taking.matter, taking.at
    if matter.state not in life.ENDED:
        clocks += _new_round(session, matter, clocks, at)
    for task in taking.tasks:
        clocks += _follow_task(session, matter, taking.asked.kind, task, clocks, at)
    clocks += _follow_check(session, matter, before, clocks, at)
    settle_due(matter, clocks)
    return clocks


def _new_round(session: WorkSession, matter: Matter, clocks: list[MatterClock], at: dt.datetime) -> list[MatterClock]:
    """A new round has half of the time that the one before it had."""
    whole = [clock for clock in clocks if clock.name == WHOLE and clock.task_id is None]
    if not whole or whole[-1].round >= matter.round:
        return []
    last = whole[-1]
    if last.state != ENDED:
        end_clock(session, last, at)
    return [_start(session, matter, WHOLE, _half(last), at)]


def _half(clock: MatterClock) -> Term:
    """Half of what a clock ran for; of one that had a day for its end, half of the days until then."""
    term = term_of(clock)
    if isinstance(term, Limit):
        return halved(term)
    return Limit(max(1, (clock.due_at - clock.started_at).days // 2), "nd")


def _follow_task(
    session: WorkSession,
    matter: Matter,
    kind: MatterKind | None,
    task: MatterTask,
    clocks: list[MatterClock],
    at: dt.datetime,
) -> list[MatterClock]:
    """Let the clock run that belongs to the state of a task, and no other; the grid's own task has the matter's."""
    if task.role == SELF:
        return []
    own = [clock for clock in clocks if clock.task_id == task.id]
    wanted = NAME_OF.get(task.state)
    for clock in own:
        if clock.name != wanted and clock.state != ENDED:
            end_clock(session, clock, at)
    term = _term_of(matter, kind, task)
    if wanted is None or term is None or any(clock.name == wanted for clock in own):
        return []
    return [_start(session, matter, wanted, term, at, task)]


def _term_of(matter: Matter, kind: MatterKind | None, task: MatterTask) -> Term | None:
    if task.state == OFFERED:
        return URGENT_CLAIM_LIMIT if matter.priority == URGENT else CLAIM_LIMIT
    given = task.limit or (kind.limit if kind else None)
    if given is None:
        return None
    return parse_limit(given) if task.round == 1 else halved(parse_limit(given))


def _follow_check(
    session: WorkSession, matter: Matter, before: str, clocks: list[MatterClock], at: dt.datetime
) -> list[MatterClock]:
    """Whoever checks a result has a time limit too."""
    for clock in clocks:
        if clock.name == CHECK and clock.task_id is None and clock.state != ENDED and matter.state != life.FED_BACK:
            end_clock(session, clock, at)
    if matter.state != life.FED_BACK or before == life.FED_BACK:
        return []
    return [_start(session, matter, CHECK, CHECK_LIMIT, at)]


def _start(
    session: WorkSession, matter: Matter, name: str, term: Term, at: dt.datetime, task: MatterTask | None = None
) -> MatterClock:
    office = task.department_id if task else None
    calendar = calendar_of(session, office, since=at.date() - dt.timedelta(days=1))
    return start_clock(session, matter, name, term, at, calendar, task)
