"""The page of shelters at ``/p/emergency/``: the list, and loading it from a table."""

from __future__ import annotations

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wangge import Invalid, may, require
from wangge import noop as _
from wangge.web import actor, pages, read, render_template, takes_upload, write

from wangge_emergency.shelters import IMPORT, all_shelters, import_shelters

bp = pages(__name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every shelter with its capacity."""
    require(actor(), "grid.see")
    with read() as session:
        shelters = all_shelters(session)
    return render_template(
        "emergency/index.html",
        shelters=shelters,
        capacity=sum(shelter.capacity for shelter in shelters),
        may_import=bool(may(actor(), IMPORT.name)),
    )


@bp.post("/shelters")
@takes_upload
def load() -> ResponseReturnValue:
    """Load a table of shelters."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid(_("Choose a CSV file first"))
    with write() as session:
        done = import_shelters(session, upload.read())
    message = gettext(
        "%(added)s shelters added, %(changed)s changed, %(outside)s outside the city",
        added=done.added,
        changed=done.changed,
        outside=done.outside,
    )
    flash(message, "warn" if done.outside else "ok")
    return redirect("/p/emergency/")
