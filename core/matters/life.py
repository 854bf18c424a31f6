"""The life of a matter: the table of steps. Only this module writes ``Matter.state``.

``TABLE`` is state × step → ``Transition``; a kind may switch steps off, never add states. Slugs are the API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core import clock
from core.access.policy import may, sees_all
from core.actor import Actor
from core.errors import Objection
from core.matters.kinds import MatterKind
from core.matters.models import Matter
from core.text import Text
from core.text import noop as _

REPORTED, ACCEPTED, SETTLING, CLOSED = "reported", "accepted", "settling", "closed"
REJECTED, WITHDRAWN = "rejected", "withdrawn"

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
    "suspended": _("suspended"),
    REJECTED: _("rejected"),
    "duplicate": _("duplicate"),
    WITHDRAWN: _("withdrawn"),
}
"""Every state a matter may be in, with its message id."""

ENDED: Final = frozenset({CLOSED, "rated", REJECTED, "duplicate", WITHDRAWN})
"""States in which the clock has stopped for good."""

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


@dataclass(frozen=True)
class StepInput:
    """What guards may look at beside matter and actor.

    :param photos: how many photos come with the step.
    :param has_place: whether a new place comes with it.
    """

    note: str = ""
    photos: int = 0
    has_place: bool = False


Guard = Callable[[Matter, MatterKind, Actor, StepInput], Objection | None]
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


def _asks_reason(_matter: Matter, _kind: MatterKind, _actor: Actor, given: StepInput) -> Objection | None:
    if given.note.strip():
        return None
    return Objection(Text(_("A reason is needed")), Text(_("Write it as the note")), "/note", "reason-needed")


def _asks_note_or_photo(_matter: Matter, _kind: MatterKind, _actor: Actor, given: StepInput) -> Objection | None:
    if given.note.strip() or given.photos:
        return None
    return Objection(Text(_("There is nothing to add")), Text(_("Write a note or add a photo")), "/note", "note-needed")


def _asks_place(_matter: Matter, _kind: MatterKind, _actor: Actor, given: StepInput) -> Objection | None:
    if given.has_place:
        return None
    return Objection(
        Text(_("The new place is missing")), Text(_("Give longitude and latitude")), "/place", "place-needed"
    )


def _asks_evidence(step: str) -> Guard:
    def guard(_matter: Matter, kind: MatterKind, _actor: Actor, given: StepInput) -> Objection | None:
        wanted = kind.evidence.get(step, 0)
        if given.photos >= wanted:
            return None
        return Objection(
            Text(_("This step needs %(n)s photos as evidence"), {"n": wanted}),
            Text(_("Add the photos that are missing")),
            "/files",
            "evidence-needed",
        )

    return guard


def _kind_settles(_matter: Matter, kind: MatterKind, _actor: Actor, _given: StepInput) -> Objection | None:
    if kind.settle_in_grid:
        return None
    return Objection(Text(_("Matters of this kind are not settled by the grid itself")), code="not-in-grid")


def _not_by_handler(matter: Matter, kind: MatterKind, actor: Actor, _given: StepInput) -> Objection | None:
    if kind.auto_close or matter.handler != actor.id:
        return None
    return Objection(
        Text(_("Whoever handled a matter of this kind does not close it")),
        Text(_("Ask a colleague of this grid or the desk to check and close it")),
        code="handler-closes",
    )


def _take(matter: Matter, actor: Actor) -> None:
    matter.handler, matter.handler_name = actor.id, actor.name


def _end(matter: Matter, _actor: Actor) -> None:
    matter.closed_at = clock.now()


_ACCEPT = Transition("accept", ACCEPTED, "matter.accept")
_REJECT = Transition("reject", REJECTED, "matter.reject", asks=(_asks_reason,), effect=_end)
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
    effect=_end,
)
_TAKE_BACK = Transition("withdraw", WITHDRAWN, "matter.reject", reporter=True, asks=(_asks_reason,), effect=_end)
_CANCEL = Transition("withdraw", WITHDRAWN, "matter.reject", asks=(_asks_reason,), effect=_end)
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


def allowed_to(matter: Matter, transition: Transition, actor: Actor, path: str | None) -> bool:
    """Whether the actor has the right to a step: as reporter, as handler, or by grant in the matter's grid.

    An unlocated matter lies in no subtree: only a grant for the whole instance reaches it.
    """
    if transition.reporter and matter.reporter == actor.id:
        return True
    if transition.handler and matter.handler == actor.id:
        return True
    return sees_all(actor, transition.action) if path is None else may(actor, transition.action, path).allowed


def possible(matter: Matter, kind: MatterKind, actor: Actor, path: str | None) -> list[Transition]:
    """The steps this actor may take now, in the order of the table.

    :param path: ``ltree`` of the matter's grid now; ``None`` while it is unlocated.
    """
    nothing = StepInput()
    return [
        transition
        for (state, step), transition in TABLE.items()
        if state == matter.state
        and step not in kind.steps_off
        and allowed_to(matter, transition, actor, path)
        and not any(guard(matter, kind, actor, nothing) for guard in transition.rules)
    ]


def find(matter: Matter, kind: MatterKind, step: str) -> Transition | None:
    """The cell of the table, unless the kind switched the step off."""
    return None if step in kind.steps_off else TABLE.get((matter.state, step))


def objections(
    guards: tuple[Guard, ...], matter: Matter, kind: MatterKind, actor: Actor, given: StepInput
) -> list[Objection]:
    """What the guards have against the step."""
    found = (guard(matter, kind, actor, given) for guard in guards)
    return [objection for objection in found if objection is not None]


def apply(matter: Matter, transition: Transition, actor: Actor) -> None:
    """Change the matter as the table says, and count its version."""
    if transition.to is not None:
        matter.state = transition.to
    if transition.effect is not None:
        transition.effect(matter, actor)
    matter.version += 1
    matter.last_step, matter.last_at = transition.step, clock.now()
