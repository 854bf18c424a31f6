"""Matters: the list and its exports, the report form, the page of one matter with its steps, its print, its photos."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.access.policy import may
from core.db.base import new_id
from core.errors import Conflict, DomainError, Invalid, KeyReused, NotFound, Refused
from core.matters import life
from core.matters.filters import ANY, FORM, LATE, OPEN, MatterFilter, Tab
from core.matters.forms import field_labels
from core.matters.kinds import MatterKind, kind, kinds
from core.matters.listing import TABS, count_matters, export_matters, list_matters
from core.matters.queries import (
    blocked_way,
    events_of,
    evidence_lacking,
    forms_of,
    knows_of,
    matter_by_id,
    same_place,
    steps_now,
)
from core.matters.reach import own_grids
from core.matters.service import report_matter, take_step
from core.text import noop as _
from web import context, matter_sheet, reporting, tables
from web.auth import needs, takes_upload
from web.db import actor, read, write
from web.matter_words import (
    WORDS,
    blocked_text,
    kind_groups,
    kind_title,
    photo_item,
    prominence,
    stages_of,
    state_title,
    step_title,
    timeline_item,
)
from web.photos import serve_photo
from web.problems import wants_part

bp = APIBlueprint("matters", __name__, enable_openapi=False)
bp.app_context_processor(lambda: WORDS)

ROWS: Final = 25
SEEN_AT_ONCE: Final = 12
"""Among more kinds than these one is sought by its name."""
FILTERS: Final = ("grid", "state", "kind", "q", "due", "since")
TAB_TITLES: Final[dict[Tab, str]] = {
    "mine": _("Waiting for me"),
    "reported": _("Reported by me"),
    "area": _("My area"),
    "overdue": _("Overdue"),
}


@bp.get("/matters")
def list_page() -> str:
    """The list; the whole filter stands in the address."""
    wanted = _wanted()
    with read() as session:
        page = list_matters(session, wanted, request.args.get("cursor", ""), ROWS)
        counts = {tab: count_matters(session, MatterFilter(tab)) for tab in ("mine", "overdue")}
    tabs = [
        {
            "title": gettext(TAB_TITLES[tab]),
            "href": _address(tab=tab, **_begun(tab)),
            "active": tab == wanted.tab,
            "count": counts.get(tab),
        }
        for tab in TABS
    ]
    return render_template(
        "matters/list.html",
        page=page,
        wanted=wanted,
        tabs=tabs,
        chips=_chips(wanted),
        states=[(state, state_title(state)) for state in (OPEN, *life.IN_USE)],
        kinds=kind_groups(),
        next=_address(cursor=page.next) if page.next else "",
        prev=_address(cursor=page.prev) if page.prev else "",
        query=_query(),
    )


@bp.get("/matters.<any(xlsx, csv):ending>")
def export(ending: str) -> Response:
    """The list of the same filter as a file; written to the journal."""
    wanted = _wanted()
    with write() as session:
        views = export_matters(session, wanted)
        fields = forms_of(session, wanted.kind, [view.id for view in views])
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
    files: tuple[UUID, ...] = ()
    try:
        files = reporting.photos_sent()
        if "show" in request.form:
            return _report_form(chosen, {**request.form.to_dict(), "form": reporting.form_sent(chosen)}, {}, files)
        command = reporting.report_sent(chosen, files)
        with write() as session:
            body = report_matter(session, command).body
    except KeyReused as error:
        said = gettext("This form was sent before: look under My reports, and send it again only to report another one")
        values = {**request.form.to_dict(), "id": str(new_id()), "form": reporting.form_sent(chosen)}
        return _report_form(chosen, values, {"": said}, files), error.status
    except DomainError as error:
        values = {**request.form.to_dict(), "form": reporting.form_sent(chosen)}
        return _report_form(chosen, values, reporting.messages(error), files), error.status
    flash(gettext("Received as %(number)s", number=body["number"]), "ok")
    page = f"/matters/{body['id']}"
    return Response("", headers={"HX-Redirect": page}) if wants_part() else redirect(page)


@bp.get("/matters/<uuid:matter_id>")
def matter_page(matter_id: UUID) -> str:
    """One matter: facts, photos, timeline, what can be done next."""
    return _matter(matter_id, "matters/matter.html")


@bp.get("/matters/<uuid:matter_id>/print")
def matter_print(matter_id: UUID) -> str:
    """The same on paper."""
    return _matter(matter_id, "matters/print.html")


@bp.post("/matters/<uuid:matter_id>/steps/<step>")
@takes_upload
def step(matter_id: UUID, step: str) -> ResponseReturnValue:
    """Take a step; a refusal comes back on the page with the reason and what is possible now."""
    try:
        command = reporting.step_sent(matter_id, step)
        with write() as session:
            stays = knows_of(session, take_step(session, command))
    except KeyReused as error:
        faults = {"": gettext("This step was recorded before; send it again only if something is to be added")}
        return _matter(matter_id, "matters/matter.html", step=step, faults=faults), error.status
    except (Invalid, Refused, Conflict) as error:
        faults = reporting.messages(error)
        return _matter(matter_id, "matters/matter.html", step=step, faults=faults), error.status
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


def _wanted() -> MatterFilter:
    """The filter of the address; without any the person's own work."""
    asked = request.args
    filters = {name: asked.get(name, "").strip() for name in FILTERS}
    tab = asked.get("tab", "")
    if tab not in TABS:
        works = may(actor(), "matter.accept") or may(actor(), "matter.settle")
        tab = "area" if any(filters.values()) or not works else "mine"
        filters |= {} if any(filters.values()) else _begun(tab)
    return MatterFilter(cast(Tab, tab), **filters, form=_form_asked(filters["kind"]))


def _begun(tab: str) -> dict[str, str]:
    """What a tab narrows until something is asked: of an area the open matters, most urgent first."""
    return {"state": request.args.get("state", OPEN)} if tab == "area" else {}


def _form_asked(kind_name: str) -> tuple[tuple[str, str], ...]:
    """The fields of the kind's form that the address names; those of another kind fall away when the kind changes."""
    found = kind(kind_name)
    fields = found.form.model_fields if found and found.form else {}
    asked = {name: request.args.get(f"{FORM}{name}", "") for name in fields}
    return tuple((name, value) for name, value in asked.items() if value)


def _query(**changes: str | None) -> str:
    kept: dict[str, str | None] = {name: request.args.get(name, "") for name in ("tab", *FILTERS)}
    kept |= {f"{FORM}{name}": value for name, value in _form_asked(request.args.get("kind", ""))}
    return urlencode({name: value for name, value in (kept | changes).items() if value})


def _address(**changes: str | None) -> str:
    return f"/matters?{_query(**changes)}"


def _chips(wanted: MatterFilter) -> list[tuple[str, str]]:
    shown = {
        "grid": (gettext("Grid"), wanted.grid),
        "state": (gettext("State"), state_title(wanted.state) if wanted.state else ""),
        "kind": (gettext("Kind"), kind_title(wanted.kind)),
        "q": (gettext("Text"), wanted.q),
        "due": (gettext("Due"), _due_text(wanted.due)),
        "since": (gettext("Reported since"), wanted.since),
    }
    found = kind(wanted.kind)
    labels = field_labels(found.form, context.language()) if found and found.form else {}
    for name, value in wanted.form:
        title, choices = labels[name]
        shown[f"{FORM}{name}"] = (title, gettext("filled in") if value == ANY else choices.get(value, value))
    return [(f"{title}: {text}", _address(**{name: ""})) for name, (title, text) in shown.items() if text]


def _due_text(due: str) -> str:
    text: str = gettext("late") if due == LATE else gettext("within %(n)s days", n=due) if due else ""
    return text


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
    return render_template(
        "matters/new.html",
        own=own,
        chosen=chosen,
        groups=kind_groups(),
        many=len(kinds()) > SEEN_AT_ONCE,
        values={"id": str(new_id()), "lon": "", "lat": "", "title": "", "text": "", **values},
        schema=chosen.form.model_json_schema() if chosen and chosen.form else None,
        errors=errors,
        files=[photo_item(file_id) for file_id in files],
    )


def _matter(matter_id: UUID, template: str, **more: Any) -> str:
    with read() as session:
        view = matter_by_id(session, matter_id)
        events = events_of(session, matter_id)
        fresh = view.state == life.REPORTED and view.reporter == actor().id
        facts = {
            "matter": view,
            "events": events,
            "steps": sorted((transition.step for transition in steps_now(session, matter_id)), key=prominence),
            "blocked": blocked_text(blocked_way(session, matter_id), reported=fresh),
            "near": same_place(session, matter_id),
            "evidence": evidence_lacking(session, matter_id),
        }
    return render_template(
        template,
        **facts,
        photos=[photo_item(photo.id) for event in events for photo in event.photos],
        timeline=[timeline_item(event) for event in events],
        stages=stages_of(view, events),
        summary=[(entry["title"][context.language()], entry["text"][context.language()]) for entry in view.summary],
        step_ids={step: str(new_id()) for step in life.STEPS},
        **({"step": "", "faults": {}} | more),
    )
