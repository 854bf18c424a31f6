"""A plan at its moment: applied as whoever approved it, or given back with the reason."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core import actor as actors
from core.access.recognising import actor_of_user
from core.actor import Actor
from core.db.session import WorkSession, reading, work
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.grids.models import GridPlan
from core.grids.plans.service import APPLY_JOB, apply_plan, return_unapplied
from core.text import Text
from core.text import noop as _

NO_RIGHT: Final = _("Whoever approved the plan may no longer decide on it there: let somebody else approve it")


def apply_due(plan_id: UUID, version: int) -> None:
    """Apply a plan whose moment has come; one that was decided on anew since is left alone.

    Where a grid changed meanwhile, or whoever approved may no longer do so, it goes back to whoever drew it.
    """
    job = actors.job(APPLY_JOB)
    with reading(job) as session:
        plan = session.get(GridPlan, plan_id)
        if plan is None or plan.version != version or plan.state != "approved":
            return
        decider = _decider(session, plan)
    try:
        if decider is None:
            raise Refused(_("Whoever approved the plan can no longer sign in: let somebody else approve it"))
        with work(decider, statement_timeout_s=0) as session:
            apply_plan(session, plan_id, version)
    except (Conflict, Refused) as refusal:
        _give_back(job, plan_id, version, refusal.text)
    except (Forbidden, NotFound):
        _give_back(job, plan_id, version, Text(NO_RIGHT))


def _give_back(job: Actor, plan_id: UUID, version: int, why: Text) -> None:
    with work(job) as session:
        return_unapplied(session, plan_id, version, why)


def _decider(session: WorkSession, plan: GridPlan) -> Actor | None:
    """Whoever approved, with the rights that they hold now; the command line has them all."""
    try:
        return actor_of_user(session, UUID(plan.decided_by))
    except ValueError:
        return Actor("system", plan.decided_by or "", plan.decided_by_name or "", all_rights=True)
