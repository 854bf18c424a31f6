"""Who is told of a step: the departments that are called, and whoever has to find another one."""

from __future__ import annotations

from uuid import UUID

from core.access.granted import people_who_may, staff_who_may
from core.matters.asked import CLAIM, CLAIMED, OFFERED, Taking
from core.notices.service import tell
from core.notices.views import About
from core.text import Text
from core.text import noop as _

CALLED = _("%(title)s (%(number)s): your department is called; report in, or decline with a reason")
DECLINED = _("%(title)s (%(number)s): a department declined its task; another one is needed")
AGAIN = _("%(title)s (%(number)s) was sent back: %(note)s")


def tell_of_step(taking: Taking, step: str) -> None:
    """Tell those whose turn it is after a step, but for whoever took it."""
    if step in {"whistle", "assign"}:
        new = {task.department_id for task in taking.present if task.offered_at == taking.at and task.state == OFFERED}
        offices = [office for office in new if office is not None]
        _tell(taking, staff_who_may(taking.session, CLAIM, offices), CALLED)
    elif step == "decline" and taking.asked.path is not None:
        _tell(taking, set(people_who_may(taking.session, "matter.assign", taking.asked.path)), DECLINED)
    elif step == "send_back":
        again = {task.handler for task in taking.present if task.state == CLAIMED}
        _tell(taking, {person for handler in again if (person := person_of(handler))}, AGAIN)


def person_of(actor_id: str | None) -> UUID | None:
    """The person behind an actor's id, where that is one: the command line reads no notices."""
    try:
        return UUID(actor_id) if actor_id else None
    except ValueError:
        return None


def _tell(taking: Taking, people: set[UUID], said: str) -> None:
    matter, own = taking.matter, taking.asked.actor.user_id
    values = {"title": matter.title, "number": matter.number, "note": taking.asked.given.note.strip()}
    about = About("matter", str(matter.id))
    tell(taking.session, sorted(people - {own} if own else people), Text(said, values), about, asks=True)
