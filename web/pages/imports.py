"""Import of boundaries in the browser, for those without a shell: upload, preview with defects, options, approval."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask_babel import gettext
from pydantic import ValidationError
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from core.access.policy import require
from core.errors import Invalid
from core.gistext import KINDS
from core.grids.imports import uploads
from core.grids.imports.draft import ImportOptions
from core.grids.imports.listing import choices_again, has_choices, keep_choices, kept_list
from core.grids.imports.looking import moves_much
from core.grids.imports.previews import has_outlines
from core.grids.levels import TITLES, level_below
from core.grids.queries import coverage_state
from core.grids.repairs.proposals import PROPOSED
from core.intake.systems import system_text
from core.intake.uploads import SUFFIXES
from core.settings import get_settings
from core.text import noop as _
from web import forms
from web.auth import takes_upload
from web.boundary_files import OptionsIn, readable, send_preview, start_apply, start_check
from web.db import actor, read, write
from web.i18n import translate_text
from web.pages import decisions
from web.pages.import_form import NEST_ROWS, choices, of_the_form, sent, shown, suggested, waiting_for
from web.problems import wants_json

UNCHECKED: Final = _(
    "What stood on the page was not yet checked and is now. Nothing was written: look at it again, then approve."
)
NO_LIST: Final[dict[str, Any]] = {"list": "", "defects": []}

bp = APIBlueprint("imports", __name__, enable_openapi=False)


@bp.get("/grids/import")
def start() -> str:
    """The upload form and what came before."""
    require(actor(), "grid.import")
    return _start()


@bp.post("/grids/import")
@takes_upload
def upload() -> AnyResponse | tuple[str, int]:
    """Keep the file, check it as it is likely meant, show the preview; what is no such file is said at its field."""
    require(actor(), "grid.import")
    try:
        key, options = _kept(request.files.get("file"))
    except Invalid as refusal:
        if wants_json():
            raise
        return _start({"/file": translate_text(refusal.text)}), refusal.status
    start_check(key, options)
    return redirect(f"/grids/import/{key}", 303)


@bp.get("/grids/import/<uuid:key>")
def preview(key: UUID) -> str:
    """Map, options, what would be born, defects, approval."""
    return _page(key)


@bp.get("/grids/import/<uuid:key>/state")
def state(key: UUID) -> Response:
    """Fragment that is asked for while a job works; sends the page to itself once that is done."""
    with read() as session:
        view = uploads.upload_view(session, key)
    if view.busy:
        return Response(render_template("imports/busy.html", upload=view, waiting=waiting_for(view)))
    return Response("", headers={"HX-Refresh": "true"})


@bp.post("/grids/import/<uuid:key>/options")
def set_options(key: UUID) -> AnyResponse | tuple[str, int]:
    """Take the options, with what is decided of each defect, and check again."""
    chosen = _chosen(key)
    try:
        options = _on_screen(key, chosen)
    except ValidationError as error:
        return _page(key, dict(request.form), forms.pointers(error), chosen), 422
    start_check(key, options)
    return redirect(f"/grids/import/{key}", 303)


@bp.get("/grids/import/<uuid:key>/decide")
def decided(key: UUID) -> AnyResponse:
    """Where a page of the list was turned to and the address is asked for anew: the preview."""
    with read() as session:
        uploads.upload_view(session, key)
    return redirect(f"/grids/import/{key}")


@bp.post("/grids/import/<uuid:key>/decide")
def decide(key: UUID) -> AnyResponse | str | tuple[str, int]:
    """Decide on each defect: begin, turn the page, choose for a whole kind, check the decisions, or give it up."""
    act, _dash, rest = request.form.get("act", "try").partition("-")
    if act in ("begin", "end"):
        with read() as session:
            options = uploads.upload_view(session, key).options
        begins = {"repair": PROPOSED, "clean": False} if act == "begin" else {"repair": None}
        start_check(key, replace(options, choices=(), repair_list=None, **begins))
        return redirect(f"/grids/import/{key}", 303)
    chosen = _chosen(key) or decisions.Decisions()
    if decisions.turned(act, rest, _listed(key) or NO_LIST, chosen):
        return _page(key, dict(request.form) if "level" in request.form else None, chosen=chosen)
    try:
        options = replace(_on_screen(key, chosen), clean=False)
    except ValidationError as error:
        return _page(key, dict(request.form), forms.pointers(error), chosen), 422
    start_check(key, options)
    return redirect(f"/grids/import/{key}", 303)


@bp.post("/grids/import/<uuid:key>/approve")
def approve(key: UUID) -> AnyResponse | tuple[str, int]:
    """Apply it as one recorded change; where mending moved much, only once the person has looked at it.

    What stands on the page of who approves must be what was checked: else it is checked first, and asked about again.
    """
    with read() as session:
        view = uploads.upload_view(session, key)
    chosen = _chosen(key)
    try:
        options = _on_screen(key, chosen)
    except ValidationError as error:
        return _page(key, dict(request.form), forms.pointers(error), chosen), 422
    if view.busy or options == view.options:
        start_apply(key, seen="seen" in request.form)
    else:
        start_check(key, options)
        flash(gettext(UNCHECKED), "warn")
    return redirect(f"/grids/import/{key}", 303)


@bp.post("/grids/import/<uuid:key>/stop")
def stop(key: UUID) -> AnyResponse:
    """No longer wait for a check or an apply."""
    with write() as session:
        uploads.stop_upload(session, key)
    return redirect(f"/grids/import/{key}", 303)


@bp.get("/grids/import/<uuid:key>/<any('outlines.geojson', 'changes.geojson', 'defects.geojson', 'defects.gpkg'):name>")
def file(key: UUID, name: str) -> Response:
    """Outlines, changes and defects for the map, all defects for a GIS."""
    return send_preview(key, name)


def _start(errors: dict[str, str] | None = None) -> str:
    with read() as session:
        recent = uploads.recent_uploads(session)
        empty = coverage_state(session).root is None
    return render_template(
        "imports/start.html",
        recent=recent,
        empty=empty,
        kinds=SUFFIXES,
        most_mb=get_settings().upload_mb,
        errors=errors or {},
    )


def _kept(chosen: FileStorage | None) -> tuple[UUID, ImportOptions]:
    """The upload and the options with which it is checked first."""
    if chosen is None or not chosen.filename:
        raise Invalid(_("No file was chosen"))
    with write() as session:
        key = uploads.store_upload(session, chosen.filename, chosen.stream)
        return key, uploads.upload_view(session, key).options


def _listed(key: UUID) -> dict[str, Any] | None:
    """The defects that are decided on, in the reader's language; ``None`` where that was not asked for."""
    with read() as session:
        found = kept_list(session, key)
    return None if found is None else decisions.in_words(found)


def _chosen(key: UUID) -> decisions.Decisions | None:
    """The decisions that a form sends, kept for other lists of the same layer; ``None`` where it sends none."""
    if "list" not in request.form:
        return None
    listed = _listed(key) or NO_LIST
    chosen = decisions.sent(listed)
    if listed is not NO_LIST and chosen.token == listed["list"]:
        with read() as session:
            keep_choices(session, key, listed, chosen.choices)
    return chosen


def _on_screen(key: UUID, chosen: decisions.Decisions | None) -> ImportOptions:
    """The options that a form sends, those of the last check where it sends none, with the decisions.

    :raises ValidationError: where there are no such options.
    """
    with read() as session:
        before = uploads.upload_view(session, key).options
    options = before
    if "level" in request.form:
        options = OptionsIn.model_validate(sent(request.form)).to_options()
    if options.clean:
        return options
    if chosen is not None:
        token = chosen.token if chosen.choices else None
        return replace(options, repair=PROPOSED, choices=chosen.as_pairs(), repair_list=token)
    if "repair" in request.form:
        return replace(options, repair=before.repair, choices=before.choices, repair_list=before.repair_list)
    return options


def _shown_decisions(key: UUID, listed: dict[str, Any], options: ImportOptions) -> decisions.Decisions:
    """The choices that were checked; where they were made on another list, those that still fit."""
    if options.repair_list == listed["list"]:
        return decisions.of_pairs(listed, options.repair_list, options.choices)
    with read() as session:
        again, gone = choices_again(session, key, listed)
    return decisions.Decisions(listed["list"], again, again=bool(again), gone=gone)


def _page(
    key: UUID,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    chosen: decisions.Decisions | None = None,
) -> str:
    with read() as session:
        view = uploads.upload_view(session, key)
        coverage = coverage_state(session)
        files = {"has_choices": has_choices(session, key), "has_outlines": has_outlines(session, key)}
    report = of_the_form(readable(view.report))
    level = view.options.level
    below = level_below(level)
    values = values if values is not None else shown(view)
    listed = _listed(key) if report.get("repair") and not view.busy else None
    if listed is not None:
        chosen = chosen or _shown_decisions(key, listed, view.options)
    return render_template(
        "imports/preview.html",
        upload=view,
        report=report,
        values=values,
        suggested=suggested(view),
        errors=errors or {},
        coverage=coverage,
        moves_much=moves_much(report),
        level=gettext(TITLES[level]),
        below=gettext(TITLES[below]) if below != level else "",
        choices=choices(report, values),
        waiting=waiting_for(view),
        nest_rows=NEST_ROWS,
        words={kind: gettext(word) for kind, word in KINDS.items()},
        crs_name=translate_text(system_text(report["crs"])) if report.get("crs") else "",
        list=listed,
        form="decide" if listed is not None else "options",
        decisions=chosen,
        unchecked=listed is not None and chosen is not None and chosen.as_pairs() != view.options.choices,
        **(decisions.laid_out(listed, chosen) if listed is not None and chosen else {}),
        **files,
    )
