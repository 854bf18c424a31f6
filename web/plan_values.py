"""Plans and what they come to, as the API and the command line answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.grids.plans.offers import Offer
from core.grids.plans.previewing import PlanPreview
from core.grids.plans.remarks import PlanFinding
from core.grids.plans.results import LeftOut, Mended, Misfit
from core.grids.plans.verdict import PlanVerdict
from core.grids.plans.views import AppliedPlan, PlanFacts, PlanLine, PlanView
from web.actor_words import actor_words
from web.i18n import translate_text


def plan_values(plan: PlanView) -> dict[str, Any]:
    """One plan."""
    operations = [dict(operation) for operation in plan.operations]
    left = [left_values(each) for each in plan.left_out]
    return {**_facts(plan), "operations": operations, "undone": len(plan.undone), "left_out": left}


def line_values(plan: PlanLine) -> dict[str, Any]:
    """One plan of a list: the number of its operations, not them."""
    return {**_facts(plan), "steps": plan.steps}


def _facts(plan: PlanFacts) -> dict[str, Any]:
    moments = ("made_at", "submitted_at", "decided_at", "apply_at", "effective_on")
    return {
        "id": str(plan.id),
        "title": plan.title,
        "reason": plan.reason,
        "state": plan.state,
        "version": plan.version,
        "comment": plan.comment,
        "refusal": translate_text(plan.refusal) if plan.refusal else "",
        "taken_back": plan.taken_back,
        "made_by": actor_words(plan.made_by_name, plan.made_by),
        "decided_by": actor_words(plan.decided_by_name, plan.decided_by) or None,
        "change": str(plan.change_id) if plan.change_id else None,
        **{name: moment.isoformat() if (moment := getattr(plan, name)) else None for name in moments},
    }


def misfit_values(misfit: Misfit) -> dict[str, Any]:
    """An operation that no longer fits, and why."""
    return left_values(LeftOut.of(misfit, {}))


def left_values(left: LeftOut) -> dict[str, Any]:
    """An operation that fell out of a plan, and why."""
    return {"operation": dict(left.operation), "reason": translate_text(left.reason)}


def finding_values(findings: Sequence[PlanFinding]) -> list[dict[str, Any]]:
    """What a person should look at, in the reader's language."""
    return [
        {
            "kind": finding.kind,
            "grid": finding.grid,
            "text": translate_text(finding.text),
            "lon": finding.place[0] if finding.place else None,
            "lat": finding.place[1] if finding.place else None,
            "blocking": finding.blocking,
        }
        for finding in findings
    ]


def verdict_values(verdict: PlanVerdict) -> dict[str, Any]:
    """What a plan would do, and what would settle its findings; ``noded`` are outlines that only get vertices."""
    offered = [_offer_values(offer) for offer in verdict.offers]
    found = finding_values(verdict.findings)
    return {
        "born": list(verdict.born),
        "retired": list(verdict.retired),
        "touched": list(verdict.touched),
        "noded": list(verdict.noded),
        "names": dict(verdict.names),
        "operations": verdict.operations,
        "mended": mended_values(verdict.mended),
        "findings": [{**row, "mend": offer} for row, offer in zip(found, offered, strict=True)],
    }


def _offer_values(offer: Offer | None) -> dict[str, Any] | None:
    return None if offer is None else {"text": translate_text(offer.text), "operation": dict(offer.operation)}


def mended_values(mended: Sequence[Mended]) -> list[dict[str, Any]]:
    """What the mending of loaded layers did, grid by grid."""
    return [
        {
            "code": one.code,
            "name": one.name,
            "gained_m2": round(one.gained_m2, 4),
            "lost_m2": round(one.lost_m2, 4),
        }
        for one in mended
    ]


def preview_values(preview: PlanPreview) -> dict[str, Any]:
    """What a plan would do, grid by grid and row by row."""
    return {
        "grids": [
            {
                "code": effect.code,
                "name": effect.name,
                "level": effect.level,
                "before_m2": None if effect.before_m2 is None else round(effect.before_m2, 3),
                "after_m2": None if effect.after_m2 is None else round(effect.after_m2, 3),
                "before": dict(effect.before),
                "after": dict(effect.after),
                "old_code": effect.old_code,
                "old_name": effect.old_name,
            }
            for effect in preview.grids
        ],
        "moves": [
            {"table": flow.table, "from": flow.source, "to": flow.target, "rows": flow.rows} for flow in preview.flows
        ],
        "following": {"grids": preview.following.grids, "rows": dict(preview.following.rows)},
        "ended": dict(preview.ended),
        "copied": dict(preview.copied),
        "objections": [
            {
                "text": translate_text(objection.text),
                "mend": translate_text(objection.mend) if objection.mend else "",
                "plugin": objection.plugin,
            }
            for objection in preview.objections
        ],
        "findings": finding_values(preview.findings),
        "exact": preview.exact,
    }


def applied_values(applied: AppliedPlan, seconds: float) -> dict[str, Any]:
    """The answer of ``wangge plan apply`` and ``run``."""
    return {
        "plan": str(applied.plan.id),
        "change": str(applied.change_id),
        "version": applied.version,
        "operations": len(applied.plan.operations),
        "born": list(applied.born),
        "retired": list(applied.retired),
        "touched": list(applied.touched),
        "rehomed": dict(applied.rehomed),
        "exact": applied.exact,
        "seconds": round(seconds, 3),
    }
