"""The page at ``/p/security/``: the mediation rooms, and loading them from a table."""

from __future__ import annotations

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wangge import Invalid, may, require
from wangge import noop as _
from wangge.web import actor, pages, read, render_template, takes_upload, write

from wangge_security.rooms import IMPORT, TITLES, all_rooms, import_rooms

bp = pages(__name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every place with its address and hours."""
    require(actor(), "grid.see")
    with read() as session:
        places = all_rooms(session)
    return render_template(
        "security/index.html",
        places=places,
        titles={category: gettext(title) for category, title in TITLES.items()},
        may_import=bool(may(actor(), IMPORT.name)),
    )


@bp.post("/rooms")
@takes_upload
def load() -> ResponseReturnValue:
    """Load a table of places."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid(_("Choose a CSV file first"))
    with write() as session:
        done = import_rooms(session, upload.read())
    message = gettext(
        "%(added)s places added, %(changed)s changed, %(outside)s outside the city",
        added=done.added,
        changed=done.changed,
        outside=done.outside,
    )
    flash(message, "warn" if done.outside else "ok")
    return redirect("/p/security/")
