"""The list of matters: filters, tabs, cursor pages."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, not_, or_, select, tuple_

from core.access.outside import GRID_STATE, holds_now
from core.access.policy import require, sees_all, visible
from core.actor import Actor
from core.audit.recorder import record
from core.db.base import Ltree
from core.db.session import WorkSession
from core.errors import Refused
from core.grids.queries import NO_SUCH_GRID, grid_by_code
from core.matters import guards, life
from core.matters.conditions import has_handled, has_no_lead, is_in_hand, is_offered_to, is_open, is_overdue, is_visible
from core.matters.filters import OPEN, MatterFilter, Tab, fault, narrowed
from core.matters.kinds import kinds
from core.matters.models import Matter
from core.matters.queries import views_of
from core.matters.transitions import Transition
from core.matters.views import MatterPage, MatterView
from core.text import Text
from core.text import noop as _

TABS: Final[tuple[Tab, ...]] = ("mine", "reported", "area", "overdue")
PAGE: Final = 50
MOST: Final = 500
EXPORT_MOST: Final = 50_000
NEVER: Final = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


def list_matters(session: WorkSession, wanted: MatterFilter, cursor: str = "", limit: int = PAGE) -> MatterPage:
    """One page of the matters that the actor may know of.

    :raises Invalid: for an unknown grid, state, or a cursor that is none.
    """
    limit = max(1, min(limit, MOST))
    statement = _filtered(session, wanted)
    here = _read_cursor(cursor) if cursor else None
    back = here is not None and here.back
    if here is not None:
        statement = statement.where(_beyond(wanted, here))
    found = session.scalars(_ordered(statement, wanted, back=back).limit(limit + 1)).all()
    more, rows = len(found) > limit, list(found[:limit])
    if back and not more:
        return list_matters(session, wanted, "", limit)
    if back:
        rows.reverse()
    return MatterPage(
        tuple(views_of(session, rows)),
        _cursor(wanted, rows[-1]) if back or more else None,
        _cursor(wanted, rows[0], back=True) if rows and here is not None else None,
    )


def most_urgent(session: WorkSession, grid: str, limit: int) -> list[MatterView]:
    """The open matters of a grid and all below it, by deadline."""
    wanted = MatterFilter(grid=grid, state=OPEN)
    return views_of(session, session.scalars(_ordered(_filtered(session, wanted), wanted).limit(limit)))


def count_matters(session: WorkSession, wanted: MatterFilter, most: int | None = None) -> int:
    """How many the list holds in all its pages.

    :param most: counting ends after one more than these.
    """
    rows = _filtered(session, wanted)
    if most is not None:
        rows = rows.limit(most + 1)
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def count_open_of(session: WorkSession, names: Sequence[str]) -> int:
    """Open matters of some kinds in the whole city, whoever asks."""
    return session.scalar(select(func.count()).where(Matter.kind.in_(names), is_open())) or 0


def export_matters(session: WorkSession, wanted: MatterFilter) -> Sequence[MatterView]:
    """The whole list for a file; the export is written to the journal.

    :raises Refused: for more than ``EXPORT_MOST`` matters: a list that is cut off would pass for a whole one.
    """
    require(session.actor, "matter.export")
    rows = session.scalars(_ordered(_filtered(session, wanted), wanted).limit(EXPORT_MOST + 1)).all()
    if len(rows) > EXPORT_MOST:
        raise Refused(
            _("The list has more than %(most)s matters, too many for one file; narrow it by filters"), most=EXPORT_MOST
        )
    shown = {**asdict(wanted), "form": dict(wanted.form)}
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
    statement = statement.where(*narrowed(session, wanted))
    for word in wanted.q.replace("\0", "").split():
        statement = statement.where(Matter.search.icontains(word, autoescape=True))
    return statement


def _in_tab(actor: Actor, tab: Tab) -> ColumnElement[bool]:
    if tab == "reported":
        return Matter.reporter == actor.id
    if tab == "overdue":
        return is_overdue()
    if tab == "mine":
        waits = [_waits_for(actor, state, step) for state, step in life.WAY if step.action]
        return or_(is_in_hand(actor), is_offered_to(actor), *waits)
    return literal(True)


def _waits_for(actor: Actor, state: str, step: Transition) -> ColumnElement[bool]:
    """The step that leads on is the actor's to take: not where it is the handler's own to close what they handled."""
    here = (Matter.state == state) & _reachable(actor, step.action)
    if state == life.WHISTLED:
        return and_(here, has_no_lead())
    if guards.not_by_who_did_it in step.rules:
        return and_(here, not_(has_handled(actor)))
    if guards.kind_settles in step.rules:
        return and_(here, Matter.kind.not_in([kind.name for kind in kinds() if not kind.settle_in_grid]))
    if not step.handler:
        return here
    checked_by_others = [kind.name for kind in kinds() if not kind.auto_close]
    return and_(here, Matter.kind.in_(checked_by_others), not_(has_handled(actor)))


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
        raise fault("/state", Text(_("There is no state named %(name)s"), {"name": state}), known)
    return Matter.state == state


def _below(session: WorkSession, code: str) -> ColumnElement[bool]:
    view = grid_by_code(session, code)
    if view is None:
        raise fault("/grid", Text(NO_SUCH_GRID, {"code": code}))
    inside = GRID_STATE.c.path.op("<@", is_comparison=True)(literal(view.path, Ltree))
    return Matter.grid_id.in_(select(GRID_STATE.c.grid_id).where(holds_now(), inside))


def _sort_key(wanted: MatterFilter) -> ColumnElement[Any]:
    return func.coalesce(Matter.due_at, literal(NEVER)) if wanted.by_deadline else Matter.reported_at.expression


@dataclass(frozen=True)
class _Cursor:
    """The row that a page begins after, or ends before when it reads ``back``."""

    at: dt.datetime
    matter_id: UUID
    back: bool


def _ordered(statement: Select[Matter], wanted: MatterFilter, *, back: bool = False) -> Select[Matter]:
    key = _sort_key(wanted)
    if wanted.by_deadline != back:
        return statement.order_by(key, Matter.id)
    return statement.order_by(key.desc(), Matter.id.desc())


def _beyond(wanted: MatterFilter, cursor: _Cursor) -> ColumnElement[bool]:
    here = tuple_(_sort_key(wanted), Matter.id)
    there = tuple_(literal(cursor.at), literal(cursor.matter_id))
    return here > there if wanted.by_deadline != cursor.back else here < there


def _cursor(wanted: MatterFilter, row: Matter, *, back: bool = False) -> str:
    at = (row.due_at or NEVER) if wanted.by_deadline else row.reported_at
    place = [at.isoformat(), str(row.id), *(["back"] if back else [])]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> _Cursor:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        at, matter_id, *direction = json.loads(raw)
        moment = dt.datetime.fromisoformat(at)
        if moment.tzinfo is None or direction not in ([], ["back"]):
            raise ValueError("a cursor's time has an offset, its direction is back or none")
        return _Cursor(moment, UUID(matter_id), bool(direction))
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise fault("/cursor", Text(_("The cursor is not one that a list gave"))) from None
