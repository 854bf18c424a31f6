"""The journal: who did what, when."""

from __future__ import annotations

from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import render_template, request

from core.access.policy import require
from core.audit.queries import newest_entries
from web.auth import needs
from web.db import read
from web.pages.journal_words import act_words, changes
from web.pages.people_parts import tabs

bp = APIBlueprint("journal", __name__, enable_openapi=False)

PAGE = 50


@bp.get("/journal")
@needs("audit.read")
def journal() -> str:
    """The newest acts, filtered by who and what."""
    wanted = {name: request.args.get(name, "").strip() for name in ("actor", "action", "object")}
    before = request.args.get("before", type=int)
    with read() as session:
        require(session.actor, "audit.read")
        found = newest_entries(session, **wanted, before=before, limit=PAGE)
    more = urlencode({**wanted, "before": found[-1].id}) if len(found) == PAGE else ""
    return render_template(
        "people/journal.html", acts=found, wanted=wanted, more=more, tabs=tabs("journal"), act_words=act_words,
        changes=changes,
    )  # fmt: skip
