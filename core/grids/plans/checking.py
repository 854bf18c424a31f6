"""Operations carried out on the city as it stands, nothing written: what they come to, or which does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import Objection, Refused
from core.grids.plans.drawing import carry_out
from core.grids.plans.operations import Operation
from core.grids.plans.outcome import Outcome, outcome_of
from core.grids.plans.unfit import Unfit
from core.grids.plans.working import Mended, WorkingCopy
from core.grids.queries import grid_by_id
from core.text import noop as _

CONTENT = """
select g.id, s.code, s.state from unnest(cast(:ids as bigint[])) as g(id) left join lateral (
  select now.code, (select max(own.id) from core.grid_state own where own.grid_id = g.id and not own.noded) as state
  from core.grid_state now where now.grid_id = g.id and upper_inf(now.valid)
) s on true
"""
"""The newest state of a grid that is more than vertices in mid-edge; nothing where it is retired."""


@dataclass(frozen=True)
class CheckedPlan:
    """What operations come to.

    :param operations: those that fit.
    :param unfit: those that do not, with the reasons.
    :param drawn_on: grid id → state of every grid that would change, end or be divided.
    :param mended: what loaded layers needed to tile exactly, grid by grid.
    :param copy: the grids around as the operations leave them.
    """

    operations: tuple[Operation, ...]
    unfit: tuple[tuple[Operation, Refused], ...]
    outcome: Outcome
    drawn_on: dict[str, Any]
    copy: WorkingCopy
    mended: tuple[Mended, ...] = ()


def check_operations(
    session: WorkSession, parent_id: int, operations: Sequence[Operation], *, leave_out: bool = False
) -> CheckedPlan:
    """Carry operations out one after another.

    :param parent_id: the grid inside which they must stay.
    :param leave_out: go on without those that do not fit, instead of refusing.
    :raises Refused: with the first that does not fit.
    """
    copy = WorkingCopy(session)
    kept: list[Operation] = []
    unfit: list[tuple[Operation, Refused]] = []
    for number, operation in enumerate(operations):
        try:
            carry_out(copy, operation)
        except Refused as refusal:
            if not leave_out:
                fault = Objection(refusal.text, pointer=f"/operations/{number}")
                raise Unfit(
                    _("Operation %(number)s (%(op)s): %(why)s"),
                    place=refusal.place if isinstance(refusal, Unfit) else None,
                    objections=[fault],
                    number=number + 1,
                    op=operation.word,
                    why=refusal.text,
                ) from refusal
            unfit.append((operation, refusal))
        else:
            kept.append(operation)
    outcome = outcome_of(copy)
    _stay_inside(session, parent_id, outcome)
    divided = {node.parent for node in outcome.born}
    touched = [
        *(node.grid_id for node in outcome.retired),
        *(before.grid_id for before, _after in outcome.changed),
        *(node.grid_id for node in copy.nodes.values() if node.code in divided),
    ]
    ids = sorted({grid_id for grid_id in touched if grid_id is not None})
    drawn_on = {str(grid_id): state for grid_id, (_code, state) in _now(session, ids).items()}
    return CheckedPlan(tuple(kept), tuple(unfit), outcome, drawn_on, copy, tuple(copy.mended))


def stale(session: WorkSession, drawn_on: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The grids that are not what a plan was drawn on, with both states; vertices in mid-edge do not count."""
    now = _now(session, sorted(int(grid_id) for grid_id in drawn_on))
    return [
        {"id": grid_id, "code": code or "?", "theirs": state, "mine": drawn_on[str(grid_id)]}
        for grid_id, (code, state) in now.items()
        if state != drawn_on[str(grid_id)]
    ]


def _now(session: WorkSession, ids: Sequence[int]) -> dict[int, tuple[str | None, int | None]]:
    return {row[0]: (row[1], row[2]) for row in session.execute(text(CONTENT), {"ids": list(ids)})}


def _stay_inside(session: WorkSession, parent_id: int, outcome: Outcome) -> None:
    """Refuse what would change grids that do not lie in the plan's own."""
    place = grid_by_id(session, parent_id)
    if place is None:
        raise Refused(_("The grid of the plan is retired: withdraw the plan"))
    concerned = [node.grid_id for node in outcome.retired] + [before.grid_id for before, _after in outcome.changed]
    sql = text(
        "select code from core.grid_state where grid_id = any(:ids) and upper_inf(valid)"
        " and not path <@ cast(:path as ltree) order by code limit 1"
    )
    outside = session.scalar(sql, {"ids": concerned, "path": place.path})
    if outside is not None:
        raise Refused(
            _("Grid %(code)s lies outside %(parent)s: draw the plan in a grid that holds both"),
            code=outside,
            parent=place.code,
        )
