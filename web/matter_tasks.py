"""The tasks of a matter and the fields of its steps, as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from flask_babel import gettext

from core.matters.asked import ASSIST, DECLINED, LEAD, SELF, WAIVED
from core.matters.inputs import input_of
from core.matters.views import ClockView, TaskView
from core.org.views import DepartmentView
from core.text import noop as _
from web.clock_words import clock_rows

ROLES: Final[Mapping[str, str]] = {LEAD: _("Leads"), ASSIST: _("Assists"), SELF: _("The grid itself")}
STATES: Final[Mapping[str, str]] = {
    "offered": _("waits to be taken up"),
    "claimed": _("in hand"),
    "declined": _("declined"),
    "done": _("done"),
    "waived": _("waived"),
}
TONES: Final = {"offered": "warn", "claimed": "info", "declined": "bad", "done": "ok"}
OUTCOMES: Final[Mapping[str, str]] = {
    "solved": _("Solved"),
    "partly": _("Solved in part"),
    "unsolved": _("Not solved"),
    "explained": _("Explained to the reporter"),
}
DROPPED: Final = frozenset({DECLINED, WAIVED})
"""States of tasks that nobody did: in time or late says nothing of them."""
MEANT: Final = frozenset({"claim", "decline", "feed_back", "waive"})
"""Steps that are about one task, named where several can be meant."""


def task_rows(tasks: Sequence[TaskView], clocks: Sequence[ClockView]) -> list[dict[str, Any]]:
    """The tasks of a matter, each with the clock that runs for it or ran last, unless it was dropped."""
    return [
        {
            "id": str(task.id),
            "office": task.office or gettext(ROLES[SELF]),
            "role": gettext(ROLES[task.role]),
            "state": gettext(STATES[task.state]),
            "tone": TONES.get(task.state, "neutral"),
            "round": task.round,
            "handler": task.handler,
            "binding": task.binding,
            "proposed": task.proposed,
            "clock": None if task.state in DROPPED else _clock_of(task, clocks),
        }
        for task in tasks
    ]


def _clock_of(task: TaskView, clocks: Sequence[ClockView]) -> dict[str, Any] | None:
    return next(iter(clock_rows([clock for clock in reversed(clocks) if clock.task == task.id][:1])), None)


def step_fields(
    steps: Sequence[str],
    tasks: Sequence[TaskView],
    open_to: Mapping[str, Sequence[UUID]],
    offices: Sequence[DepartmentView],
) -> dict[str, list[dict[str, Any]]]:
    """By step the fields that it alone asks for, as the macro `field` takes them."""
    names = {task.id: task for task in tasks}
    choices = [(office.code, f"{office.name} ({office.code})") for office in offices]
    found: dict[str, list[dict[str, Any]]] = {}
    for step in steps:
        own = input_of(step).model_fields
        fields = []
        meant = [names[task] for task in open_to.get(step, ()) if task in names]
        if "task" in own and (len(meant) > 1 or (meant and step not in MEANT)):
            fields.append(_task_field(step, meant))
        if "lead" in own:
            fields.append(_field("lead", gettext("Leading department"), "choice", choices, required=True))
        if "department" in own:
            title = gettext("Proposed department") if step == "decline" else gettext("Department")
            fields.append(_field("department", title, "choice", choices, required=True))
        if "assist" in own:
            fields.append(_field("assist", gettext("Assisting departments"), "checks", choices))
        if "limit" in own:
            help = gettext("As 4wh, 3wd or 30nd; empty: as the kind says")
            fields.append(_field("limit", gettext("Time limit"), "text", help=help))
        if "outcome" in own:
            outcomes = [(value, gettext(title)) for value, title in OUTCOMES.items()]
            fields.append(_field("outcome", gettext("Outcome"), "radio", outcomes, required=True))
        found[step] = fields
    return found


def _task_field(step: str, meant: Sequence[TaskView]) -> dict[str, Any]:
    told = [
        (str(task.id), f"{task.office} · {gettext(ROLES[task.role])} · {gettext(STATES[task.state])}") for task in meant
    ]
    if step in MEANT:
        return _field("task", gettext("Task"), "choice", told, required=True)
    return _field("task", gettext("In place of"), "choice", told, help=gettext("Empty: one more department"))


def _field(
    name: str, title: str, kind: str, options: Sequence[tuple[str, str]] = (), *, required: bool = False, help: str = ""
) -> dict[str, Any]:
    return {
        "name": name,
        "pointer": f"/{name}",
        "title": title,
        "kind": kind,
        "options": list(options),
        "required": required,
        "help": help,
    }
