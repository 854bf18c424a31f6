"""The list of matters: filters, tabs, cursor pages."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, literal, or_, select, tuple_

from core.access.outside import GRID_STATE, holds_now
from core.access.policy import require, sees_all, visible
from core.actor import Actor
from core.audit.recorder import record
from core.db.base import Ltree
from core.db.session import WorkSession
from core.errors import Invalid, Objection
from core.grids.queries import grid_by_code
from core.matters import life
from core.matters.models import Matter
from core.matters.queries import is_open, is_overdue, is_visible, views_of
from core.matters.views import MatterPage, MatterView
from core.text import Text
from core.text import noop as _

Tab = Literal["mine", "reported", "area", "overdue"]
TABS: Final[tuple[Tab, ...]] = ("mine", "reported", "area", "overdue")
OPEN: Final = "open"
PAGE: Final = 50
MOST: Final = 500
EXPORT_MOST: Final = 50_000
NEVER: Final = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
# What each right lets a person do next, by the state in which they wait for it.
NEXT: Final = ((life.REPORTED, "matter.accept"), (life.ACCEPTED, "matter.settle"), (life.SETTLING, "matter.close"))


@dataclass(frozen=True)
class MatterFilter:
    """What a list shows.

    :param grid: code of a grid; its whole subtree is meant.
    :param state: a state's slug, or ``open`` for all that have not ended.
    :param q: a part of title, text or number.
    """

    tab: Tab = "area"
    grid: str = ""
    state: str = ""
    kind: str = ""
    q: str = ""

    @property
    def by_deadline(self) -> bool:
        """Whether the most urgent comes first; otherwise the newest does."""
        return self.tab in {"mine", "overdue"}


def list_matters(session: WorkSession, wanted: MatterFilter, cursor: str = "", limit: int = PAGE) -> MatterPage:
    """One page of the matters that the actor may know of.

    :raises Invalid: for an unknown grid, state, or a cursor that is none.
    """
    limit = max(1, min(limit, MOST))
    statement = _filtered(session, wanted)
    if cursor:
        statement = statement.where(_after(wanted, cursor))
    rows = session.scalars(_ordered(statement, wanted).limit(limit + 1)).all()
    views = views_of(session, rows[:limit])
    return MatterPage(tuple(views), _cursor(wanted, rows[limit - 1]) if len(rows) > limit else None)


def count_matters(session: WorkSession, wanted: MatterFilter) -> int:
    """How many the list holds in all its pages."""
    return session.scalar(select(func.count()).select_from(_filtered(session, wanted).subquery())) or 0


def export_matters(session: WorkSession, wanted: MatterFilter) -> Sequence[MatterView]:
    """The whole list for a file; the export is written to the journal."""
    require(session.actor, "matter.export")
    rows = session.scalars(_ordered(_filtered(session, wanted), wanted).limit(EXPORT_MOST)).all()
    shown = {"tab": wanted.tab, "grid": wanted.grid, "state": wanted.state, "kind": wanted.kind, "q": wanted.q}
    record(session, "matter.export", "core.matter", "*", after={**shown, "rows": len(rows)})
    return views_of(session, rows)


def _filtered(session: WorkSession, wanted: MatterFilter) -> Select[Matter]:
    statement = select(Matter).where(is_visible(session.actor), _in_tab(session.actor, wanted.tab))
    if wanted.grid:
        statement = statement.where(_below(session, wanted.grid))
    if wanted.state:
        statement = statement.where(in_state(wanted.state))
    if wanted.kind:
        statement = statement.where(Matter.kind == wanted.kind)
    for word in wanted.q.replace("\0", "").split():
        statement = statement.where(Matter.search.icontains(word, autoescape=True))
    return statement


def _in_tab(actor: Actor, tab: Tab) -> ColumnElement[bool]:
    if tab == "reported":
        return Matter.reporter == actor.id
    if tab == "overdue":
        return is_overdue()
    if tab == "mine":
        waits = [(Matter.state == state) & _reachable(actor, action) for state, action in NEXT]
        handled = (Matter.handler == actor.id) & is_open()
        return or_(handled, *waits)
    return literal(True)


def _reachable(actor: Actor, action: str) -> ColumnElement[bool]:
    if sees_all(actor, action):
        return literal(True)
    held = any(action in grant.actions for grant in actor.grants)
    return Matter.grid_id.in_(visible(actor, action)) if held else false()


def in_state(state: str) -> ColumnElement[bool]:
    """Condition that a matter is in a state, or open.

    :raises Invalid: for a state that there is not.
    """
    if state == OPEN:
        return is_open()
    if state not in life.STATES:
        known = ", ".join((OPEN, *life.STATES))
        raise _fault("/state", Text(_("There is no state named %(name)s"), {"name": state}), known)
    return Matter.state == state


def _below(session: WorkSession, code: str) -> ColumnElement[bool]:
    view = grid_by_code(session, code)
    if view is None:
        raise _fault("/grid", Text(_("There is no grid with the code %(code)s"), {"code": code}))
    inside = GRID_STATE.c.path.op("<@", is_comparison=True)(literal(view.path, Ltree))
    return Matter.grid_id.in_(select(GRID_STATE.c.grid_id).where(holds_now(), inside))


def _fault(pointer: str, text: Text, known: str = "") -> Invalid:
    mend = Text(_("Choose one of: %(known)s"), {"known": known}) if known else None
    return Invalid(_("The filter has faults"), objections=[Objection(text, mend, pointer, "unknown")])


def _sort_key(wanted: MatterFilter) -> ColumnElement[Any]:
    return func.coalesce(Matter.due_at, literal(NEVER)) if wanted.by_deadline else Matter.reported_at.expression


def _ordered(statement: Select[Matter], wanted: MatterFilter) -> Select[Matter]:
    key = _sort_key(wanted)
    if wanted.by_deadline:
        return statement.order_by(key, Matter.id)
    return statement.order_by(key.desc(), Matter.id.desc())


def _after(wanted: MatterFilter, cursor: str) -> ColumnElement[bool]:
    at, matter_id = _read_cursor(cursor)
    here = tuple_(_sort_key(wanted), Matter.id)
    there = tuple_(literal(at), literal(matter_id))
    return here > there if wanted.by_deadline else here < there


def _cursor(wanted: MatterFilter, row: Matter) -> str:
    at = (row.due_at or NEVER) if wanted.by_deadline else row.reported_at
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), str(row.id)]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[dt.datetime, UUID]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        at, matter_id = json.loads(raw)
        moment = dt.datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a cursor's time has an offset")
        return moment, UUID(matter_id)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise _fault("/cursor", Text(_("The cursor is not one that a list gave"))) from None
