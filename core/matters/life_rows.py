"""The table of life as rows: what leads from which state to which, and who may take it."""

from __future__ import annotations

from dataclasses import dataclass

from core.matters import life
from core.matters.asked import SELF
from core.matters.transitions import Transition

DRAFT = "draft"


@dataclass(frozen=True)
class LifeRow:
    """One step from one state to one that it may lead to.

    :param who: rights that give it in the matter's grid, as ``matter.accept``, and who has it without one: the
        ``reporter``, the ``handler``, the ``lead`` department, a ``department`` with a task that the step is about, or
        one with a ``task`` that is open.
    """

    before: str
    step: str
    after: str
    who: tuple[str, ...]


def life_rows() -> list[LifeRow]:
    """Every step from every state; one that may lead to several states has a row for each."""
    first = LifeRow(DRAFT, "report", life.REPORTED, ("matter.report",))
    return [first] + [
        LifeRow(state, step, after, _who(transition))
        for (state, step), transition in life.TABLE.items()
        for after in transition.targets(state)
    ]


def _who(step: Transition) -> tuple[str, ...]:
    own = step.about is not None and step.about.own
    by_grid = step.about is not None and step.about.roles == {SELF}
    told = {
        "reporter": step.reporter,
        "handler": step.handler or (own and by_grid),
        "lead": step.lead,
        "department": own and not by_grid,
        "task": step.part,
    }
    return ((step.action,) if step.action else ()) + tuple(name for name, holds in told.items() if holds)
