"""Plans drawn, decided on and applied through the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.db.base import new_id
from core.db.session import work
from core.grids.plans import service
from core.grids.plans.service import NewPlan
from core.grids.plans.views import AppliedPlan, PlanView
from tests.integration.grids.bringing import TESTER

Raw = Mapping[str, Any]


def run(parent: str, *operations: Raw, actor: Actor = TESTER) -> AppliedPlan:
    """A plan from its draft to its change."""
    with work(actor) as session:
        return service.run_plan(session, NewPlan(new_id(), parent, "试验方案"), operations)


def draft(parent: str, *operations: Raw, actor: Actor = TESTER) -> PlanView:
    """A draft with operations."""
    with work(actor) as session:
        plan = service.create_plan(session, NewPlan(new_id(), parent, "试验方案"))
        return service.add_operations(session, plan.id, plan.version, operations) if operations else plan


def submitted(parent: str, *operations: Raw, actor: Actor = TESTER) -> PlanView:
    plan = draft(parent, *operations, actor=actor)
    with work(actor) as session:
        return service.submit(session, plan.id, plan.version)


def approved(parent: str, *operations: Raw) -> PlanView:
    plan = submitted(parent, *operations)
    with work(TESTER) as session:
        return service.approve(session, plan.id, plan.version)


def applied(plan_id: UUID, version: int, actor: Actor = TESTER) -> AppliedPlan:
    with work(actor) as session:
        return service.apply_plan(session, plan_id, version)
