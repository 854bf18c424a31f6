"""What a cell of the table of life is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.matters.asked import ASSIST, LEAD, Taking
from core.matters.guards import Guard
from core.matters.models import MatterTask

Effect = Callable[[Taking], None]
Tasks = Sequence[MatterTask]


@dataclass(frozen=True)
class Branch:
    """Another state that a step leads to.

    :param when: what holds of the round's tasks after the step.
    :param to: the state then; ``None`` leaves it as it is.
    """

    when: Callable[[Tasks], bool]
    to: str | None


@dataclass(frozen=True)
class About:
    """Which tasks a step can be about.

    :param states: that they are in; ``roles`` that they have.
    :param own: they must be the actor's or of their department, and that alone gives the right to the step.
    :param needed: the step is about one of them; otherwise it may be taken without one.
    """

    states: frozenset[str]
    roles: frozenset[str] = frozenset({LEAD, ASSIST})
    own: bool = True
    needed: bool = True


@dataclass(frozen=True)
class Transition:
    """One cell of the table.

    :param to: the state after the step unless a branch holds; ``None`` leaves it as it is.
    :param action: the right it needs in the matter's grid; empty where no right alone is enough.
    :param reporter: the reporter may take it without that right; ``handler`` likewise whoever handles it, ``lead``
        whoever works for the department that leads, ``part`` whoever works for one that has an open task.
    :param about: which task it is about.
    :param rules: what must hold of the matter and the actor; decides whether the step is offered.
    :param asks: what must come with the step.
    :param effect: what the step does beside the state.
    :param leads: it leads the matter on towards its end.
    :param evidence: the step for which kinds name the photos that this one asks for too; empty: the step itself.
    """

    step: str
    to: str | None
    action: str = ""
    reporter: bool = False
    handler: bool = False
    lead: bool = False
    part: bool = False
    about: About | None = None
    rules: tuple[Guard, ...] = ()
    asks: tuple[Guard, ...] = ()
    effect: Effect | None = None
    branches: tuple[Branch, ...] = ()
    leads: bool = False
    evidence: str = ""

    def targets(self, state: str) -> tuple[str, ...]:
        """The states in which the matter may be after it, when it was in this one."""
        found = (self.to, *(branch.to for branch in self.branches))
        return tuple(dict.fromkeys(to or state for to in found))
