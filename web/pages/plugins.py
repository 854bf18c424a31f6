"""`/plugins`: the catalogue of plugins; installing, switching on and off."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath
from typing import Final

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from core.access.policy import require
from core.audit.recorder import record
from core.errors import DomainError, Invalid, Refused
from core.plugin import queries, service
from core.plugin.doctor import ask
from core.plugin.footprint import footprint, rows_of
from core.plugin.views import STATES, PluginView
from core.plugin.wheel import version_named
from core.settings import get_settings
from core.text import noop as _
from web import context, slots, tables
from web.auth import takes_upload
from web.db import actor, read, write
from web.i18n import translate_text
from web.plugin_site import plugin_site
from web.problems import wants_json

bp = APIBlueprint("plugins", __name__, enable_openapi=False)

TONES: Final = {"enabled": "ok", "failed": "bad", "incompatible": "warn", "missing": "bad"}
ADDS: Final = (
    ("register_matter_kinds", _("Matter kinds")),
    ("register_layers", _("Layers")),
    ("register_panels", _("Panels")),
    ("register_menu", _("Menu entries")),
    ("register_blueprints", _("Own pages")),
    ("register_actions", _("Rights")),
    ("register_commands", _("Commands")),
    ("register_health", _("Health checks")),
)


@bp.get("/plugins")
def catalogue() -> ResponseReturnValue:
    """Every plugin in a row: state with reason, what it adds."""
    require(actor(), service.MANAGE)
    return _catalogue()


def _catalogue(refusal: DomainError | None = None) -> str:
    """The page; with a refusal, its reasons stand at the field of the wheel."""
    with read() as session:
        views = queries.plugins(session, get_settings())
        rows = {view.name: rows_of(session.connection(), view.name)[1] for view in views}
    texts = [refusal.text, *(text for each in refusal.objections for text in (each.text, each.mend))] if refusal else []
    return render_template(
        "plugins/list.html",
        plugins=views,
        rows=rows,
        refusal=gettext(". ").join(translate_text(text) for text in texts if text),
        language=context.language(),
        **_words(),
    )


@bp.get("/plugins.<any(xlsx, csv):ending>")
def export(ending: str) -> Response:
    """The catalogue as a table; written to the journal."""
    require(actor(), service.MANAGE)
    with write() as session:
        views = queries.plugins(session, get_settings())
        record(session, "plugin.export", "core.plugin", "*", after={"rows": len(views), "format": ending})
    language, words = context.language(), {state: gettext(title) for state, title in STATES.items()}
    columns = [gettext(title) for title in (_("Name"), _("Title"), _("Department"), _("Version"), _("State"))]
    rows = [
        (view.name, view.text("title", language), view.text("department", language), view.version, words[view.state])
        for view in views
    ]
    return tables.write(ending, columns, rows, "plugins", gettext("Plugins"))


@bp.get("/plugins/<name>")
def show(name: str) -> ResponseReturnValue:
    """One plugin: what it adds, health, timings, the last error."""
    require(actor(), service.MANAGE)
    with read() as session:
        view = queries.plugin(session, get_settings(), name)
        holds = footprint(session, view)
    here = slots.slots()
    timings = [(stage, timing) for (owner, stage), timing in sorted(here.host.timings.items()) if owner == name]
    return render_template(
        "plugins/show.html",
        plugin=view,
        holds=holds,
        language=context.language(),
        health=ask(here.host, name) if view.state == "enabled" else [],
        timings=timings,
        last_failure=here.failures_seen.get(name),
        **_words(),
    )


@bp.post("/plugins/<name>/enable")
def enable(name: str) -> ResponseReturnValue:
    """Switch on; the workers renew themselves after the answer."""
    title = _title(service.enable_plugin(actor(), plugin_site(), name))
    flash(gettext("%(name)s is switched on; the server renews its workers, that takes a few seconds", name=title), "ok")
    return redirect(f"/plugins/{name}")


@bp.get("/plugins/<name>/disable")
def confirm_disable(name: str) -> ResponseReturnValue:
    """Ask first: what would vanish, and what stays."""
    require(actor(), service.MANAGE)
    with read() as session:
        view = queries.plugin(session, get_settings(), name)
        holds = footprint(session, view)
    return render_template("plugins/disable.html", plugin=view, holds=holds, language=context.language(), **_words())


@bp.post("/plugins/<name>/disable")
def disable(name: str) -> ResponseReturnValue:
    """Switch off at once."""
    title = _title(service.disable_plugin(actor(), plugin_site(), name))
    flash(gettext("%(name)s is switched off; its data stay", name=title), "ok")
    return redirect(f"/plugins/{name}")


@bp.post("/plugins/install")
@takes_upload
def install() -> ResponseReturnValue:
    """Install the uploaded wheel."""
    require(actor(), service.MANAGE)
    try:
        view = _installed(request.files.get("wheel"))
    except (Invalid, Refused) as refusal:
        if wants_json():
            raise
        return _catalogue(refusal), refusal.status
    flash(gettext("%(name)s %(version)s is installed", name=_title(view), version=view.version), "ok")
    return redirect(f"/plugins/{view.name}")


def _title(view: PluginView) -> str:
    return view.text("title", context.language())


def _installed(upload: FileStorage | None) -> PluginView:
    if upload is None or not upload.filename:
        raise Invalid(_("Choose a plugin's wheel (.whl) first"))
    name = PurePath(upload.filename.replace("\\", "/")).name
    version_named(name)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / name
        upload.save(path)
        return service.install_plugin(actor(), plugin_site(), service.InstallPlugin(path))


def _words() -> dict[str, object]:
    return {
        "tones": TONES,
        "states": {state: gettext(title) for state, title in STATES.items()},
        "adds": [(hook, gettext(title)) for hook, title in ADDS],
    }
