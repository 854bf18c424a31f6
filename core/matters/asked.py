"""A step that is asked for, and one that is being taken: what guards look at, and what effects change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.access.policy import may, sees_all
from core.actor import Actor
from core.db.session import WorkSession
from core.matters.inputs import StepInput
from core.matters.kinds import MatterKind
from core.matters.models import Matter, MatterTask
from core.matters.places import LocatedPlace

CLAIM = "matter.claim"
OFFERED, CLAIMED, DECLINED, DONE, WAIVED = "offered", "claimed", "declined", "done", "waived"
LEAD, ASSIST, SELF = "lead", "assist", "self"
OPEN = frozenset({OFFERED, CLAIMED})


@dataclass(frozen=True)
class Asked:
    """What an actor wants to do, or might: the matter, its kind, and what comes with the step.

    :param kind: ``None`` while the plugin that brings it does not run: then nothing but a note is possible.
    :param path: ``ltree`` of the matter's grid now; ``None`` while it is unlocated.
    :param before: how many photos the matter has; ``after``: how many of them came since the work began.
    :param tasks: all that were ever given out, the oldest first.
    :param task: the one that the step is about.
    :param offices: departments that the input names: JSON pointer → id.
    """

    matter: Matter
    kind: MatterKind | None
    actor: Actor
    path: str | None
    given: StepInput = field(default_factory=StepInput)
    before: int = 0
    after: int = 0
    tasks: tuple[MatterTask, ...] = ()
    task: MatterTask | None = None
    offices: Mapping[str, UUID] = field(default_factory=dict)

    @property
    def present(self) -> list[MatterTask]:
        """The tasks of this round."""
        return [task for task in self.tasks if task.round == self.matter.round]

    @property
    def handles(self) -> bool:
        """Whether the matter, or a task of it that is not done, is the actor's to handle."""
        return self.matter.is_handled_by(self.actor.id) or any(
            task.handler == self.actor.id for task in self.present if task.state == CLAIMED
        )

    @property
    def has_handled(self) -> bool:
        """Whether the actor handled the matter or a task of it, in whichever round."""
        return self.matter.is_handled_by(self.actor.id) or any(task.handler == self.actor.id for task in self.tasks)

    @property
    def leads(self) -> bool:
        """Whether the task that leads is the actor's, or their department's."""
        return any(self.owns(task) for task in self.present if task.role == LEAD and task.state == CLAIMED)

    @property
    def takes_part(self) -> bool:
        """Whether a task that is open is the actor's, or their department's."""
        return any(self.owns(task) for task in self.present if task.state in OPEN)

    def may(self, action: str) -> bool:
        """Whether the actor has a right in the matter's grid.

        An unlocated matter lies in no subtree: only a grant for the whole instance reaches it.
        """
        if self.path is None:
            return sees_all(self.actor, action)
        return may(self.actor, action, self.path).allowed

    def owns(self, task: MatterTask) -> bool:
        """Whether a task is the actor's to take up and do: their own, or of the department that they work for."""
        if self.actor.all_rights or task.handler == self.actor.id:
            return True
        own = self.actor.department_id
        return own is not None and task.department_id == own and may(self.actor, CLAIM).allowed


@dataclass
class Taking:
    """A step that is being taken; effects change the matter and its tasks, and add facts to the event.

    :param tasks: all tasks of the matter, those that the step makes among them.
    :param facts: what the event keeps.
    :param where: the new place, located.
    """

    session: WorkSession
    asked: Asked
    at: dt.datetime
    tasks: list[MatterTask]
    facts: dict[str, Any]
    where: LocatedPlace | None = None

    @property
    def matter(self) -> Matter:
        """The matter."""
        return self.asked.matter

    @property
    def present(self) -> Sequence[MatterTask]:
        """The tasks of this round."""
        return [task for task in self.tasks if task.round == self.matter.round]
