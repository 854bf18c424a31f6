"""Import of boundaries in the browser, for those without a shell: upload, preview with defects, options, approval."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, redirect, render_template, request
from flask_babel import gettext
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from core.access.policy import require
from core.errors import Invalid
from core.grids import uploads
from core.grids.codes import SCHEMES
from core.grids.levels import TITLES
from core.grids.queries import coverage_state
from core.grids.uploads import SUFFIXES, UploadView
from core.settings import get_settings
from core.text import noop as _
from web import forms
from web.api.imports import OptionsIn, preview_file, readable, start_apply, start_check
from web.auth import takes_upload
from web.context import zone
from web.db import actor, read, write

bp = APIBlueprint("imports", __name__, enable_openapi=False)

CRS_HINTS = (
    "EPSG:4490", "EPSG:4326", "EPSG:4547", "EPSG:4548", "EPSG:4549", "EPSG:4527", "EPSG:3857", "gcj02", "bd09",
)  # fmt: skip
ENCODINGS = ("UTF-8", "GBK", "GB18030", "BIG5")
NEST_ROWS = 3
LABELS = {
    "--clean": _("Clean"),
    "--code-field": _("Field of the codes"),
    "--crs": _("Coordinate system"),
    "--defects FILE.gpkg": _("All defects as GeoPackage"),
    "--duplicate-codes merge": _("Several polygons of one code: merge into one grid"),
    "--encoding": _("Text encoding"),
    "--gap-width-m": _("Close gaps up to"),
    "--layer": _("Layer"),
    "--level city": _("Level of the polygons: city"),
    "--name-field": _("Field of the names"),
    "--nest": _("Coarser level"),
    "--parent": _("Code of the parent"),
    "--root CODE:NAME": _("Code of the city, name of the city"),
    "--root": _("Code of the city"),
    "--valid-from": _("Valid from"),
    "`wangge grid tree`": _("Grid tree"),
}
"""Options of the command line as the form names them."""
OPTION = re.compile("|".join(re.escape(name) for name in LABELS))


@bp.get("/grids/import")
def start() -> str:
    """The upload form and what came before."""
    require(actor(), "grid.import")
    with read() as session:
        recent = uploads.recent_uploads(session)
        empty = coverage_state(session).root is None
    return render_template(
        "imports/start.html", recent=recent, empty=empty, kinds=SUFFIXES, most_mb=get_settings().upload_mb
    )


@bp.post("/grids/import")
@takes_upload
def upload() -> AnyResponse:
    """Keep the file, check it as it is likely meant, show the preview."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(_("No file was chosen"))
    with write() as session:
        key = uploads.store_upload(session, sent.filename, sent.stream)
        options = uploads.upload_view(session, key).options
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
        return Response(render_template("imports/busy.html", upload=view))
    return Response("", headers={"HX-Refresh": "true"})


@bp.post("/grids/import/<uuid:key>/options")
def set_options(key: UUID) -> AnyResponse | tuple[str, int]:
    """Take the options and check again."""
    values = _sent(request.form)
    try:
        options = OptionsIn.model_validate(values).to_options()
    except ValidationError as error:
        return _page(key, dict(request.form), forms.pointers(error)), 422
    start_check(key, options)
    return redirect(f"/grids/import/{key}", 303)


@bp.post("/grids/import/<uuid:key>/approve")
def approve(key: UUID) -> AnyResponse:
    """Apply it as one recorded change."""
    start_apply(key)
    return redirect(f"/grids/import/{key}", 303)


@bp.post("/grids/import/<uuid:key>/stop")
def stop(key: UUID) -> AnyResponse:
    """No longer wait for a check or an apply."""
    with write() as session:
        uploads.stop_upload(session, key)
    return redirect(f"/grids/import/{key}", 303)


@bp.get("/grids/import/<uuid:key>/<any('outlines.geojson', 'defects.geojson', 'defects.gpkg'):name>")
def file(key: UUID, name: str) -> Response:
    """Outlines and defects for the map, all defects for a GIS."""
    return preview_file(key, name)


def _of_the_form(report: dict[str, Any]) -> dict[str, Any]:
    """The report with the options of the command line named as the form names them."""
    shown = dict(report)
    if shown.get("reason"):
        shown["reason"] = _named(shown["reason"])
    for name in ("warnings", "mend"):
        shown[name] = [_named(text) for text in shown[name]]
    return shown


def _named(text: str) -> str:
    return OPTION.sub(lambda found: f"“{gettext(LABELS[found[0]])}”", text)


def _page(key: UUID, values: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    with read() as session:
        view = uploads.upload_view(session, key)
        coverage = coverage_state(session)
    report = _of_the_form(readable(view.report))
    return render_template(
        "imports/preview.html",
        upload=view,
        report=report,
        values=values if values is not None else _shown(view),
        errors=errors or {},
        coverage=coverage,
        choices=_choices(report),
        nest_rows=NEST_ROWS,
        crs_hints=CRS_HINTS,
        has_outlines=(uploads.folder_of(key) / "outlines.geojson").is_file(),
    )


def _choices(report: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What the selects of the form offer."""
    fields = [
        (part["name"], f"{part['name']} ({', '.join(part['samples'])})" if part["samples"] else part["name"])
        for part in report.get("fields", [])
    ]
    return {
        "layer": [(name, name) for name in report.get("layers", [])],
        "field": fields,
        "level": [(level, gettext(title)) for level, title in TITLES.items()],
        "encoding": [(name, name) for name in ENCODINGS],
        "scheme": [(name, name) for name in SCHEMES],
        "duplicate_codes": [("refuse", gettext("refuse")), ("merge", gettext("merge into one grid"))],
    }


def _shown(view: UploadView) -> dict[str, Any]:
    """The options as the form's inputs."""
    values = {name: "" if value is None else value for name, value in view.options.as_json().items()}
    values["root_code"], _colon, values["root_name"] = str(values.pop("root")).partition(":")
    values["valid_from"] = str(values["valid_from"])[:10]
    for number, (name, level) in enumerate(view.options.nest):
        values[f"nest_field_{number}"], values[f"nest_level_{number}"] = name, level
    return values


def _sent(form: MultiDict[str, str]) -> dict[str, Any]:
    """The form's inputs as the API's options; empty ones are left out."""
    plain = (
        "level", "parent", "layer", "code_field", "name_field", "crs", "encoding", "scheme", "duplicate_codes",
        "gap_width_m", "valid_from", "reason",
    )  # fmt: skip
    values: dict[str, Any] = {name: form[name].strip() for name in plain if form.get(name, "").strip()}
    root = (form.get("root_code", "").strip(), form.get("root_name", "").strip())
    if any(root):
        values["root"] = ":".join(root)
    values["clean"] = form.get("clean") == "true"
    pairs = ((form.get(f"nest_field_{n}", ""), form.get(f"nest_level_{n}", "")) for n in range(NEST_ROWS))
    values["nest"] = [{"field": name, "level": level} for name, level in pairs if name and level]
    day = values.get("valid_from", "")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
        values["valid_from"] = f"{day}T00:00:00{dt.datetime.fromisoformat(day).replace(tzinfo=zone()):%z}"
    return values
