"""Plans of the demonstration city, one in each state of a plan's life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from core import clock
from core.actor import Actor
from core.db.base import new_id
from core.db.session import work
from core.grids.plans import drafts, service
from core.grids.plans.drafts import NewPlan
from core.grids.plans.views import PlanView
from core.grids.views import PlanState

APPROVED_DAYS: Final = 30
"""In how many days the approved plan comes into force."""

PLANS: Final[tuple[tuple[PlanState, str, str, str, Mapping[str, Any]], ...]] = (
    ("draft", "990101004001", "康宁社区微网格合并", "两个微网格户数均不足百户",
     {"op": "merge", "grids": ["99010100400100101", "99010100400100102"], "multipart": True}),
    ("submitted", "990102002001", "青年社区绿地划归相邻微网格", "绿地由相邻微网格管护更近便",
     {"op": "retire", "grid": "99010200200100103", "into": "99010200200100102"}),
    ("returned", "990121001001", "文苑社区微网格更名", "按小区名称命名",
     {"op": "rename", "grid": "99012100100100101", "name": "水岸新城微网格"}),
    ("approved", "990121003001", "玉兰社区微网格编码调整", "与镇区门牌编号一致",
     {"op": "recode", "grid": "99012100300100105", "code": "99012100300100106"}),
    ("applied", "990101002003", "和顺社区微网格更名", "小区已通过更名",
     {"op": "rename", "grid": "99010100200300101", "name": "花园小区微网格"}),
    ("withdrawn", "990102004002", "桃源社区微网格合并", "园区分期建设，暂缓合并",
     {"op": "merge", "grids": ["99010200400200101", "99010200400200102"], "multipart": True}),
)  # fmt: skip
"""State, grid inside which it stays, title, reason and operation."""


def load_plans(drawer: Actor, decider: Actor) -> None:
    """Make them, drawn by one person and decided on by another."""
    for state, parent, title, reason, operation in PLANS:
        with work(drawer) as session:
            plan = drafts.create_plan(session, NewPlan(new_id(), parent, title, reason))
            plan = drafts.add_operations(session, plan.id, plan.version, [operation])
        _bring_to(state, plan, drawer, decider)


def _bring_to(state: PlanState, plan: PlanView, drawer: Actor, decider: Actor) -> None:
    for actor, step in _way(state, drawer, decider):
        with work(actor) as session:
            plan = step(session, plan)


Step = Callable[[Any, PlanView], PlanView]


def _way(state: PlanState, drawer: Actor, decider: Actor) -> Sequence[tuple[Actor, Step]]:
    """The steps that lead from a draft to a state, each with who takes it."""
    later = clock.now() + dt.timedelta(days=APPROVED_DAYS)
    submit = (drawer, lambda session, plan: service.submit(session, plan.id, plan.version))
    ways: dict[PlanState, Sequence[tuple[Actor, Step]]] = {
        "draft": (),
        "submitted": (submit,),
        "withdrawn": (submit, (drawer, lambda session, plan: service.withdraw(session, plan.id, plan.version))),
        "returned": (submit, (decider, lambda session, plan: service.return_plan(
            session, plan.id, plan.version, "名称请与民政部门核准的小区名一致"))),
        "approved": (submit, (decider, lambda session, plan: service.approve(
            session, plan.id, plan.version, apply_at=later))),
        "applied": (
            submit,
            (decider, lambda session, plan: service.approve(session, plan.id, plan.version)),
            (decider, lambda session, plan: service.apply_plan(session, plan.id, plan.version).plan),
        ),
    }  # fmt: skip
    return ways[state]
