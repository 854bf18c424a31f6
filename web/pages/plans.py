"""Plans of boundaries in the browser: the list, the editor, the reviewer's page, its print, decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.access.policy import may, require
from core.db.base import new_id
from core.db.session import WorkSession
from core.errors import DomainError, Invalid, Refused
from core.grids import queries as grids
from core.grids.levels import TITLES
from core.grids.plans import queries, service
from core.grids.plans.holding import STATES_FOR, acts_allowed
from core.grids.plans.previewing import PlanPreview, preview_plan
from core.grids.rehoming import table_names
from core.grids.views import PLAN_STATES
from core.text import noop as _
from web import context
from web.basemaps import catalogue
from web.db import actor, read, write
from web.editor_texts import TEXTS
from web.i18n import translate_text
from web.pages.people_parts import said
from web.plan_words import STATES, TABLES, codes_in, operation_words, table_word

bp = APIBlueprint("plans", __name__, enable_openapi=False)

HERE: Final = "/grids/plans"
DONE: Final[Mapping[str, str]] = {
    "submit": _("The plan was handed in for approval."),
    "return": _("The plan was given back."),
    "approve": _("The plan was approved."),
    "withdraw": _("The plan was withdrawn."),
    "apply": _("The plan is in force: the boundaries of the city follow it."),
    "rebase": _("The plan was drawn anew on the city as it stands."),
}
"""What is said after each act."""


@bp.get(HERE)
def plans_page() -> str:
    """The plans, the latest first, by state."""
    state = request.args.get("state", "")
    state = state if state in PLAN_STATES else ""
    with read() as session:
        found = queries.plans(session, state=state)
        places = grids.grids_by_ids(session, {plan.parent_id for plan in found})
    draws = bool(may(actor(), "plan.draw"))
    return render_template("plans/list.html", plans=found, places=places, state=state, states=_states(), draws=draws)


@bp.get(f"{HERE}/new")
def new_plan() -> str:
    """The form of a new plan."""
    require(actor(), "plan.draw")
    return _form({"parent": request.args.get("parent", "")}, {})


@bp.post(HERE)
def create() -> ResponseReturnValue:
    """Begin a draft and open it in the editor; what is wrong is said at its field."""
    values = {name: request.form.get(name, "").strip() for name in ("grid", "title", "reason")}
    values["parent"] = values.pop("grid")
    if not values["title"]:
        return _form(values, {"/title": gettext(_("Give the plan a title, such as what it changes"))}), 422
    command = service.NewPlan(new_id(), values["parent"], values["title"][:200], values["reason"][:2000])
    try:
        with write() as session:
            plan = service.create_plan(session, command)
    except DomainError as error:
        return _form(values, {"/grid": translate_text(error.text)}), 422
    return redirect(f"{HERE}/{plan.id}/edit", 303)


@bp.get(f"{HERE}/<uuid:plan_id>")
def plan_page(plan_id: UUID) -> str:
    """What a plan does, on both sides, and what can be done with it."""
    return render_template("plans/plan.html", **_facts(plan_id))


@bp.get(f"{HERE}/<uuid:plan_id>/print")
def print_page(plan_id: UUID) -> str:
    """The plan on paper, for the file."""
    return render_template("plans/print.html", **_facts(plan_id))


@bp.get(f"{HERE}/<uuid:plan_id>/edit")
def editor(plan_id: UUID) -> ResponseReturnValue:
    """The editor; a plan that is out of the drawer's hands leads to its page."""
    with read() as session:
        plan = queries.plan_by_id(session, plan_id)
        place = grids.grid_by_id(session, plan.parent_id)
        coverage = grids.coverage_state(session)
        extent = grids.extent_below(session, [place.path]) if place else None
    if plan.state not in STATES_FOR["draw"] or place is None:
        return redirect(f"{HERE}/{plan_id}")
    require(actor(), "plan.draw", place.path)
    basemaps = [
        {name: getattr(found, name) for name in ("name", "title", "kind", "url", "minzoom", "maxzoom", "attribution")}
        for found in catalogue(context.zone()).maps
    ]
    config = {
        "plan": str(plan.id),
        "place": {"code": place.code, "name": place.name, "level": place.level},
        "extent": extent,
        "version": coverage.version,
        "level_names": {level: gettext(title).capitalize() for level, title in TITLES.items()},
        "tables": {table: table_word(table) for table in (*TABLES, *table_names())},
        "basemaps": basemaps,
        "texts": {name: gettext(text) for name, text in TEXTS.items()},
    }
    return render_template("plans/editor.html", plan=plan, place=place, config=config, coverage=coverage)


@bp.post(f"{HERE}/<uuid:plan_id>/<any(submit, 'return', approve, withdraw, apply, rebase):act>")
def step(plan_id: UUID, act: str) -> ResponseReturnValue:
    """One step of a plan's life, then its page with what happened."""
    try:
        with write() as session:
            told = _act(session, act, plan_id, request.form.get("version", 0, type=int))
    except DomainError as error:
        flash(said(error), "bad")
    else:
        flash(gettext(DONE[act]), "ok")
        for text in told:
            flash(text, "warn")
    return redirect(f"{HERE}/{plan_id}", 303)


def _act(session: WorkSession, act: str, plan_id: UUID, version: int) -> list[str]:
    """Do it; what is to be told besides that it was done."""
    match act:
        case "submit":
            service.submit(session, plan_id, version)
        case "withdraw":
            service.withdraw(session, plan_id, version)
        case "return":
            service.return_plan(session, plan_id, version, request.form.get("comment", ""))
        case "approve":
            _approve(session, plan_id, version)
        case "apply":
            service.apply_plan(session, plan_id, version)
        case "rebase":
            return _rebase(session, plan_id, version)
    return []


def _approve(session: WorkSession, plan_id: UUID, version: int) -> None:
    """Approve; at once in force where that was asked for."""
    at, day = _moment(request.form.get("apply_at", "")), _day(request.form.get("effective_on"))
    plan = service.approve(session, plan_id, version, apply_at=at, effective_on=day)
    if request.form.get("when") == "now":
        service.apply_plan(session, plan_id, plan.version)


def _rebase(session: WorkSession, plan_id: UUID, version: int) -> list[str]:
    _plan, unfit = service.rebase(session, plan_id, version)
    left = [(misfit.operation.as_json(), misfit.refusal.text) for misfit in unfit]
    names = queries.grid_names(session, codes_in(operation for operation, _why in left))
    return [f"{operation_words(operation, names)}: {translate_text(why)}" for operation, why in left]


def _moment(value: str) -> dt.datetime | None:
    """A moment of the form, in the time of the city."""
    if request.form.get("when") != "later":
        return None
    try:
        return dt.datetime.fromisoformat(value).replace(tzinfo=context.zone())
    except ValueError as error:
        raise Invalid(_("Give the moment as date and time")) from error


def _day(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Invalid(_("Give the legal date as a date")) from error


def _states() -> dict[str, tuple[str, str]]:
    return {state: (gettext(word), tone) for state, (word, tone) in STATES.items()}


def _form(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    own = [grant.path for grant in actor().grants if grant.path is not None]
    with read() as session:
        root = grids.coverage_state(session).root
        tops = grids.tops(session, own) if own else []
    fallback = tops[0].code if tops else root.code if root else ""
    return render_template(
        "plans/new.html", values={**values, "parent": values.get("parent") or fallback}, errors=errors
    )


def _facts(plan_id: UUID) -> dict[str, Any]:
    """All that page and print say of a plan."""
    with read() as session:
        plan = queries.plan_by_id(session, plan_id)
        place = grids.grid_by_id(session, plan.parent_id)
        names = queries.grid_names(session, codes_in(plan.operations))
        applied = queries.applied_change(session, plan.change_id) if plan.change_id else None
        acts = acts_allowed(session, plan_id)
    preview, obstacle = (None, "") if plan.state in ("applied", "withdrawn") else _previewed(plan_id)
    return {
        "plan": plan,
        "place": place,
        "states": _states(),
        "steps": [operation_words(operation, names) for operation in plan.operations],
        "preview": preview,
        "obstacle": obstacle,
        "applied": applied,
        "tables": _tables_of(preview) if preview else [],
        "table_word": table_word,
        "acts": acts,
        "today": clock.now().astimezone(context.zone()).date(),
    }


def _tables_of(preview: PlanPreview) -> list[str]:
    """Tables that have rows in the grids concerned."""
    sides = [side for effect in preview.grids for side in (effect.before, effect.after)]
    return sorted({table for side in sides for table, rows in side.items() if rows})


def _previewed(plan_id: UUID) -> tuple[PlanPreview | None, str]:
    """What would follow, or why nothing can."""
    try:
        with write() as session:
            return preview_plan(session, plan_id), ""
    except Refused as error:
        return None, translate_text(error.text)
