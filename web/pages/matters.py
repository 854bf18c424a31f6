"""Matters: the list and its exports, the report form, the page of one matter with its steps, its print, its photos."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.db.base import new_id
from core.errors import Conflict, DomainError, Forbidden, Invalid, KeyReused, NotFound, Refused
from core.grids.queries import is_empty
from core.matters import life
from core.matters.ahead import blocked_way, evidence_lacking, steps_now
from core.matters.clock_queries import clocks_shown
from core.matters.filters import OPEN, MatterFilter, Tab
from core.matters.forms import field_labels
from core.matters.inputs import input_of
from core.matters.kinds import MatterKind, kind, kinds
from core.matters.listing import count_matters, export_matters, list_matters
from core.matters.queries import events_of, forms_of, knows_of, matter_by_id, same_place
from core.matters.reach import own_grids
from core.matters.service import report_matter
from core.matters.task_queries import tasks_open_to, tasks_shown
from core.matters.views import MatterPage
from core.notices.service import mark_seen
from core.notices.views import About
from core.org.queries import departments
from core.text import noop as _
from web import context, matter_list, matter_sheet, reporting, tables
from web.auth import needs, takes_upload
from web.clock_words import clock_rows
from web.db import actor, read, write
from web.matter_steps import take
from web.matter_tasks import step_fields, task_rows
from web.matter_words import (
    WORDS,
    away_plugin,
    blocked_text,
    kind_filters,
    kind_groups,
    photo_item,
    photo_items,
    prominence,
    stages_of,
    state_title,
    step_title,
    timeline_item,
)
from web.photos import serve_photo
from web.problems import wants_part
from web.reporting import SentPhotos

bp = APIBlueprint("matters", __name__, enable_openapi=False)
bp.app_context_processor(lambda: WORDS)

ROWS: Final = 25
TOTAL_MOST: Final = 10_000
"""Further than this the matters of a list are not counted."""
COUNTED: Final[tuple[Tab, ...]] = ("mine", "overdue")
NOTHING: Final = MatterPage((), None, None)
NAMES_OFFICES: Final = frozenset({"whistle", "assign", "decline"})
OF_A_LIST: Final = "/assist/"
"""Faults of one department are shown at the list of them."""
SEEN_AT_ONCE: Final = 12
"""Among more kinds than these one is sought by its name."""


@bp.get("/matters")
def list_page() -> ResponseReturnValue:
    """The list; the whole filter stands in the address, and what is wrong with it at its field."""
    wanted = matter_list.wanted()
    faults: dict[str, str] = {}
    with read() as session:
        if code := matter_list.code_meant(session, wanted.grid):
            return redirect(matter_list.address(grid=code))
        try:
            page = list_matters(session, wanted, request.args.get("cursor", ""), ROWS)
        except Invalid as error:
            page, faults = NOTHING, reporting.messages(error) | matter_list.unclear_grid(session, wanted.grid)
        total = count_matters(session, wanted, TOTAL_MOST) if page.items else 0
        counts = {tab: count_matters(session, MatterFilter(tab)) for tab in COUNTED}
    shown = render_template(
        "matters/list.html",
        page=page,
        total=total,
        total_most=TOTAL_MOST,
        wanted=wanted,
        faults=faults,
        tabs=matter_list.tabs(wanted, counts),
        chips=matter_list.chips(wanted),
        states=[(state, state_title(state)) for state in (OPEN, *life.IN_USE)],
        kinds=kind_filters(wanted.kind),
        next=matter_list.address(cursor=page.next) if page.next else "",
        prev=matter_list.address(cursor=page.prev) if page.prev else "",
        query=matter_list.query(),
    )
    return shown, Invalid.status if faults else 200


@bp.get("/matters.<any(xlsx, csv):ending>")
def export(ending: str) -> ResponseReturnValue:
    """The list of the same filter as a file; written to the journal. What is wrong with the filter the list says."""
    wanted = matter_list.wanted()
    try:
        with write() as session:
            views = export_matters(session, wanted)
            fields = forms_of(session, wanted.kind, [view.id for view in views])
    except Invalid:
        return redirect(matter_list.address())
    columns, rows = matter_sheet.sheet(views, wanted.kind, fields)
    return tables.write(
        ending, columns, rows, f"matters-{clock.now().astimezone(context.zone()):%Y%m%d}", gettext("Matters")
    )


@bp.get("/matters/new")
@needs("matter.report")
def new_page() -> str:
    """The report form, with the fields of the kind that was chosen."""
    return _report_form(_chosen_kind(request.args.get("kind", "")), dict(request.args), {})


@bp.post("/matters/new")
@takes_upload
@needs("matter.report")
def report() -> ResponseReturnValue:
    """Take the report; faults come back beside their fields, with all that was entered and the photos.

    Sent with `show`, only the form is shown anew, with the fields of the kind that was chosen.
    """
    chosen = _chosen_kind(request.form.get("kind", ""))
    photos = SentPhotos()
    try:
        photos = reporting.photos_sent()
        if "show" in request.form:
            files = photos.sound()
            return _report_form(chosen, {**request.form.to_dict(), "form": reporting.form_sent(chosen)}, {}, files)
        command = reporting.report_sent(chosen, photos)
        with write() as session:
            body = report_matter(session, command).body
    except KeyReused as error:
        said = gettext("This form was sent before: look under My reports, and send it again only to report another one")
        values = {**request.form.to_dict(), "id": str(new_id()), "form": reporting.form_sent(chosen)}
        return _report_form(chosen, values, {"": said}, photos.kept), error.status
    except DomainError as error:
        values = {**request.form.to_dict(), "form": reporting.form_sent(chosen)}
        return _report_form(chosen, values, reporting.messages(error), photos.kept), error.status
    flash(gettext("Received as %(number)s", number=body["number"]), "ok")
    page = f"/matters/{body['id']}"
    return Response("", headers={"HX-Redirect": page}) if wants_part() else redirect(page)


@bp.get("/matters/<uuid:matter_id>")
def matter_page(matter_id: UUID) -> str:
    """One matter: facts, photos, timeline, what can be done next; what the person was told of it is read then."""
    with write() as session:
        mark_seen(session, About("matter", str(matter_id)))
    return _matter(matter_id, "matters/matter.html")


@bp.get("/matters/<uuid:matter_id>/print")
def matter_print(matter_id: UUID) -> str:
    """The same on paper."""
    return _matter(matter_id, "matters/print.html")


@bp.post("/matters/<uuid:matter_id>/steps/<step>")
@takes_upload
def step(matter_id: UUID, step: str) -> ResponseReturnValue:
    """Take a step; a refusal comes back on the page with the reason and what is possible now."""
    photos = SentPhotos()
    try:
        photos = reporting.photos_sent()
        command = reporting.step_sent(matter_id, step, photos)
        with write() as session:
            stays = knows_of(session, take(session, command))
    except KeyReused as error:
        faults = {"": gettext("This step was recorded before; send it again only if something is to be added")}
        return _refused_step(matter_id, step, faults, photos), error.status
    except (Invalid, Refused, Forbidden, Conflict) as error:
        return _refused_step(matter_id, step, reporting.messages(error), photos), error.status
    if not stays:
        flash(gettext("The matter was moved out of your grids; whoever works there has it now."), "ok")
        return redirect("/matters")
    flash(gettext("Done: %(step)s", step=step_title(step)), "ok")
    return redirect(f"/matters/{matter_id}")


@bp.get("/files/<uuid:file_id>")
def photo(file_id: UUID) -> Response:
    """A photo, for those who may see its matter."""
    return serve_photo(file_id)


@bp.get("/files/<uuid:file_id>/small")
def small_photo(file_id: UUID) -> Response:
    """Its small picture, for the same people."""
    return serve_photo(file_id, small=True)


def _chosen_kind(name: str) -> MatterKind | None:
    """The kind that was chosen; ``None`` without a choice."""
    found = kind(name)
    if found is None and name:
        raise NotFound(_("There is no kind of matter named %(name)s"), name=name)
    return found


def _report_form(
    chosen: MatterKind | None, values: dict[str, Any], errors: dict[str, str], files: tuple[UUID, ...] = ()
) -> str:
    with read() as session:
        own = own_grids(session)
        empty_city = is_empty(session)
    labels = field_labels(chosen.form, context.language()) if chosen and chosen.form else {}
    return render_template(
        "matters/new.html",
        own=own,
        empty_city=empty_city,
        form_fields={f"/form/{name}": (f"f-form-{name}", title) for name, (title, _choices) in labels.items()},
        chosen=chosen,
        groups=kind_groups(),
        many=len(kinds()) > SEEN_AT_ONCE,
        values={"id": str(new_id()), "lon": "", "lat": "", "title": "", "text": "", **values},
        schema=chosen.form.model_json_schema() if chosen and chosen.form else None,
        errors=errors,
        files=[photo_item(file_id) for file_id in files],
    )


def _refused_step(matter_id: UUID, step: str, faults: dict[str, str], photos: SentPhotos) -> str:
    """The page of the matter as it is now, with the faults and all that was entered."""
    kept = [photo_item(file_id) for file_id in photos.kept]
    named = ("note", "lon", "lat", *input_of(step).model_fields)
    written: dict[str, Any] = {name: request.form.get(name, "") for name in named}
    written |= {"assist": request.form.getlist("assist")}
    faults = {
        f"/{pointer.split('/')[1]}" if pointer.startswith(OF_A_LIST) else pointer: text
        for pointer, text in faults.items()
    }
    entered = {**written, "step": step, "faults": faults, "kept": kept, "stages": request.form.getlist("stage")}
    return _matter(matter_id, "matters/matter.html", entered=entered)


def _matter(matter_id: UUID, template: str, **more: Any) -> str:
    with read() as session:
        view = matter_by_id(session, matter_id)
        events = events_of(session, matter_id)
        fresh = view.state == life.REPORTED and view.reporter == actor().id
        facts: dict[str, Any] = {
            "matter": view,
            "events": events,
            "steps": sorted((transition.step for transition in steps_now(session, matter_id)), key=prominence),
            "blocked": blocked_text(blocked_way(session, matter_id), located=view.grid is not None, reported=fresh),
            "near": same_place(session, matter_id),
            "evidence": evidence_lacking(session, matter_id),
            "away": away_plugin(view.kind),
        }
        clocks, tasks = clocks_shown(session, matter_id), tasks_shown(session, matter_id)
        offices = departments(session) if NAMES_OFFICES & set(facts["steps"]) else []
        fields = step_fields(facts["steps"], tasks, tasks_open_to(session, matter_id), offices)
    return render_template(
        template,
        **facts,
        clocks=clock_rows([clock for clock in clocks if clock.task is None]),
        tasks=task_rows(tasks, clocks),
        fields=fields,
        photos=photo_items(events),
        timeline=[timeline_item(event, view.kind) for event in events],
        stages=stages_of(view, events),
        summary=[(entry["title"][context.language()], entry["text"][context.language()]) for entry in view.summary],
        step_ids={step: str(new_id()) for step in life.STEPS},
        **({"entered": None} | more),
    )
