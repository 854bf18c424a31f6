"""What has to hold for a step, and what has to come with it; each guard answers with an objection or with nothing."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import Objection
from core.matters.asked import ASSIST, DECLINED, LEAD, OPEN, SELF, Asked
from core.matters.inputs import CloseInput, FeedBackInput, NoteInput, RelocateInput
from core.text import Text
from core.text import noop as _

Guard = Callable[[Asked], Objection | None]
ARBITRATE = "matter.arbitrate"
DECLINES = 2
"""After so many an arbiter decides whose it is."""


def asks_reason(asked: Asked) -> Objection | None:
    """A note that says why."""
    if asked.given.note.strip():
        return None
    return Objection(Text(_("A reason is needed")), Text(_("Write it as the note")), "/note", "reason-needed")


def asks_result(asked: Asked) -> Objection | None:
    """A note that says what was done."""
    if asked.given.note.strip():
        return None
    return Objection(Text(_("The result is missing")), Text(_("Write what was done")), "/note", "result-needed")


def asks_note_or_photo(asked: Asked) -> Objection | None:
    """Anything at all."""
    given = asked.given
    if given.note.strip() or given.files or (isinstance(given, NoteInput) and given.stages):
        return None
    return Objection(Text(_("There is nothing to add")), Text(_("Write a note or add a photo")), "/note", "note-needed")


def asks_place(asked: Asked) -> Objection | None:
    """A new place."""
    if isinstance(asked.given, RelocateInput) and asked.given.place is not None:
        return None
    return Objection(
        Text(_("The new place is missing")), Text(_("Give longitude and latitude")), "/place", "place-needed"
    )


def asks_each_office_once(asked: Asked) -> Objection | None:
    """No department is called twice, nor one that has a task that is open."""
    busy = {task.department_id for task in asked.present if task.state in OPEN and task.role != SELF}
    for pointer, office in asked.offices.items():
        if office in busy:
            mend = Text(_("Name each department once"))
            return Objection(Text(_("This department has a task here already")), mend, pointer, "office-twice")
        busy.add(office)
    return None


def asks_another_office(asked: Asked) -> Objection | None:
    """Whoever declines proposes somebody else."""
    if asked.task is None or asked.offices.get("/department") != asked.task.department_id:
        return None
    fault = Text(_("The department proposed is the one that declines"))
    return Objection(fault, Text(_("Propose the one whose task it is")), "/department", "same-office")


def evidence_lacking(asked: Asked, step: str) -> int:
    """How many photos a step still asks for; one from before the work counts for its beginning, not for its end."""
    there = asked.after if step == "close" else asked.before
    needed = asked.kind.evidence.get(step, 0) if asked.kind else 0
    return max(0, needed - there - len(asked.given.files))


def not_by_handler(asked: Asked) -> Objection | None:
    """Whoever handled it does not close it, but for kinds of which they may."""
    if asked.kind is None or asked.kind.auto_close or not asked.has_handled:
        return None
    return Objection(
        Text(_("Whoever handled a matter of this kind does not close it")),
        Text(_("Ask a colleague of this grid or the desk to check and close it")),
        code="handler-closes",
    )


def not_by_who_did_it(asked: Asked) -> Objection | None:
    """Nobody checks their own work."""
    if not asked.has_handled:
        return None
    return Objection(
        Text(_("Whoever handled a matter does not check its result")),
        Text(_("Ask a colleague of this grid or the desk to check it")),
        code="handler-verifies",
    )


def kind_settles(asked: Asked) -> Objection | None:
    """The grid may settle matters of this kind."""
    if asked.kind is None or asked.kind.settle_in_grid:
        return None
    return Objection(Text(_("Matters of this kind are not settled by the grid itself")), code="not-in-grid")


def closes_at_once(asked: Asked) -> Objection | None:
    """The kind is closed by who handled it, and nobody assists any more."""
    if asked.kind is not None and not asked.kind.auto_close:
        return Objection(
            Text(_("Matters of this kind are checked before they are closed")),
            Text(_("Report the result; somebody else checks it")),
            code="not-at-once",
        )
    return nobody_assists(asked)


def nobody_assists(asked: Asked) -> Objection | None:
    """No assisting task is open."""
    if not any(task.role == ASSIST and task.state in OPEN for task in asked.present):
        return None
    mend = Text(_("Wait for their results, or waive their tasks"))
    return Objection(Text(_("Departments that assist have not reported their results")), mend, code="assists-open")


def not_bound(asked: Asked) -> Objection | None:
    """What an arbiter decided is not declined."""
    if asked.task is None or not asked.task.binding:
        return None
    return Objection(
        Text(_("An arbiter decided that this task is this department's")),
        Text(_("Take it up; ask the arbiter to assign it anew if that was wrong")),
        code="binding",
    )


def arbiter_decides(asked: Asked) -> Objection | None:
    """After the second decline only an arbiter says whose it is."""
    declines = sum(task.state == DECLINED for task in asked.present)
    if declines < DECLINES or asked.may(ARBITRATE):
        return None
    return Objection(
        Text(_("Two departments declined: an arbiter decides whose it is")),
        Text(_("Ask the street's desk or a leader to assign it")),
        code="arbiter",
    )


def assists_are_done(asked: Asked) -> Objection | None:
    """Who leads reports the result of all."""
    return nobody_assists(asked) if asked.task is not None and asked.task.role == LEAD else None


def somebody_assists(asked: Asked) -> Objection | None:
    """The task that is waived is an assisting one."""
    if asked.task is None or asked.task.role == ASSIST:
        return None
    return Objection(
        Text(_("The task that leads cannot be waived")), Text(_("Assign it to another department")), "/task", "lead"
    )


def lead_only_adds(asked: Asked) -> Objection | None:
    """Who leads may call for help, yet not give away what others were given."""
    if asked.task is None or not asked.leads or asked.may("matter.assign"):
        return None
    return Objection(
        Text(_("Who leads calls others to assist; what others were given the desk assigns anew")),
        Text(_("Leave the task out, or ask the desk")),
        "/task",
        "lead-adds",
    )


def stages_ticked(asked: Asked) -> tuple[str, ...]:
    """Names of the stages that are ticked off with a step."""
    given = asked.given
    return given.stages if isinstance(given, NoteInput | CloseInput | FeedBackInput) else ()


def ends_the_work(asked: Asked, step: str) -> bool:
    """Whether the work is done with a step, so that all of its parts must be."""
    if step == "feed_back":
        return asked.task is not None and asked.task.role in {LEAD, SELF}
    return step == "close"
