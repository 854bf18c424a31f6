"""What steps do beside the state: to the matter's tasks, its handler, its place. Only the table calls them."""

from __future__ import annotations

from uuid import UUID

from core.grids.queries import grid_by_id
from core.matters.asked import (
    ASSIST,
    CLAIMED,
    DECLINED,
    DONE,
    LEAD,
    OFFERED,
    OPEN,
    SELF,
    WAIVED,
    Taking,
)
from core.matters.guards import DECLINES
from core.matters.inputs import AssignInput, RelocateInput, VerifyInput, WhistleInput
from core.matters.models import MatterTask
from core.org.queries import offices as offices_of


def settle(taking: Taking) -> None:
    """The grid does it itself: a task of its own, taken up by whoever says so."""
    _add(taking, None, SELF)
    _take(taking, taking.tasks[-1])


def close(taking: Taking) -> None:
    """What was open of the work is done with it."""
    for task in taking.present:
        if task.state == CLAIMED:
            _end(taking, task, DONE)


def whistle(taking: Taking) -> None:
    """Offer a task to each department that is called; the grid's own task ends."""
    given = taking.asked.given
    assert isinstance(given, WhistleInput)
    for task in taking.present:
        if task.state in OPEN:
            _end(taking, task, WAIVED)
    taking.matter.handler = taking.matter.handler_name = None
    for pointer, office in taking.asked.offices.items():
        _add(taking, office, LEAD if pointer == "/lead" else ASSIST, given.limit)
    _name(taking, "lead", [taking.asked.offices["/lead"]])
    _name(taking, "assist", [office for pointer, office in taking.asked.offices.items() if pointer != "/lead"])


def claim(taking: Taking) -> None:
    """The department reported in: its task is in the hands of whoever said so."""
    task = _meant(taking)
    _take(taking, task)


def decline(taking: Taking) -> None:
    """The task goes back, with the department proposed."""
    task = _meant(taking)
    task.proposed_id = taking.asked.offices["/department"]
    _end(taking, task, DECLINED)
    _name(taking, "proposed", [task.proposed_id])


def assign(taking: Taking) -> None:
    """A department takes over a task, leads where nobody does, or assists; after two declines its word binds."""
    given, replaced = taking.asked.given, taking.asked.task
    assert isinstance(given, AssignInput)
    if replaced is None and not _led(taking):
        replaced = next((task for task in reversed(taking.present) if task.role == LEAD), None)
    role = replaced.role if replaced else ASSIST
    if replaced is not None and replaced.state in OPEN:
        _end(taking, replaced, WAIVED)
    if role == LEAD:
        taking.matter.handler = taking.matter.handler_name = None
    declines = sum(task.state == DECLINED for task in taking.present)
    office = taking.asked.offices["/department"]
    _add(taking, office, role, given.limit, binding=declines >= DECLINES)
    _name(taking, role, [office])


def waive(taking: Taking) -> None:
    """The department is not needed."""
    _end(taking, _meant(taking), WAIVED)


def feed_back(taking: Taking) -> None:
    """The result of one task is there."""
    _end(taking, _meant(taking), DONE)


def verify(taking: Taking) -> None:
    """What was found on looking at the result."""
    given = taking.asked.given
    assert isinstance(given, VerifyInput)
    taking.matter.outcome = given.outcome
    taking.facts["outcome"] = given.outcome


def send_back(taking: Taking) -> None:
    """A new round, in which whoever did a task does it again."""
    done = [task for task in taking.present if task.state == DONE]
    taking.matter.round += 1
    for task in done:
        _add(taking, task.department_id, task.role, task.limit)
        again = taking.tasks[-1]
        again.state, again.claimed_at = CLAIMED, taking.at
        again.handler, again.handler_name = task.handler, task.handler_name


def move(taking: Taking) -> None:
    """Put the matter at another place; the event keeps both grids, as they were called then, and both raw places."""
    matter, where, given = taking.matter, taking.where, taking.asked.given
    assert where is not None
    assert isinstance(given, RelocateInput)
    assert given.place is not None
    old = grid_by_id(taking.session, matter.grid_id) if matter.grid_id is not None else None
    new = where.grid
    taking.facts |= {
        "from_grid": old.code if old else None,
        "from_name": old.name if old else None,
        "to_grid": new.code if new else None,
        "to_name": new.name if new else None,
        "from_place": matter.raw_place,
        "to_place": given.place.raw(),
    }
    matter.place, matter.raw_place = where.geometry, given.place.raw()
    matter.grid_id = new.id if new else None


def drop_open(taking: Taking) -> None:
    """The matter ended: nobody has anything to do for it."""
    for task in taking.tasks:
        if task.state in OPEN:
            _end(taking, task, WAIVED)


def _meant(taking: Taking) -> MatterTask:
    task = taking.asked.task
    assert task is not None
    if task.department_id is not None:
        _name(taking, "task", [task.department_id])
    return task


def _led(taking: Taking) -> bool:
    return any(task.role == LEAD and task.state in OPEN for task in taking.present)


def _take(taking: Taking, task: MatterTask) -> None:
    actor = taking.asked.actor
    task.state, task.claimed_at = CLAIMED, taking.at
    task.handler, task.handler_name = actor.id, actor.name
    if task.role != ASSIST:
        taking.matter.handler, taking.matter.handler_name = actor.id, actor.name
    task.version += 1


def _end(taking: Taking, task: MatterTask, state: str) -> None:
    task.state, task.ended_at = state, taking.at
    task.version += 1


def _add(taking: Taking, office: UUID | None, role: str, limit: str | None = None, *, binding: bool = False) -> None:
    """A task that is offered. What ended before it is written first: a matter is led once at a time."""
    taking.session.flush()
    task = MatterTask(
        matter_id=taking.matter.id, department_id=office, role=role, state=OFFERED, round=taking.matter.round,
        version=1, limit=limit or None, binding=binding, offered_at=taking.at,
    )  # fmt: skip
    taking.session.add(task)
    taking.tasks.append(task)


def _name(taking: Taking, fact: str, offices: list[UUID]) -> None:
    """Keep in the event what departments were called then."""
    if offices:
        names = offices_of(taking.session, offices)
        taking.facts[fact] = [names[office].name for office in offices]
