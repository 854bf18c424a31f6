"""`/grids/layers`: reference layers: what there is, files in, order, how each is shown, removal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from core.access.policy import EVERYWHERE, require
from core.errors import Invalid, Refused
from core.grids.queries import is_empty
from core.intake.systems import system_text
from core.intake.uploads import SUFFIXES
from core.layers import queries, service, uploads
from core.layers.kinds import ABOUT, REASONS
from core.layers.service import MANAGE, LayerChange
from core.layers.uploads import ASKED, WAITING, LayerUploadView
from core.layers.views import MOST_ZOOM, LayerOptions
from core.settings import get_settings
from core.text import Text
from core.text import noop as _
from web.auth import takes_upload
from web.db import actor, read, write
from web.i18n import translate_kept, translate_text
from web.layer_values import layer_values
from web.pages.import_form import ENCODINGS, systems
from web.pages.people_parts import back

bp = APIBlueprint("layers", __name__, enable_openapi=False, url_prefix="/grids/layers")

HERE: Final = "/grids/layers"
TEXTS: Final = (
    "code", "title_zh", "title_en", "source", "licence", "layer", "name_field", "class_field", "crs", "encoding",
)  # fmt: skip
NAMED: Final = ("title_zh", "title_en", "source", "licence")
RARE: Final = ("code", "title_en", "layer", "name_field", "class_field", "attributes", "encoding", "min_zoom")
BESIDE: Final = "/beside_title"
FAMILIES: Final = {"point": _("points"), "line": _("lines"), "polygon": _("areas"), "mixed": _("lines and areas")}
REMEDIES: Final = {
    "crs": _("Choose the coordinate system %(crs)s below, or the true one."),
    "encoding": _("Choose the text encoding below."),
    "encoding_as": _("Choose the text encoding below; most likely it is %(encoding)s."),
    "layer": _("Choose the layer below."),
}
"""What may be done about a refusal, in words of the form."""


@bp.get("")
def start() -> str:
    """The layers, the highest on the map first, and the form for another file."""
    require(actor(), MANAGE, EVERYWHERE)
    return _start({name: request.args.get(name, "") for name in ("kind", "code")})


@bp.post("")
@takes_upload
def upload() -> ResponseReturnValue:
    """Keep a file and let it become a layer; what is wrong is said at its field."""
    require(actor(), MANAGE, EVERYWHERE)
    try:
        options = _sent(request.form)
        chosen = request.files.get("file")
        if chosen is None or not chosen.filename:
            raise Invalid(_("No file was chosen"))
        with write() as session:
            key = uploads.store_upload(session, chosen.filename, chosen.stream, options)
    except Invalid as refusal:
        faults = {each.pointer: translate_text(each.text) for each in refusal.objections}
        return _start(dict(request.form), faults or {"/file": translate_text(refusal.text)}), refusal.status
    return _begin(key, options)


@bp.get("/imports/<uuid:key>")
def one_upload(key: UUID) -> str:
    """What became of a file; where it was refused, why, and the form with which it may be tried again."""
    return _upload_page(key)


@bp.get("/imports/<uuid:key>/state")
def upload_state(key: UUID) -> Response:
    """Fragment that is asked for while a job works; sends the page to itself once that is done."""
    with read() as session:
        view = uploads.upload_view(session, key)
    if view.state == WAITING:
        return Response(render_template("layers/busy.html", upload=view))
    return Response("", headers={"HX-Refresh": "true"})


@bp.post("/imports/<uuid:key>")
def try_again(key: UUID) -> ResponseReturnValue:
    """Read the file again with other options, or with what was asked about it answered."""
    require(actor(), MANAGE, EVERYWHERE)
    answered = "answer" in request.form
    try:
        return _begin(key, _answered(key) if answered else _sent(request.form))
    except Invalid as refusal:
        faults = {each.pointer: translate_text(each.text) for each in refusal.objections}
        if answered:
            return _upload_page(key, errors={BESIDE: " ".join(faults.values())}), refusal.status
        return _upload_page(key, dict(request.form), faults), refusal.status


@bp.post("/order")
def order() -> ResponseReturnValue:
    """Move a layer one place up or down under its neighbours."""
    require(actor(), MANAGE, EVERYWHERE)
    code, up = request.form.get("code", ""), request.form.get("to") == "up"
    with read() as session:
        codes = [layer.code for layer in queries.layers(session)]
    if code in codes:
        at = codes.index(code)
        to = min(max(at + (1 if up else -1), 0), len(codes) - 1)
        codes.insert(to, codes.pop(at))
    return back(HERE, lambda session: service.order_layers(session, codes), gettext("The order was changed."))


@bp.get("/<code>")
def one_layer(code: str) -> str:
    """One layer: where it comes from, how it is shown, its removal."""
    require(actor(), MANAGE, EVERYWHERE)
    return _layer_page(code)


@bp.post("/<code>")
def change(code: str) -> ResponseReturnValue:
    """Change how a layer is named and shown."""
    form = request.form
    try:
        title_zh, title_en, source, licence = (form.get(name, "") for name in NAMED)
        wanted = LayerChange(
            title_zh=title_zh,
            title_en=title_en,
            source=source,
            licence=licence,
            min_zoom=_zoom(form),
            shown=form.get("shown") == "true",
        )
        with write() as session:
            service.set_layer(session, code, wanted)
    except Invalid as refusal:
        faults = {each.pointer: translate_text(each.text) for each in refusal.objections}
        return _layer_page(code, dict(form), faults), refusal.status
    flash(gettext("The layer was changed."), "ok")
    return redirect(f"{HERE}/{code}", 303)


@bp.post("/<code>/remove")
def remove(code: str) -> ResponseReturnValue:
    """Remove a layer, once its code was typed."""
    require(actor(), MANAGE, EVERYWHERE)
    if request.form.get("confirm") != code:
        raise Refused(_("Type the code of the layer to confirm that it goes"))
    return back(HERE, lambda session: service.remove_layer(session, code), gettext("The layer was removed."))


def _answered(key: UUID) -> LayerOptions:
    """The options as they were with the answer: the layer that is there is replaced, or a second one made.

    :raises Invalid: where an option is wrong.
    """
    with read() as session:
        view = uploads.upload_view(session, key)
    asked = view.report.get("asked") or {}
    if not asked:
        return view.options
    if request.form["answer"] == "replace":
        return replace(view.options, code=asked["there"]["code"], replaces=request.form.get("mark", ""))
    options = replace(
        view.options, code=asked["free_code"], replaces=None, title_zh=request.form.get("beside_title", ""),
        title_en=view.options.title_en or "",
    )  # fmt: skip
    service.check_options(options)
    return options


def _begin(key: UUID, options: LayerOptions) -> ResponseReturnValue:
    """Read a small file now, let a job read a large one."""
    with write() as session:
        view = uploads.request_import(session, key, options)
    if not view.large:
        uploads.run_upload(actor(), key)
    return redirect(f"{HERE}/imports/{key}", 303)


def _start(values: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    with read() as session:
        layers, empty = queries.layers(session), is_empty(session)
    return render_template(
        "layers/list.html",
        empty_city=empty,
        layers=layers[::-1],
        kinds=_kinds(),
        values=values,
        errors=errors or {},
        choices=_choices({}, str(values.get("crs") or "")),
        suffixes=SUFFIXES,
        most_mb=get_settings().upload_mb,
        rare=RARE,
    )


def _upload_page(key: UUID, values: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    with read() as session:
        view = uploads.upload_view(session, key)
    report = _readable(view)
    shown = {name: "" if value is None else value for name, value in view.options.as_json().items()}
    shown["attributes"] = ", ".join(view.options.attributes)
    shown |= _suggested(report)
    asked = report.get("asked") if view.state == ASKED else None
    if asked:
        second = f"{gettext(ABOUT[view.options.kind].title)} 2"
        asked["title"] = request.form.get("beside_title") or view.options.title_zh or second
        asked["at"] = dt.datetime.fromisoformat(asked["there"]["imported_at"])
    return render_template(
        "layers/upload.html",
        upload=view,
        report=report,
        asked=asked,
        values=shown if values is None else values,
        errors=errors or {},
        choices=_choices(report, str((values or shown).get("crs") or "")),
        kinds=_kinds(),
        rare=RARE,
    )


def _layer_page(code: str, values: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    with read() as session:
        layer = queries.layer_by_code(session, code)
    return render_template(
        "layers/layer.html",
        layer=layer,
        kind=gettext(ABOUT[layer.kind].title),
        family=gettext(FAMILIES[layer.geometry_type]),
        crs=translate_text(system_text(layer.crs)),
        left_out=[(gettext(REASONS[name]), count) for name, count in layer.left_out.items()],
        values=layer_values(layer) if values is None else values,
        errors=errors or {},
        most_zoom=MOST_ZOOM,
    )


def _kinds() -> list[tuple[str, str]]:
    return [(kind, gettext(about.title)) for kind, about in ABOUT.items()]


def _choices(report: Mapping[str, Any], crs: str) -> dict[str, list[tuple[str, str]]]:
    fields = report.get("fields", [])
    return {
        "layer": [(name, name) for name in report.get("layers", [])],
        "field": [(each["name"], " · ".join([each["name"], *each["samples"]])) for each in fields],
        "crs": systems(crs),
        "encoding": [(name, name) for name in ENCODINGS],
    }


def _readable(view: LayerUploadView) -> dict[str, Any]:
    """The report with its texts, and with what may be done, in the reader's language."""
    report = dict(view.report)
    if report.get("reason"):
        report["reason"] = translate_kept(report["reason"])
    report["warnings"] = [translate_kept(text) for text in report.get("warnings", [])]
    mends = [translate_kept(text) for text in report.get("mend", [])]
    for remedy in report.get("remedies", []):
        words, params = REMEDIES.get(remedy["code"]), remedy["params"]
        if words is not None:
            named = {"crs": system_text(params["crs"])} if "crs" in params else {}
            mends.append(translate_text(Text(words, {**params, **named})))
    return {**report, "mend": mends}


def _suggested(report: Mapping[str, Any]) -> dict[str, Any]:
    """What would most likely mend a refusal, as the form's inputs."""
    found = dict(report.get("suggested") or {})
    likely = (remedy["params"].get("encoding") for remedy in report.get("remedies", []))
    encoding = next(filter(None, likely), "")
    known = next((name for name in ENCODINGS if name.lower() == str(encoding).lower()), "")
    return {**found, **({"encoding": known} if known else {})}


def _sent(form: MultiDict[str, str]) -> LayerOptions:
    """The form's inputs; empty ones are left out.

    :raises Invalid: where an option is wrong.
    """
    texts: dict[str, Any] = {name: form.get(name, "").strip() or None for name in TEXTS}
    texts["crs"] = form.get("crs_other", "").strip() or texts["crs"]
    kind: Any = form.get("kind", "")
    attributes = tuple(filter(None, (part.strip() for part in form.get("attributes", "").split(","))))
    shown = {"true": True, "false": False}.get(form.get("shown", ""))
    options = LayerOptions(kind, **texts, attributes=attributes, min_zoom=_zoom(form), shown=shown)
    service.check_options(options)
    return options


def _zoom(form: MultiDict[str, str]) -> int | None:
    text = form.get("min_zoom", "").strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 4 else -1
