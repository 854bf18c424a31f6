"""The life of a matter: the table of steps. Only this module writes ``Matter.state``.

``TABLE`` is state × step → ``Transition``; a kind may switch steps off, never add states. Slugs are the API.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from core.access.policy import may, sees_all
from core.actor import Actor
from core.errors import Objection
from core.matters.kinds import MatterKind
from core.matters.models import Matter
from core.text import Text
from core.text import noop as _

REPORTED, ACCEPTED, SETTLING, CLOSED = "reported", "accepted", "settling", "closed"
REJECTED, WITHDRAWN, SUSPENDED = "rejected", "withdrawn", "suspended"

STATES: Final[Mapping[str, str]] = {
    REPORTED: _("reported"),
    "verifying": _("being checked on site"),
    ACCEPTED: _("accepted"),
    SETTLING: _("being settled by the grid"),
    "whistled": _("offices called"),
    "handling": _("being handled"),
    "fed_back": _("result reported"),
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


@dataclass(frozen=True)
class StepInput:
    """What guards may look at beside matter and actor.

    :param photos: how many photos come with the step.
    :param has_place: whether a new place comes with it.
    :param stages: how many stages are ticked off with it.
    """

    note: str = ""
    photos: int = 0
    has_place: bool = False
    stages: int = 0


@dataclass(frozen=True)
class Asked:
    """What an actor wants to do, or might: the matter, its kind, and what comes with the step.

    :param kind: ``None`` while the plugin that brings it does not run: then nothing but a note is possible.
    :param path: ``ltree`` of the matter's grid now; ``None`` while it is unlocated.
    :param before: how many photos the matter has; ``after``: how many of them came since the grid began to settle it.
    """

    matter: Matter
    kind: MatterKind | None
    actor: Actor
    path: str | None
    given: StepInput = field(default_factory=StepInput)
    before: int = 0
    after: int = 0


ClockEffect = Literal["pause", "resume", "end"]
Guard = Callable[[Asked], Objection | None]
Effect = Callable[[Matter, Actor], None]


@dataclass(frozen=True)
class Transition:
    """One cell of the table.

    :param to: the state after the step; ``None`` leaves it as it is.
    :param action: the right it needs in the matter's grid.
    :param reporter: the reporter may take it without that right; ``handler`` likewise whoever handles it.
    :param rules: what must hold of the matter and the actor; decides whether the step is offered.
    :param asks: what must come with the step.
    :param effect: what the step does beside the state.
    """

    step: str
    to: str | None
    action: str
    reporter: bool = False
    handler: bool = False
    rules: tuple[Guard, ...] = ()
    asks: tuple[Guard, ...] = ()
    effect: Effect | None = None


def _asks_reason(asked: Asked) -> Objection | None:
    if asked.given.note.strip():
        return None
    return Objection(Text(_("A reason is needed")), Text(_("Write it as the note")), "/note", "reason-needed")


def _asks_note_or_photo(asked: Asked) -> Objection | None:
    if asked.given.note.strip() or asked.given.photos or asked.given.stages:
        return None
    return Objection(Text(_("There is nothing to add")), Text(_("Write a note or add a photo")), "/note", "note-needed")


def _asks_place(asked: Asked) -> Objection | None:
    if asked.given.has_place:
        return None
    return Objection(
        Text(_("The new place is missing")), Text(_("Give longitude and latitude")), "/place", "place-needed"
    )


def evidence_lacking(asked: Asked, step: str) -> int:
    """How many photos a step still asks for; one from before the work counts for its beginning, not for its end."""
    there = asked.after if step == "close" else asked.before
    needed = asked.kind.evidence.get(step, 0) if asked.kind else 0
    return max(0, needed - there - asked.given.photos)


def _asks_evidence(step: str) -> Guard:
    def guard(asked: Asked) -> Objection | None:
        lacking = evidence_lacking(asked, step)
        if not lacking:
            return None
        return Objection(
            Text(_("This step needs %(n)s photos as evidence"), {"n": lacking}),
            Text(_("Add the photos that are missing")),
            "/files",
            "evidence-needed",
        )

    return guard


def _kind_settles(asked: Asked) -> Objection | None:
    if asked.kind is None or asked.kind.settle_in_grid:
        return None
    return Objection(Text(_("Matters of this kind are not settled by the grid itself")), code="not-in-grid")


def _not_by_handler(asked: Asked) -> Objection | None:
    if asked.kind is None or asked.kind.auto_close or not asked.matter.is_handled_by(asked.actor.id):
        return None
    return Objection(
        Text(_("Whoever handled a matter of this kind does not close it")),
        Text(_("Ask a colleague of this grid or the desk to check and close it")),
        code="handler-closes",
    )


def _take(matter: Matter, actor: Actor) -> None:
    matter.handler, matter.handler_name = actor.id, actor.name


_ACCEPT = Transition("accept", ACCEPTED, "matter.accept")
_REJECT = Transition("reject", REJECTED, "matter.reject", asks=(_asks_reason,))
_SETTLE = Transition(
    "settle", SETTLING, "matter.settle", rules=(_kind_settles,), asks=(_asks_evidence("settle"),), effect=_take
)
_CLOSE = Transition(
    "close",
    CLOSED,
    "matter.close",
    handler=True,
    rules=(_not_by_handler,),
    asks=(_asks_evidence("close"),),
)
_TAKE_BACK = Transition("withdraw", WITHDRAWN, "matter.reject", reporter=True, asks=(_asks_reason,))
_CANCEL = Transition("withdraw", WITHDRAWN, "matter.reject", asks=(_asks_reason,))
_RELOCATE = Transition("relocate", None, "matter.relocate", asks=(_asks_place,))
_NOTE = Transition("note", None, "matter.note", reporter=True, handler=True, asks=(_asks_note_or_photo,))

TABLE: Final[Mapping[tuple[str, str], Transition]] = {
    (state, transition.step): transition
    for state, transitions in {
        REPORTED: (_ACCEPT, _REJECT, _TAKE_BACK, _RELOCATE, _NOTE),
        ACCEPTED: (_SETTLE, _TAKE_BACK, _RELOCATE, _NOTE),
        SETTLING: (_CLOSE, _CANCEL, _RELOCATE, _NOTE),
        CLOSED: (_NOTE,),
        REJECTED: (_NOTE,),
        WITHDRAWN: (_NOTE,),
    }.items()
    for transition in transitions
}


WAY: Final = tuple((state, step) for (state, _slug), step in TABLE.items() if step in (_ACCEPT, _SETTLE, _CLOSE))
"""From the report to the end: each state and the step that leads on from it."""

IN_USE: Final = tuple(dict.fromkeys(state for state, _slug in TABLE))
"""The states that a matter can be in, in the order of the table."""


def allowed_to(asked: Asked, transition: Transition) -> bool:
    """Whether the actor has the right to a step: as reporter, as handler, or by grant in the matter's grid.

    An unlocated matter lies in no subtree: only a grant for the whole instance reaches it.
    """
    matter, actor = asked.matter, asked.actor
    if transition.reporter and matter.reporter == actor.id:
        return True
    if transition.handler and matter.is_handled_by(actor.id):
        return True
    if asked.path is None:
        return sees_all(actor, transition.action)
    return may(actor, transition.action, asked.path).allowed


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
        and not objections(transition.rules, asked)
    ]


def find(asked: Asked, step: str) -> Transition | None:
    """The cell of the table, unless the kind switched the step off."""
    return None if asked.kind and step in asked.kind.steps_off else TABLE.get((asked.matter.state, step))


def objections(guards: tuple[Guard, ...], asked: Asked) -> list[Objection]:
    """What the guards have against the step."""
    found = (guard(asked) for guard in guards)
    return [objection for objection in found if objection is not None]


def clock_effect(before: str, after: str) -> ClockEffect | None:
    """What going from one state to another does to the clocks: they end with the life, and stand while suspended."""
    if after in ENDED:
        return "end" if before not in ENDED else None
    if (before == SUSPENDED) == (after == SUSPENDED):
        return None
    return "resume" if before == SUSPENDED else "pause"


def may_tick(asked: Asked) -> bool:
    """Whether the actor may say that a part of the work is done: who handles the matter, and who may settle it."""
    if asked.matter.is_handled_by(asked.actor.id):
        return True
    if asked.path is None:
        return sees_all(asked.actor, _SETTLE.action)
    return may(asked.actor, _SETTLE.action, asked.path).allowed


def apply(matter: Matter, transition: Transition, actor: Actor, at: dt.datetime) -> None:
    """Change the matter as the table says, and count its version."""
    if transition.to is not None:
        matter.state = transition.to
        matter.closed_at = (matter.closed_at or at) if transition.to in ENDED else None
    if transition.effect is not None:
        transition.effect(matter, actor)
    matter.version += 1
    matter.last_step, matter.last_at = transition.step, at
