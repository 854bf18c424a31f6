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

from core.access.policy import EVERYWHERE, require
from core.db.session import WorkSession
from core.errors import Invalid, Refused
from core.grids.queries import is_empty
from core.intake.systems import system_text
from core.intake.uploads import SUFFIXES
from core.layers import queries, service, uploads
from core.layers.kinds import ABOUT, REASONS
from core.layers.naming import free_title
from core.layers.service import MANAGE, LayerChange
from core.layers.uploads import ASKED, WAITING, LayerUploadView
from core.layers.views import MOST_ZOOM, LayerOptions, LayerView
from core.settings import get_settings
from core.text import noop as _
from web.auth import takes_upload
from web.db import actor, read, write
from web.i18n import translate_text
from web.layer_values import layer_values
from web.pages import layer_form as form
from web.pages.people_parts import back

bp = APIBlueprint("layers", __name__, enable_openapi=False, url_prefix="/grids/layers")

HERE: Final = "/grids/layers"
NAMED: Final = ("title_zh", "title_en", "source", "licence")
BESIDE: Final = "/beside_title"
FAMILIES: Final = {"point": _("points"), "line": _("lines"), "polygon": _("areas"), "mixed": _("lines and areas")}


@bp.get("")
def start() -> str:
    """The layers, the highest on the map first, and the form for another file."""
    require(actor(), MANAGE, EVERYWHERE)
    with read() as session:
        layer = _layer(session, request.args.get("code", ""))
        values = form.of_layer(layer, queries.kept_fields(session, layer.code)) if layer else {}
    return _start(values)


@bp.post("")
@takes_upload
def upload() -> ResponseReturnValue:
    """Keep a file and let it become a layer; what is wrong is said at its field."""
    require(actor(), MANAGE, EVERYWHERE)
    try:
        options = form.sent(request.form)
        chosen = request.files.get("file")
        if chosen is None or not chosen.filename:
            raise Invalid(_("No file was chosen"))
        with write() as session:
            key = uploads.store_upload(session, chosen.filename, chosen.stream, options)
    except Invalid as refusal:
        faults = {each.pointer: translate_text(each.text) for each in refusal.objections}
        return _start(form.again(request.form), faults or {"/file": translate_text(refusal.text)}), refusal.status
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
    """Read the file again with other options, with further fields, or with what was asked about it answered."""
    require(actor(), MANAGE, EVERYWHERE)
    answered = "answer" in request.form
    try:
        if request.form.get("answer") == form.KEEP:
            with write() as session:
                view = uploads.request_fields(session, key, request.form.getlist(form.KEEP))
            return _run(view)
        return _begin(key, _answered(key) if answered else form.sent(request.form))
    except Invalid as refusal:
        faults = {each.pointer: translate_text(each.text) for each in refusal.objections}
        if answered:
            return _upload_page(key, errors={BESIDE: " ".join(faults.values())}), refusal.status
        return _upload_page(key, form.again(request.form), faults), refusal.status


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
    try:
        title_zh, title_en, source, licence = (request.form.get(name, "") for name in NAMED)
        wanted = LayerChange(
            title_zh=title_zh,
            title_en=title_en,
            source=source,
            licence=licence,
            min_zoom=form.zoom(request.form),
            shown=request.form.get("shown") == "true",
        )
        with write() as session:
            service.set_layer(session, code, wanted)
    except Invalid as refusal:
        faults = {each.pointer: translate_text(each.text) for each in refusal.objections}
        return _layer_page(code, dict(request.form), faults), refusal.status
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
    english = "" if view.options.title_en == asked["there"]["title_en"] else view.options.title_en
    chinese = request.form.get("beside_title", "")
    options = replace(view.options, code=None, replaces=None, title_zh=chinese, title_en=english)
    service.check_options(options)
    with read() as session:
        service.check_titles(session, options)
    return options


def _begin(key: UUID, options: LayerOptions) -> ResponseReturnValue:
    """Read a small file now, let a job read a large one."""
    with write() as session:
        view = uploads.request_import(session, key, options)
    return _run(view)


def _run(view: LayerUploadView) -> ResponseReturnValue:
    if not view.large:
        uploads.run_upload(actor(), view.id)
    return redirect(f"{HERE}/imports/{view.id}", 303)


def _start(values: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """The list with the form for a new layer; where the inputs name a layer, the form for a file in its place."""
    with read() as session:
        layers, empty = queries.layers(session), is_empty(session)
        layer = _layer(session, str(values.get("code") or ""))
    return render_template(
        "layers/replace.html" if layer else "layers/list.html",
        empty_city=empty,
        layers=layers[::-1],
        layer=layer,
        kinds=form.kinds(),
        values=values,
        errors=errors or {},
        choices=form.choices({}, str(values.get("crs") or "")),
        suffixes=SUFFIXES,
        most_mb=get_settings().upload_mb,
        rare=form.RARE,
    )


def _layer(session: WorkSession, code: str) -> LayerView | None:
    """The layer that a code names, if any."""
    return next((each for each in queries.layers(session) if each.code == code), None)


def _upload_page(key: UUID, values: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    with read() as session:
        view = uploads.upload_view(session, key)
        report = form.readable(view)
        asked = _asked(session, view, report) if view.state == ASKED else None
    shown = form.of_upload(view, report)
    return render_template(
        "layers/upload.html",
        upload=view,
        report=report,
        asked=asked,
        values=shown if values is None else values,
        errors=errors or {},
        choices=form.choices(report, str((values or shown).get("crs") or "")),
        kinds=form.kinds(),
        rare=form.RARE,
    )


def _asked(session: WorkSession, view: LayerUploadView, report: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked about a file, with how the layer there was named, and a title for another layer."""
    asked: dict[str, Any] = report["asked"]
    options = view.options
    named = "code" if options.code else "title" if options.title_zh or options.title_en else "kind"
    wanted = options.title_zh or gettext(ABOUT[options.kind].title)
    return {
        **asked,
        "named": named,
        "title": request.form.get("beside_title") or free_title(session, wanted),
        "at": dt.datetime.fromisoformat(asked["there"]["imported_at"]),
    }


def _layer_page(code: str, values: dict[str, Any] | None = None, errors: dict[str, str] | None = None) -> str:
    with read() as session:
        layer = queries.layer_by_code(session, code)
        kept = queries.kept_fields(session, code)
    return render_template(
        "layers/layer.html",
        layer=layer,
        kind=gettext(ABOUT[layer.kind].title),
        family=gettext(FAMILIES[layer.geometry_type]),
        kept=kept,
        crs=translate_text(system_text(layer.crs)),
        left_out=[(gettext(REASONS[name]), count) for name, count in layer.left_out.items()],
        values=layer_values(layer) if values is None else values,
        errors=errors or {},
        most_zoom=MOST_ZOOM,
    )
