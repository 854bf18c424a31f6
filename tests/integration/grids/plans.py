"""Plans drawn, decided on and applied through the services."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.db.base import new_id
from core.db.session import reading, work
from core.grids.plans import drafts, service
from core.grids.plans.drafts import NewPlan
from core.grids.plans.views import AppliedPlan, PlanView
from core.grids.queries import tree
from core.matters.places import Place
from tests.integration.grids.bringing import TESTER, bring
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, draw
from tests.integration.matters.people import matter

Raw = Mapping[str, Any]
WEST_LINE = [[116.1, 38.95], [116.1, 39.25]]
"""Cuts the western county (139901) in its middle, drawn northwards: the west is on its left."""
SPLIT = {"op": "split", "grid": "139901", "line": WEST_LINE, "codes": ["139901", "139911"], "names": ["西县", "中县"]}


def run(parent: str, *operations: Raw, actor: Actor = TESTER) -> AppliedPlan:
    """A plan from its draft to its change."""
    with work(actor) as session:
        return service.run_plan(session, NewPlan(new_id(), parent, "试验方案"), operations)


def draft(parent: str, *operations: Raw, actor: Actor = TESTER) -> PlanView:
    """A draft with operations."""
    with work(actor) as session:
        plan = drafts.create_plan(session, NewPlan(new_id(), parent, "试验方案"))
        return drafts.add_operations(session, plan.id, plan.version, operations) if operations else plan


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


def two_counties(folder: Path) -> None:
    """Counties 139901 in the west and 139902 in the east, under the city 139900."""
    bring(draw(folder / "city.geojson", NODED_CITY), "city")
    bring(draw(folder / "counties.geojson", *COUNTIES), "county")


def codes() -> list[str]:
    with reading(TESTER) as session:
        return [row.code for row in tree(session)]


def report(lon: float, lat: float) -> UUID:
    return matter(TESTER, Place(lon, lat))


def back(change: UUID, parent: str = "139900") -> tuple[AppliedPlan, list[str]]:
    """Take a change back, from the draft to the change."""
    with work(TESTER) as session:
        plan, unfit = drafts.revert_change(session, NewPlan(new_id(), parent, "撤回"), change)
        plan = service.submit(session, plan.id, plan.version)
        plan = service.approve(session, plan.id, plan.version)
        return service.apply_plan(session, plan.id, plan.version), [str(why) for why in unfit]
