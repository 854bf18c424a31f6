"""All that the page of a plan and its print say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from flask_babel import gettext

from core import clock
from core.access.policy import EVERYWHERE, may
from core.access.roles import ROLES
from core.db.session import WorkSession
from core.errors import NotFound, Refused
from core.grids import queries as grids
from core.grids.plans import queries
from core.grids.plans.allowed import PLACE_ENDED, UNDECIDED, above, acts_allowed, lacks_decider
from core.grids.plans.calling import names_by_step
from core.grids.plans.previewing import PlanPreview, preview_plan
from core.grids.plans.verdict import overtaken, unfit_steps
from core.grids.plans.views import PlanView
from core.grids.plans.wording import LONGEST_NOTE
from core.grids.retired import RetiredGrid, retired_grid
from core.grids.views import GridView, PlanState
from core.matters.queries import open_counts
from core.text import listed
from core.text import noop as _
from web import context
from web.db import actor, read, write
from web.i18n import translate_text
from web.plan_words import STATES, decision_words, open_word, operation_words, table_word

NAMED: Final = 5
"""Of how many grids the prepared comment gives the names."""
MOST_TRACED: Final = 50
"""Of how many grids that ended it is looked where their area went."""
OVERTAKEN: Final = _(
    "These grids were changed since the plan was drawn: %(grids)s. Draw it anew on the city as it stands, look at it, "
    "and hand it in again."
)
NO_LONGER_FITS: Final = _(
    "The plan no longer fits the city as it stands: %(why)s. Draw it anew, look at it, and hand it in again."
)


def states() -> dict[PlanState, tuple[str, str]]:
    """State → its word in the reader's language and the tone of its tag."""
    return {state: (gettext(word), tone) for state, (word, tone) in STATES.items()}


def plan_facts(plan_id: UUID) -> dict[str, Any]:
    """Values of the templates of a plan.

    :raises NotFound: where there is no such plan, or this person may not know of it.
    """
    with read() as session:
        plan = queries.plan_by_id(session, plan_id)
        place = grids.grid_by_id(session, plan.parent_id)
        names = names_by_step(session, plan.operations, plan.change_id)
        applied = queries.applied_change(session, plan.change_id) if plan.change_id else None
        acts = acts_allowed(session, plan_id)
        undecidable = lacks_decider(session, plan_id)
        changed = [_since(grid) for grid in overtaken(session, plan_id)]
        changed = [{**grid, "ended": _ended(session, grid)} for grid in changed[:MOST_TRACED]] + changed[MOST_TRACED:]
    preview, obstacle = _previewed(plan_id, place) if plan.state in UNDECIDED else (None, "")
    steps = [operation_words(operation, called) for operation, called in zip(plan.operations, names, strict=True)]
    return {
        "plan": plan,
        "place": place,
        "states": states(),
        "decision": decision_words(plan),
        "steps": steps,
        "preview": preview,
        "obstacle": obstacle,
        "left_out": [
            {"step": operation_words(left.operation, left.names), "why": translate_text(left.reason)}
            for left in plan.left_out
        ],
        "unfit": [] if preview or applied else _unfit(plan_id, steps),
        "applied": applied,
        "concerned": _concerned(plan, place),
        "changed": changed,
        "prepared": _prepared(obstacle, changed),
        "open_below": _open_below(preview.following.tops) if preview else 0,
        "tables": _tables_of(preview) if preview else [],
        "called": _called(preview) if preview else ({}, {}),
        "table_word": table_word,
        "open_word": open_word,
        "acts": acts,
        "lacking": _lacking() if undecidable else {},
        "asked": {},
        "refused": None,
        "longest_comment": LONGEST_NOTE,
        "today": clock.now().astimezone(context.zone()).date(),
    }


def _lacking() -> dict[str, str]:
    """Which roles let somebody decide on a plan, and which let somebody give them, in words."""
    return {
        slug: translate_text(listed([gettext(role.title) for role in ROLES.values() if action in role.actions]))
        for slug, action in (("deciders", "plan.approve"), ("givers", "grant.manage"))
    }


def _called(preview: PlanPreview) -> tuple[dict[str, str], dict[str, str]]:
    """Code → name of the grids that a plan changes, as they are called now, and as they would be."""
    old = {effect.old_code: effect.old_name for effect in preview.grids}
    return old, {effect.code: effect.name for effect in preview.grids}


def _unfit(plan_id: UUID, steps: Sequence[str]) -> list[dict[str, Any]]:
    """The steps that the maps of a plan leave out, each in words, and why."""
    with read() as session:
        found = unfit_steps(session, plan_id)
    return [
        {"number": misfit.number, "step": steps[misfit.number - 1], "why": translate_text(misfit.refusal.text)}
        for misfit in found
    ]


def _prepared(obstacle: str, changed: Sequence[Mapping[str, Any]]) -> str:
    """What may be said to whoever drew a plan that the city has overtaken; nothing where it can be carried out."""
    if not changed and not obstacle:
        return ""
    if not changed:
        return str(gettext(NO_LONGER_FITS, why=obstacle))
    names = [(grid["theirs"] or grid["mine"] or grid).get("name", grid["code"]) for grid in changed]
    told = translate_text(listed(names[:NAMED]))
    if len(names) > NAMED:
        told = gettext(_("%(names)s and %(n)s more"), names=told, n=len(names) - NAMED)
    return str(gettext(OVERTAKEN, grids=told))


def _concerned(plan: PlanView, place: GridView | None) -> bool:
    """Whether this person may draw or decide there, and so read whose rows an applied plan moved."""
    own, higher = (place.path, above(place)) if place else (EVERYWHERE, EVERYWHERE)
    return bool(plan.made_by == actor().id or may(actor(), "plan.draw", own) or may(actor(), "plan.approve", higher))


def _since(grid: Mapping[str, Any]) -> dict[str, Any]:
    """One grid that is not what the plan was drawn on, its moments as such."""
    sides = {
        side: {**grid[side], "since": dt.datetime.fromisoformat(grid[side]["since"])} if grid[side] else None
        for side in ("mine", "theirs")
    }
    return {"code": grid["code"], **sides}


def _ended(session: WorkSession, grid: Mapping[str, Any]) -> RetiredGrid | None:
    """When a grid of these ended, and where its area went."""
    try:
        return None if grid["theirs"] else retired_grid(session, grid["code"])
    except NotFound:
        return None


def _open_below(tops: Sequence[int]) -> int:
    """Open matters in and below grids, as far as this person may see them."""
    if not tops or not may(actor(), "matter.see"):
        return 0
    with read() as session:
        return sum(count.open for count in open_counts(session, tops).values())


def _tables_of(preview: PlanPreview) -> list[str]:
    """Tables that have rows in the grids concerned."""
    sides = [side for effect in preview.grids for side in (effect.before, effect.after)]
    return sorted({table for side in sides for table, rows in side.items() if rows})


def _previewed(plan_id: UUID, place: GridView | None) -> tuple[PlanPreview | None, str]:
    """What would follow, or why nothing can."""
    if place is None:
        return None, gettext(PLACE_ENDED)
    try:
        with write() as session:
            return preview_plan(session, plan_id), ""
    except Refused as error:
        return None, translate_text(error.text)
