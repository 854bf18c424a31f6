"""All that the page of a plan and its print say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext

from core import clock
from core.access.policy import EVERYWHERE, may
from core.errors import Refused
from core.grids import queries as grids
from core.grids.plans import queries
from core.grids.plans.allowed import PLACE_ENDED, UNDECIDED, above, acts_allowed, changed_since
from core.grids.plans.calling import names_by_step
from core.grids.plans.previewing import PlanPreview, preview_plan
from core.grids.plans.views import PlanView
from core.grids.plans.wording import LONGEST_NOTE
from core.grids.views import GridView, PlanState
from core.matters.queries import open_counts
from web import context
from web.db import actor, read, write
from web.i18n import translate_text
from web.plan_words import STATES, decision_words, open_word, operation_words, table_word


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
        changed = [_since(grid) for grid in changed_since(session, plan_id)]
    preview, obstacle = _previewed(plan_id, place) if plan.state in UNDECIDED else (None, "")
    return {
        "plan": plan,
        "place": place,
        "states": states(),
        "decision": decision_words(plan),
        "steps": [operation_words(operation, called) for operation, called in zip(plan.operations, names, strict=True)],
        "preview": preview,
        "obstacle": obstacle,
        "applied": applied,
        "concerned": _concerned(plan, place),
        "changed": changed,
        "open_below": _open_below(preview.following.tops) if preview else 0,
        "tables": _tables_of(preview) if preview else [],
        "table_word": table_word,
        "open_word": open_word,
        "acts": acts,
        "asked": {},
        "longest_comment": LONGEST_NOTE,
        "today": clock.now().astimezone(context.zone()).date(),
    }


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
