"""The clocks of matters: started, stopped, taken up again and ended as the matter goes through its life.

Only this module, those that count anew and the ladder write a clock. ``Matter.due_at`` is the earliest end of those
that run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from core.calendars.course import Pause, passed, reckon, rungs
from core.calendars.limits import Term, parse_limit, parse_term
from core.calendars.queries import calendar_of
from core.calendars.working import Calendar
from core.db.base import new_id
from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.matters import life
from core.matters.kinds import CHECK, REPORT_IN, RESERVED, TASK, WHOLE, MatterKind
from core.matters.models import Matter, MatterClock, MatterTask
from core.text import Text
from core.text import noop as _

RUNNING, PAUSED, ENDED = "running", "paused", "ended"
OWN: Final[Mapping[str, str]] = {
    WHOLE: _("Time limit"),
    REPORT_IN: _("Report in"),
    TASK: _("Do the task"),
    CHECK: _("Check the result"),
}
"""What the clocks are for that no kind names."""


def clocks_of(session: WorkSession, matter_id: UUID) -> list[MatterClock]:
    """All clocks of a matter, the kind's own first, then in the order in which they end."""
    found = session.scalars(select(MatterClock).where(MatterClock.matter_id == matter_id))
    return sorted(found, key=lambda clock: (clock.round, clock.name != WHOLE, clock.due_at, clock.name))


def start_clock(
    session: WorkSession,
    matter: Matter,
    name: str,
    term: Term,
    at: dt.datetime,
    calendar: Calendar,
    task: MatterTask | None = None,
) -> MatterClock:
    """Let a clock run.

    :param calendar: by which it is counted, the city's or that of the department whose ``task`` it measures.
    """
    due = reckon(at, term, calendar)
    reached = rungs(at, due.at, term, calendar)
    clock = MatterClock(
        id=new_id(), matter_id=matter.id, name=name, limit=_written(term),
        department_id=task.department_id if task else None, task_id=task.id if task else None,
        round=matter.round, started_at=at, due_at=due.at, provisional=due.provisional, state=RUNNING, left_s=None,
        pauses=[], ended_at=None, rungs=list(reached), rung=0, next_at=reached[0],
    )  # fmt: skip
    session.add(clock)
    return clock


def start_all(
    session: WorkSession, matter: Matter, kind: MatterKind, term: Term | None, at: dt.datetime, calendar: Calendar
) -> list[MatterClock]:
    """Start what runs from the report on: the kind's own limit, and stages that begin with it."""
    started = [start_clock(session, matter, WHOLE, term, at, calendar)] if term else []
    started += _start_stages(session, matter, kind, "report", at, calendar)
    settle_due(matter, started)
    return started


def follow_step(
    session: WorkSession,
    matter: Matter,
    kind: MatterKind | None,
    step: str,
    before: str,
    done: Collection[str],
    at: dt.datetime,
) -> list[MatterClock]:
    """What a step does to the clocks of a matter that it took out of state ``before``; gives all of them.

    :param done: names of stages that are ticked off with it.
    """
    clocks = clocks_of(session, matter.id)
    living = [clock for clock in clocks if clock.state != ENDED]
    effect = life.clock_effect(before, matter.state)
    ends = {stage.name for stage in kind.stages if stage.ends == step} if kind else set()
    named = {clock.id for clock in living if clock.task_id is None and (clock.name in ends or clock.name in done)}
    gone = [clock for clock in living if effect == "end" or clock.id in named]
    begins = kind is not None and any(stage.starts == step for stage in kind.stages)
    if not (gone or begins or (living and effect)):
        return clocks
    for clock in gone:
        end_clock(session, clock, at)
    staying = [clock for clock in living if clock not in gone]
    if effect == "pause":
        _pause(session, staying, at)
    elif effect == "resume":
        _resume(session, staying, at)
    if kind is not None and begins and effect != "end":
        clocks += _start_stages(session, matter, kind, step, at, calendar_of(session, since=_day_before(at)))
    settle_due(matter, clocks)
    return clocks


def check_done(clocks: Iterable[MatterClock], kind: MatterKind | None, done: Collection[str], *, ends: bool) -> None:
    """Refuse to tick off what is no stage that runs, and to end the work with stages that are not ticked off.

    :raises Invalid: with a pointer into ``stages``.
    """
    living = {clock.name for clock in clocks if clock.state != ENDED and clock.name not in RESERVED}
    faults = [
        Objection(
            Text(_("No time limit named %(name)s runs for this matter"), {"name": name}),
            Text(_("Choose one of: %(known)s"), {"known": ", ".join(sorted(living)) or "–"}),
            f"/stages/{position}",
            "no-stage",
        )
        for position, name in enumerate(done)
        if name not in living
    ]
    if ends:
        by_itself = {stage.name for stage in kind.stages if stage.ends} if kind else set()
        faults += [
            Objection(
                Text(_("The part “%(name)s” is not ticked off"), {"name": stage_title(kind, name)}),
                Text(_("Tick off what is done")),
                "/stages",
                "stage-open",
            )
            for name in sorted(living - by_itself - set(done))
        ]
    if faults:
        raise Invalid(_("The step has faults"), objections=faults)


def stage_title(kind: MatterKind | None, name: str) -> Text:
    """What a clock is for, as message; the bare name of a stage while its plugin is away."""
    if name in OWN:
        return Text(OWN[name])
    return Text(next((stage.title for stage in kind.stages if stage.name == name), name) if kind else name)


def left_of(clock: MatterClock, at: dt.datetime, calendar: Calendar) -> int:
    """Seconds of its own time that a clock has left; negative when it is late."""
    if clock.left_s is not None:
        return clock.left_s
    return int(passed(at, clock.due_at, term_of(clock), calendar).total_seconds())


def snapshot(
    session: WorkSession, clocks: Sequence[MatterClock], at: dt.datetime, common: Calendar | None = None
) -> list[dict[str, Any]]:
    """The clocks as an event keeps them.

    :param common: the city's calendar, where it was read already.
    """
    calendars = calendars_since(session, clocks, at, common)
    return [
        {
            "name": clock.name,
            "due": clock.due_at.isoformat(),
            "left": left_of(clock, at, calendars.of(clock.department_id)),
            "state": clock.state,
        }
        | ({"task": str(clock.task_id)} if clock.task_id else {})
        for clock in clocks
    ]


def pauses_of(clock: MatterClock) -> list[Pause]:
    """Between which moments a clock stood still."""
    return [
        (dt.datetime.fromisoformat(begin), dt.datetime.fromisoformat(end) if end else None)
        for begin, end in clock.pauses
    ]


class Calendars:
    """The calendars of some clocks, each read once, as far as it is needed."""

    def __init__(self, session: WorkSession, since: dt.datetime, known: Mapping[UUID | None, Calendar]) -> None:
        self._session, self._since = session, _day_before(since)
        self._known = dict(known)

    def of(self, department_id: UUID | None) -> Calendar:
        """The city's, or a department's."""
        if department_id not in self._known:
            self._known[department_id] = calendar_of(self._session, department_id, since=self._since)
        return self._known[department_id]


def calendars_since(
    session: WorkSession, clocks: Iterable[MatterClock], at: dt.datetime, common: Calendar | None = None
) -> Calendars:
    """The calendars by which is told what these clocks have left at a moment."""
    since = min([at, *(clock.due_at for clock in clocks if clock.left_s is None)])
    return Calendars(session, since, {None: common} if common else {})


def _start_stages(
    session: WorkSession, matter: Matter, kind: MatterKind, step: str, at: dt.datetime, calendar: Calendar
) -> list[MatterClock]:
    wanted = [stage for stage in kind.stages if stage.starts == step]
    return [start_clock(session, matter, stage.name, parse_limit(stage.limit), at, calendar) for stage in wanted]


def end_clock(session: WorkSession, clock: MatterClock, at: dt.datetime) -> None:
    """Let a clock stop for ever."""
    since = min(at, clock.due_at)
    clock.left_s = left_of(clock, at, calendar_of(session, clock.department_id, since=_day_before(since)))
    clock.state, clock.ended_at, clock.next_at = ENDED, at, None


def _pause(session: WorkSession, clocks: Iterable[MatterClock], at: dt.datetime) -> None:
    for clock in clocks:
        since = min(at, clock.due_at)
        clock.left_s = left_of(clock, at, calendar_of(session, clock.department_id, since=_day_before(since)))
        clock.pauses = [*clock.pauses, [at.isoformat(), None]]
        clock.state, clock.next_at = PAUSED, None


def _resume(session: WorkSession, clocks: Iterable[MatterClock], at: dt.datetime) -> None:
    for clock in clocks:
        clock.pauses = [*clock.pauses[:-1], [clock.pauses[-1][0], at.isoformat()]]
        clock.state, clock.left_s = RUNNING, None
        count_anew(clock, calendar_of(session, clock.department_id, since=_day_before(clock.started_at)))


def count_anew(clock: MatterClock, calendar: Calendar) -> None:
    """Reckon a clock from its start by a calendar; who was told of a part of it is not told again."""
    term, pauses = term_of(clock), pauses_of(clock)
    if clock.limit is None:
        stops, goes_on = pauses[-1] if pauses else (clock.due_at, None)
        lasted = goes_on - stops if goes_on and stops < clock.due_at else dt.timedelta()
        clock.due_at, clock.rungs = clock.due_at + lasted, [at + lasted for at in clock.rungs]
    else:
        due = reckon(clock.started_at, term, calendar, pauses)
        clock.due_at, clock.provisional = due.at, due.provisional
        clock.rungs = list(rungs(clock.started_at, due.at, term, calendar, pauses))
    running = clock.state == RUNNING and clock.rung < len(clock.rungs)
    clock.next_at = clock.rungs[clock.rung] if running else None


def settle_due(matter: Matter, clocks: Iterable[MatterClock]) -> None:
    """The earliest end of those that run; once all have ended that of the whole, while all stand still none."""
    clocks = list(clocks)
    running = [clock.due_at for clock in clocks if clock.state == RUNNING]
    whole = [clock.due_at for clock in clocks if clock.name == WHOLE] or [clock.due_at for clock in clocks]
    if running:
        matter.due_at = min(running)
    elif all(clock.state == ENDED for clock in clocks):
        matter.due_at = max(whole, default=matter.due_at)
    else:
        matter.due_at = None


def term_of(clock: MatterClock) -> Term:
    """What it runs for; a clock from before they were kept runs in natural time."""
    return parse_term(clock.limit) if clock.limit else clock.due_at.date()


def _written(term: Term) -> str:
    return term.isoformat() if isinstance(term, dt.date) else f"{term.amount}{term.unit}"


def _day_before(at: dt.datetime) -> dt.date:
    """From where on a calendar is needed, in whatever time zone."""
    return at.date() - dt.timedelta(days=1)
