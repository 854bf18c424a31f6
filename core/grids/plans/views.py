"""What other rooms read of plans: values, never rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from uuid import UUID

from core.grids.models import GridChange, GridPlan
from core.grids.plans.outcome import Outcome
from core.grids.plans.results import LeftOut
from core.grids.views import PlanState
from core.text import Text
from core.text import noop as _

STATE_WORDS: Final[Mapping[PlanState, str]] = {
    "draft": _("a draft"),
    "submitted": _("submitted"),
    "returned": _("returned"),
    "approved": _("approved"),
    "applied": _("applied"),
    "withdrawn": _("given up for good"),
}


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """What a plan is, without what it does.

    :param parent_id: the grid inside which it stays.
    :param comment: why somebody gave it back last.
    :param taken_back: whether it is returned because one of those who drew it took it back.
    :param made_by: id of who began it; ``made_by_name`` the name.
    :param decided_by: likewise of who approved it, gave or took it back, or gave it up; ``decided_at`` when. Nobody
        while it is drawn or waits for approval, whatever was decided on it before.
    :param refusal: why it could not be applied at its moment.
    :param apply_at: when a job applies it, once approved.
    """

    id: UUID
    title: str
    reason: str
    parent_id: int
    state: PlanState
    version: int
    comment: str
    refusal: Text | None
    made_by: str
    made_by_name: str
    made_at: dt.datetime
    submitted_at: dt.datetime | None
    decided_by: str | None
    decided_by_name: str | None
    decided_at: dt.datetime | None
    apply_at: dt.datetime | None
    effective_on: dt.date | None
    change_id: UUID | None
    taken_back: bool


@dataclass(frozen=True, kw_only=True)
class PlanView(PlanFacts):
    """A plan as it stands.

    :param operations: as they were drawn, in JSON; ``undone`` those taken back, the latest first.
    :param left_out: those that no longer fitted when it was drawn anew, until it is handed in.
    """

    operations: tuple[Mapping[str, Any], ...]
    undone: tuple[Mapping[str, Any], ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, kw_only=True)
class PlanLine(PlanFacts):
    """A plan in a list: with the number of its operations instead of them."""

    steps: int


@dataclass(frozen=True)
class AppliedPlan:
    """What an applied plan did.

    :param born: codes of grids that began with it; ``retired`` of those that ended, ``touched`` of those that go on
        otherwise than by vertices in mid-edge.
    :param rehomed: table → rows that have another grid.
    :param exact: the proof of every set of siblings that was touched.
    """

    plan: PlanView
    change_id: UUID
    version: int
    born: tuple[str, ...]
    retired: tuple[str, ...]
    touched: tuple[str, ...]
    rehomed: Mapping[str, int]
    exact: bool


@dataclass(frozen=True)
class ChangedGrid:
    """A grid before and after an applied change; a side is ``None`` where it did not live then.

    :param before_m2: its area in square metres (``after_m2`` likewise).
    :param old_code: the code that it bore before (``old_name`` likewise): of one that is born or ends its only one.
    """

    code: str
    name: str
    level: str
    before_m2: float | None
    after_m2: float | None
    old_code: str
    old_name: str


@dataclass(frozen=True)
class AppliedChange:
    """What stands in the record of an applied plan.

    :param rehomed: table → rows that have another grid; ``ended`` rows that ended with retired grids; ``copied`` rows
        that began in those that came instead.
    :param grids: those that changed, ended or began, by code; without those that only got vertices.
    :param following: how many grids lie elsewhere in the tree because one above them has another parent.
    :param followed: table → rows in or below grids that have another parent; none of a change of before it was counted.
    """

    version: int
    at: dt.datetime
    rehomed: Mapping[str, int]
    ended: Mapping[str, int]
    copied: Mapping[str, int]
    grids: tuple[ChangedGrid, ...]
    following: int
    followed: Mapping[str, int]


def view_of(plan: GridPlan) -> PlanView:
    """The plan as others read it."""
    return PlanView(
        **_facts(plan),
        operations=tuple(plan.operations),
        undone=tuple(plan.undone),
        left_out=tuple(map(LeftOut.from_json, plan.left_out)),
    )


def line_of(plan: GridPlan, steps: int) -> PlanLine:
    """The plan as a list shows it; its operations need not have been read."""
    return PlanLine(**_facts(plan), steps=steps)


def _facts(plan: GridPlan) -> dict[str, Any]:
    own: dict[str, Any] = {"refusal": _refusal(plan), "taken_back": _taken_back(plan)}
    if plan.state in ("draft", "submitted"):
        own |= {"decided_by": None, "decided_by_name": None, "decided_at": None}
    return {
        field.name: own[field.name] if field.name in own else getattr(plan, field.name) for field in fields(PlanFacts)
    }


def _refusal(plan: GridPlan) -> Text | None:
    return Text.from_json(plan.refusal) if plan.refusal else None


def _taken_back(plan: GridPlan) -> bool:
    return plan.state == "returned" and plan.decided_by in plan.drawers


def applied_view(plan: GridPlan, change: GridChange, outcome: Outcome, *, exact: bool) -> AppliedPlan:
    """What the change did, out of the outcome that it wrote."""
    return AppliedPlan(
        view_of(plan),
        change.id,
        change.version,
        born=tuple(node.code for node in outcome.born),
        retired=tuple(node.code for node in outcome.retired),
        touched=tuple(after.code for _before, after in outcome.changed),
        rehomed=change.counts["rehomed"],
        exact=exact,
    )
