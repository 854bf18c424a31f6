"""What narrows a list of matters: its filter, and the conditions that its time limits and the kind's form give."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import JSON, ColumnElement, cast, exists, func
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import JSONB

from core import clock
from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.instance import instance_values
from core.matters.conditions import is_due_within, is_overdue
from core.matters.kinds import ID_COLUMN, kind
from core.matters.models import Matter
from core.text import Text
from core.text import noop as _

Tab = Literal["mine", "reported", "area", "overdue"]
OPEN: Final = "open"
"""Instead of a state: all in which the life of a matter goes on."""
LATE: Final = "late"
ANY: Final = "*"
FORM: Final = "form."
"""How an address names a field of the kind's form."""
MOST_DAYS: Final = 3660


@dataclass(frozen=True)
class MatterFilter:
    """What a list shows.

    :param grid: code of a grid; its whole subtree is meant.
    :param state: a state's slug, or ``open`` for all that have not ended.
    :param q: a part of title, text or number.
    :param due: ``late`` for open ones whose time is over, or a number of days: open ones due until the end of the
        day so many days from today, late ones not among them.
    :param since: first day, as ``2026-10-01`` in the instance's time zone, on which they were reported.
    :param form: fields of the kind's form and the values they must have, as texts; ``*`` is any value.
    """

    tab: Tab = "area"
    grid: str = ""
    state: str = ""
    kind: str = ""
    q: str = ""
    due: str = ""
    since: str = ""
    form: tuple[tuple[str, str], ...] = ()

    @property
    def by_deadline(self) -> bool:
        """Whether the most urgent comes first; otherwise the newest does."""
        return self.tab in {"mine", "overdue"} or self.state == OPEN


def narrowed(session: WorkSession, wanted: MatterFilter) -> list[ColumnElement[bool]]:
    """The conditions of ``due``, ``since`` and ``form``.

    :raises Invalid: for a day or a number that is none, or a field that the kind does not have.
    """
    found = []
    if wanted.due == LATE:
        found.append(is_overdue())
    elif wanted.due:
        found.append(is_due_within(session, _days(wanted.due)))
    if wanted.since:
        found.append(Matter.reported_at >= _start_of_day(session, wanted.since))
    return found + [_has_value(wanted.kind, name, value) for name, value in wanted.form]


def fault(pointer: str, text: Text, known: str = "", mend: Text | None = None) -> Invalid:
    """A fault of the filter, at the part that ``pointer`` names; ``known`` is what there is to choose from."""
    mend = Text(_("Choose one of: %(known)s"), {"known": known}) if known else mend
    return Invalid(_("The filter has faults"), objections=[Objection(text, mend, pointer, "unknown")])


def _days(due: str) -> int:
    if due.isascii() and due.isdigit() and len(due) <= 4 and int(due) <= MOST_DAYS:
        return int(due)
    raise fault("/due", Text(_("%(value)s is no number of days"), {"value": due}))


def _start_of_day(session: WorkSession, since: str) -> dt.datetime:
    try:
        day = clock.day(since)
        return dt.datetime.combine(day, dt.time(), instance_values(session).zone).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise fault("/since", Text(_("%(value)s is no day"), {"value": since})) from None


def _has_value(kind_name: str, name: str, value: str) -> ColumnElement[bool]:
    found = kind(kind_name)
    if found is None or found.form is None or found.table is None or name not in found.form.model_fields:
        known = ", ".join(found.form.model_fields) if found and found.form else ""
        raise fault(f"/form/{name}", Text(_("The kind has no field %(name)s"), {"name": name}), known)
    column: ColumnElement[Any] = found.table.c[name]
    held: ColumnElement[bool]
    if value == ANY:
        held = column.is_not(None)
    elif isinstance(column.type, JSON):
        held = func.jsonb_exists(cast(column, JSONB), value)
    else:
        held = cast(column, SqlText) == value.replace("\0", "")
    return exists().where(found.table.c[ID_COLUMN] == Matter.id, held)
