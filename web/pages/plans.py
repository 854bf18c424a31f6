"""Plans of boundaries in the browser: the list, the editor, the reviewer's page, its print, decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final
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
from core.grids.plans import drafts, queries, service
from core.grids.plans.allowed import STATES_FOR
from core.grids.plans.wording import LONGEST_NOTE, LONGEST_TITLE
from core.grids.rehoming import table_names
from core.grids.views import LEVELS, PLAN_STATES
from core.notices.service import mark_seen
from core.notices.views import About
from core.text import noop as _
from web import context
from web.basemaps import catalogue
from web.db import actor, read, write
from web.editor_texts import editor_texts
from web.i18n import said, translate_text
from web.pages.plan_sources import page_with
from web.plan_facts import plan_facts, states
from web.plan_layers import take_upload
from web.plan_words import TABLES, open_word, table_word

bp = APIBlueprint("plans", __name__, enable_openapi=False)

HERE: Final = "/grids/plans"
A_PAGE: Final = 50
LAST_PAGE: Final = 10_000
FROM_FILE: Final = "file"
"""Source of a plan that begins with a file, not in the editor."""
DONE: Final[Mapping[str, str]] = {
    "submit": _("The plan was handed in for approval."),
    "return": _("The plan was given back."),
    "approve": _("The plan was approved."),
    "recall": _("The plan is with you again: go on drawing, then hand it in once more."),
    "withdraw": _("The plan was given up for good."),
    "apply": _("The plan is in force: the boundaries of the city follow it."),
    "rebase": _("The plan was drawn anew on the city as it stands."),
}
"""What is said after each act."""


@bp.get(HERE)
def plans_page() -> str:
    """The plans, the latest first, by state."""
    asked = request.args.get("state", "")
    state = next((known for known in PLAN_STATES if known == asked), None)
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    with read() as session:
        found = queries.plans(session, state=state, after=(page - 1) * A_PAGE, limit=A_PAGE)
        counts = queries.plans_by_state(session)
        places = grids.grids_by_ids(session, {plan.parent_id for plan in found})
    total = counts.get(state, 0) if state else sum(counts.values())
    return render_template(
        "plans/list.html",
        plans=found,
        places=places,
        state=state or "",
        states=states(),
        counts=counts,
        total=total,
        page=page,
        pages=-(-total // A_PAGE),
        draws=bool(may(actor(), "plan.draw")),
    )


@bp.get(f"{HERE}/new")
def new_plan() -> str:
    """The form of a new plan."""
    require(actor(), "plan.draw")
    return _form({name: request.args.get(name, "") for name in ("parent", "source", "upload")}, {})


@bp.post(HERE)
def create() -> ResponseReturnValue:
    """Begin a draft and open it in the editor, draw it from a file that was brought to be imported, or ask for one.

    Faults stand at their fields.
    """
    values = {name: request.form.get(name, "").strip() for name in ("grid", "title", "reason", "source", "upload")}
    upload = request.form.get("upload", type=UUID)
    values["parent"] = values.pop("grid")
    command = drafts.NewPlan(new_id(), values["parent"], values["title"], values["reason"])
    try:
        with write() as session:
            plan = drafts.create_plan(session, command)
    except Invalid as error:
        return _form(values, {fault.pointer: translate_text(fault.text) for fault in error.objections}), 422
    except DomainError as error:
        return _form(values, {"/grid": translate_text(error.text)}), 422
    if upload is not None:
        return page_with(plan.id, lambda: take_upload(plan.id, plan.version, upload, values["parent"]))
    return redirect(f"{HERE}/{plan.id}{'?dialog=layer#layer' if values['source'] == FROM_FILE else '/edit'}", 303)


@bp.get(f"{HERE}/<uuid:plan_id>")
def plan_page(plan_id: UUID) -> str:
    """What a plan does, on both sides, and what can be done with it; what the person was told of it is read then."""
    facts = plan_facts(plan_id)
    with write() as session:
        mark_seen(session, About("plan", str(plan_id)))
    return render_template("plans/plan.html", **facts)


@bp.get(f"{HERE}/<uuid:plan_id>/print")
def print_page(plan_id: UUID) -> str:
    """The plan on paper, for the file."""
    return render_template("plans/print.html", **plan_facts(plan_id))


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
        "person": actor().id,
        "place": {"code": place.code, "name": place.name, "level": place.level},
        "extent": extent,
        "version": coverage.version,
        "finest": LEVELS[-1],
        "level_names": {level: gettext(title).capitalize() for level, title in TITLES.items()},
        "tables": {table: table_word(table) for table in (*TABLES, *table_names())},
        "counted": {table: open_word(table) for table in table_names()},
        "basemaps": basemaps,
        "texts": editor_texts(),
    }
    return render_template("plans/editor.html", plan=plan, place=place, config=config, coverage=coverage)


@bp.post(f"{HERE}/<uuid:plan_id>/<any(submit, recall, 'return', approve, withdraw, apply, rebase):act>")
def step(plan_id: UUID, act: str) -> ResponseReturnValue:
    """One step of a plan's life, then its page with what happened."""
    try:
        with write() as session:
            _act(session, act, plan_id, request.form.get("version", 0, type=int))
    except DomainError as error:
        if act == "approve" and isinstance(error, Invalid | Refused):
            return _asked_again(plan_id, said(error))
        flash(said(error), "bad")
    else:
        flash(gettext(DONE[act]), "ok")
    return redirect(f"{HERE}/{plan_id}", 303)


@bp.get(f"{HERE}/<uuid:plan_id>/approve")
def approval_form(plan_id: UUID) -> ResponseReturnValue:
    """Where a refused approval is told of, asked for anew: the plan's page with the form open."""
    return redirect(f"{HERE}/{plan_id}?dialog=approve#approve", 303)


def _asked_again(plan_id: UUID, why: str) -> ResponseReturnValue:
    """The page with the dialog of the approval as it was sent, and what is wrong with it."""
    facts = plan_facts(plan_id)
    if "approve" not in facts["acts"] or facts["prepared"]:
        flash(why, "bad")
        return redirect(f"{HERE}/{plan_id}", 303)
    fields = {name: request.form.get(name, "")[:40] for name in ("when", "apply_at", "effective_on")}
    return render_template("plans/plan.html", **{**facts, "asked": {**fields, "why": why}}), 422


def _act(session: WorkSession, act: str, plan_id: UUID, version: int) -> None:
    match act:
        case "submit":
            service.submit(session, plan_id, version)
        case "recall":
            service.recall(session, plan_id, version)
        case "withdraw":
            service.withdraw(session, plan_id, version)
        case "return":
            service.return_plan(session, plan_id, version, request.form.get("comment", ""))
        case "approve":
            _approve(session, plan_id, version)
        case "apply":
            service.apply_plan(session, plan_id, version)
        case "rebase":
            drafts.rebase(session, plan_id, version)


def _approve(session: WorkSession, plan_id: UUID, version: int) -> None:
    """Approve; at once in force where that was asked for."""
    at, day = _moment(request.form.get("apply_at", "")), _day(request.form.get("effective_on"))
    plan = service.approve(session, plan_id, version, apply_at=at, effective_on=day)
    if request.form.get("when") == "now":
        service.apply_plan(session, plan_id, plan.version)


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
        return clock.day(value) if value else None
    except ValueError as error:
        raise Invalid(_("Give the legal date as a date")) from error


def _form(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    own = [grant.path for grant in actor().grants if grant.path is not None]
    with read() as session:
        root = grids.coverage_state(session).root
        tops = grids.tops(session, own) if own else []
    fallback = tops[0].code if tops else root.code if root else ""
    return render_template(
        "plans/new.html",
        values={**values, "parent": values.get("parent") or fallback},
        errors=errors,
        from_file=values.get("source") == FROM_FILE,
        longest={"title": LONGEST_TITLE, "reason": LONGEST_NOTE},
    )
