"""What a plan would do to the city as it stands, and what a person should look at in it: told, nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.access.policy import require
from core.db.session import WorkSession
from core.grids.plans.allowed import UNDECIDED
from core.grids.plans.holding import checked_plan, operations_of
from core.grids.plans.offers import Offer, offers
from core.grids.plans.queries import plan_row
from core.grids.plans.remarks import PlanFinding, find_in
from core.grids.plans.replaying import replay
from core.grids.plans.results import Mended, Misfit
from core.grids.plans.staleness import stale


@dataclass(frozen=True)
class PlanVerdict:
    """What a plan comes to.

    :param born: codes of grids that would begin; ``retired`` of those that would end, ``touched`` of those that go on
        otherwise, ``noded`` of those whose outline only gets vertices.
    :param names: code → name of all these, as they would be called, and those that would end as they are.
    :param operations: how many were carried out.
    :param mended: what loaded layers needed to tile exactly, grid by grid.
    :param offers: what would settle each finding, position by position; ``None`` where only a person can know.
    """

    born: tuple[str, ...]
    retired: tuple[str, ...]
    touched: tuple[str, ...]
    noded: tuple[str, ...]
    names: Mapping[str, str]
    operations: int
    mended: tuple[Mended, ...]
    findings: tuple[PlanFinding, ...]
    offers: tuple[Offer | None, ...]


def check_plan(session: WorkSession, plan_id: UUID) -> PlanVerdict:
    """What the plan would do to the city as it stands now.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    :raises Refused: where it was applied or withdrawn, or with the first operation that does not fit.
    """
    require(session.actor, "grid.see")
    checked = checked_plan(session, plan_id)
    outcome, findings = checked.outcome, find_in(checked)
    after = [now for _before, now in (*outcome.changed, *outcome.noded)]
    return PlanVerdict(
        names={node.code: node.name for node in (*outcome.retired, *outcome.born, *after)},
        born=tuple(node.code for node in outcome.born),
        retired=tuple(node.code for node in outcome.retired),
        touched=tuple(after.code for _before, after in outcome.changed),
        noded=tuple(after.code for _before, after in outcome.noded),
        operations=len(checked.operations),
        mended=checked.mended,
        findings=findings,
        offers=tuple(offers(checked.copy, findings)),
    )


def mended_in(session: WorkSession, plan_id: UUID) -> tuple[Mended, ...]:
    """What the mending of the plan's loaded layers does, grid by grid; for whoever has just drawn one.

    :raises NotFound: as `check_plan`; so does Refused.
    """
    require(session.actor, "grid.see")
    return checked_plan(session, plan_id).mended


def overtaken(session: WorkSession, plan_id: UUID) -> list[dict[str, Any]]:
    """The grids that are not what a plan was drawn on, as `stale` tells them; none of one that is decided for good.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    """
    require(session.actor, "grid.see")
    plan = plan_row(session, plan_id)
    return stale(session, plan.drawn_on) if plan.state in UNDECIDED else []


def unfit_steps(session: WorkSession, plan_id: UUID) -> tuple[Misfit, ...]:
    """The steps of a plan that do not fit the city as it stands, which its maps leave out; none of an applied one.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    """
    require(session.actor, "grid.see")
    plan = plan_row(session, plan_id)
    return () if plan.change_id is not None else tuple(replay(session, operations_of(plan))[2])
