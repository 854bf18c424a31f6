"""The life of a matter: the table of steps. Only this module writes ``Matter.state``.

``TABLE`` is state × step → ``Transition``; a kind may switch steps off, never add states. Slugs are the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from core.errors import Objection
from core.matters import effects, guards
from core.matters.asked import ASSIST, CLAIMED, DECLINED, LEAD, OFFERED, OPEN, SELF, Asked, Taking
from core.matters.guards import Guard
from core.matters.models import MatterTask
from core.matters.transitions import About, Branch, Tasks, Transition
from core.text import noop as _

REPORTED, ACCEPTED, SETTLING, WHISTLED = "reported", "accepted", "settling", "whistled"
HANDLING, FED_BACK, CLOSED = "handling", "fed_back", "closed"
REJECTED, WITHDRAWN, SUSPENDED = "rejected", "withdrawn", "suspended"

STATES: Final[Mapping[str, str]] = {
    REPORTED: _("reported"),
    "verifying": _("being checked on site"),
    ACCEPTED: _("accepted"),
    SETTLING: _("being settled by the grid"),
    WHISTLED: _("offices called"),
    HANDLING: _("being handled"),
    FED_BACK: _("result reported"),
    CLOSED: _("closed"),
    "rated": _("rated"),
    SUSPENDED: _("suspended"),
    REJECTED: _("rejected"),
    "duplicate": _("duplicate"),
    WITHDRAWN: _("withdrawn"),
}
"""Every state a matter may be in, with its message id."""

ENDED: Final = frozenset({CLOSED, "rated", REJECTED, "duplicate", WITHDRAWN})
"""States in which the clock stands: a matter has its ``closed_at`` exactly while it is in one of them."""

STEPS: Final[Mapping[str, str]] = {
    "report": _("Report"),
    "accept": _("Accept"),
    "reject": _("Reject"),
    "settle": _("Settle in the grid"),
    "whistle": _("Call departments"),
    "claim": _("Report in"),
    "decline": _("Decline"),
    "assign": _("Assign to a department"),
    "waive": _("Waive a task"),
    "feed_back": _("Report the result"),
    "verify": _("Check and close"),
    "send_back": _("Send back"),
    "close": _("Close the matter"),
    "withdraw": _("Withdraw"),
    "relocate": _("Move the pin"),
    "note": _("Add a note"),
}
"""Every step there is, with its message id; ``report`` is the first event, taken by reporting."""

REHOMED: Final = "rehome"
RECKONED: Final = "reckon"
REMINDED: Final = "remind"
EVENTS: Final[Mapping[str, str]] = {
    **STEPS,
    REHOMED: _("Grids changed"),
    RECKONED: _("Working calendar changed"),
    REMINDED: _("Reminder"),
}
"""What a timeline may hold, with its message id: the steps, and what happens to a matter without one."""

ClockEffect = Literal["pause", "resume", "end"]


def _nobody_leads(tasks: Tasks) -> bool:
    return not any(task.role == LEAD and task.state == CLAIMED for task in tasks)


def _tasks_left(tasks: Tasks) -> bool:
    return any(task.state in OPEN for task in tasks)


def _by_the_grid(tasks: Tasks) -> bool:
    return any(task.role == SELF and task.state == CLAIMED for task in tasks)


BEGIN_WORK: Final = frozenset({"settle", "claim", "send_back"})
"""Steps with which the work begins: a photo from before the last of them shows no end of it."""

_ANY: Final = frozenset({OFFERED, CLAIMED, DECLINED})
_ACCEPT = Transition("accept", ACCEPTED, "matter.accept", leads=True)
_REJECT = Transition("reject", REJECTED, "matter.reject", asks=(guards.asks_reason,))
_SETTLE = Transition(
    "settle", SETTLING, "matter.settle", rules=(guards.kind_settles,), effect=effects.settle, leads=True
)
_WHISTLE = Transition(
    "whistle", WHISTLED, "matter.whistle", asks=(guards.asks_each_office_once,), effect=effects.whistle, leads=True
)
_HAND_OVER = replace(_WHISTLE, leads=False)
_CLAIM = Transition(
    "claim", HANDLING, about=About(frozenset({OFFERED})), effect=effects.claim,
    branches=(Branch(_nobody_leads, None),), leads=True,
)  # fmt: skip
_DECLINE = Transition(
    "decline", None, about=About(frozenset({OFFERED})), rules=(guards.not_bound,),
    asks=(guards.asks_reason, guards.asks_another_office), effect=effects.decline,
)  # fmt: skip
_ASSIGN = Transition(
    "assign", None, "matter.assign", about=About(_ANY, own=False, needed=False), rules=(guards.arbiter_decides,),
    asks=(guards.asks_each_office_once,), effect=effects.assign, leads=True,
)  # fmt: skip
_REASSIGN = Transition(
    "assign", None, "matter.assign", lead=True, about=About(_ANY, own=False, needed=False),
    rules=(guards.arbiter_decides,), asks=(guards.lead_only_adds, guards.asks_each_office_once),
    effect=effects.assign, branches=(Branch(_nobody_leads, WHISTLED),),
)  # fmt: skip
_WAIVE = Transition(
    "waive", None, "matter.assign", lead=True, about=About(OPEN, frozenset({ASSIST}), own=False),
    asks=(guards.asks_reason,), effect=effects.waive,
)  # fmt: skip
_REPORT_BACK = Transition(
    "feed_back", FED_BACK, about=About(frozenset({CLAIMED})), rules=(guards.assists_are_done,),
    asks=(guards.asks_result,), effect=effects.feed_back, branches=(Branch(_tasks_left, None),), leads=True,
    evidence="close",
)  # fmt: skip
_REPORT_BACK_EARLY = Transition(
    "feed_back", None, about=About(frozenset({CLAIMED}), frozenset({ASSIST})), asks=(guards.asks_result,),
    effect=effects.feed_back, evidence="close",
)  # fmt: skip
_REPORT_BACK_SELF = Transition(
    "feed_back", FED_BACK, about=About(frozenset({CLAIMED}), frozenset({SELF})),
    asks=(guards.asks_result,), effect=effects.feed_back, evidence="close",
)  # fmt: skip
_VERIFY = Transition(
    "verify", CLOSED, "matter.verify", rules=(guards.not_by_who_did_it,), effect=effects.verify, leads=True
)
_SEND_BACK = Transition(
    "send_back", HANDLING, "matter.verify", rules=(guards.not_by_who_did_it,), asks=(guards.asks_reason,),
    effect=effects.send_back, branches=(Branch(_by_the_grid, SETTLING),),
)  # fmt: skip
_CLOSE = Transition(
    "close", CLOSED, "matter.close", handler=True, rules=(guards.not_by_handler,), effect=effects.close,
    leads=True,
)  # fmt: skip
_CLOSE_AT_ONCE = Transition("close", CLOSED, lead=True, rules=(guards.closes_at_once,), effect=effects.close)
_TAKE_BACK = Transition("withdraw", WITHDRAWN, "matter.reject", reporter=True, asks=(guards.asks_reason,))
_CANCEL = Transition("withdraw", WITHDRAWN, "matter.reject", asks=(guards.asks_reason,))
_RELOCATE = Transition("relocate", None, "matter.relocate", asks=(guards.asks_place,), effect=effects.move)
_NOTE = Transition(
    "note", None, "matter.note", reporter=True, handler=True, part=True, asks=(guards.asks_note_or_photo,)
)

TABLE: Final[Mapping[tuple[str, str], Transition]] = {
    (state, transition.step): transition
    for state, transitions in {
        REPORTED: (_ACCEPT, _REJECT, _TAKE_BACK, _RELOCATE, _NOTE),
        ACCEPTED: (_SETTLE, _WHISTLE, _TAKE_BACK, _RELOCATE, _NOTE),
        SETTLING: (_CLOSE, _REPORT_BACK_SELF, _HAND_OVER, _CANCEL, _RELOCATE, _NOTE),
        WHISTLED: (_CLAIM, _DECLINE, _REPORT_BACK_EARLY, _ASSIGN, _WAIVE, _TAKE_BACK, _RELOCATE, _NOTE),
        HANDLING: (_REPORT_BACK, _CLAIM, _DECLINE, _REASSIGN, _WAIVE, _CLOSE_AT_ONCE, _CANCEL, _RELOCATE, _NOTE),
        FED_BACK: (_VERIFY, _SEND_BACK, _CANCEL, _RELOCATE, _NOTE),
        CLOSED: (_NOTE,),
        REJECTED: (_NOTE,),
        WITHDRAWN: (_NOTE,),
    }.items()
    for transition in transitions
}


WAY: Final = tuple((state, step) for (state, _slug), step in TABLE.items() if step.leads)
"""From the report to the end: each state and the steps that lead on from it."""

IN_USE: Final = tuple(dict.fromkeys(state for state, _slug in TABLE))
"""The states that a matter can be in, in the order of the table."""


def allowed_to(asked: Asked, transition: Transition) -> bool:
    """Whether the actor has the right to a step: by who they are to the matter, or by grant in its grid."""
    if transition.reporter and asked.matter.reporter == asked.actor.id:
        return True
    if transition.handler and asked.handles:
        return True
    if (transition.lead and asked.leads) or (transition.part and asked.takes_part):
        return True
    about = transition.about
    if about is not None and about.own and any(asked.owns(task) for task in asked.present if task.role in about.roles):
        return True
    return asked.actor.all_rights or (bool(transition.action) and asked.may(transition.action))


def tasks_meant(asked: Asked, transition: Transition) -> list[MatterTask]:
    """The tasks of this round that the actor could mean with a step."""
    about = transition.about
    if about is None:
        return []
    fitting = [task for task in asked.present if task.state in about.states and task.role in about.roles]
    return [task for task in fitting if asked.owns(task)] if about.own else fitting


def needs_kind(step: str) -> bool:
    """Whether a step waits while the plugin that brings the matter's kind, and so its rules, does not run."""
    return step != "note"


def possible(asked: Asked) -> list[Transition]:
    """The steps this actor may take now, in the order of the table."""
    return [
        transition
        for (state, step), transition in TABLE.items()
        if state == asked.matter.state
        and not (needs_kind(step) if asked.kind is None else step in asked.kind.steps_off)
        and allowed_to(asked, transition)
        and any(not objections(transition.rules, each) for each in _about_each_task(asked, transition))
    ]


def _about_each_task(asked: Asked, transition: Transition) -> list[Asked]:
    """What may be meant with a step: one of the tasks, or none where it needs none."""
    without = [] if transition.about is not None and transition.about.needed else [asked]
    return without + [replace(asked, task=task) for task in tasks_meant(asked, transition)]


def find(asked: Asked, step: str) -> Transition | None:
    """The cell of the table, unless the kind switched the step off."""
    return None if asked.kind and step in asked.kind.steps_off else TABLE.get((asked.matter.state, step))


def objections(guards: tuple[Guard, ...], asked: Asked) -> list[Objection]:
    """What the guards have against the step."""
    found = (guard(asked) for guard in guards)
    return [objection for objection in found if objection is not None]


def evidence_lacking(asked: Asked, transition: Transition) -> int:
    """How many photos a step still asks for; an assisting department shows none: whoever leads does."""
    if asked.task is not None and asked.task.role == ASSIST:
        return 0
    return guards.evidence_lacking(asked, transition.evidence or transition.step)


def clock_effect(before: str, after: str) -> ClockEffect | None:
    """What going from one state to another does to the clocks: they end with the life, and stand while suspended."""
    if after in ENDED:
        return "end" if before not in ENDED else None
    if (before == SUSPENDED) == (after == SUSPENDED):
        return None
    return "resume" if before == SUSPENDED else "pause"


def may_tick(asked: Asked) -> bool:
    """Whether the actor may say that a part of the work is done: who handles the matter, and who may settle it."""
    return asked.handles or asked.leads or asked.may(_SETTLE.action)


def apply(taking: Taking, transition: Transition) -> None:
    """Change the matter and its tasks as the table says, and count its version."""
    matter = taking.matter
    if transition.effect is not None:
        transition.effect(taking)
    to = next((branch.to for branch in transition.branches if branch.when(taking.present)), transition.to)
    if to is not None:
        matter.state = to
        matter.closed_at = (matter.closed_at or taking.at) if to in ENDED else None
    if matter.state in ENDED:
        effects.drop_open(taking)
    matter.version += 1
    matter.last_step, matter.last_at = transition.step, taking.at
