"""The journal: who did what, when."""

from __future__ import annotations

from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, render_template, request
from flask_babel import gettext as _

from core.access.policy import require
from core.audit.queries import newest_entries
from core.audit.recorder import record
from web import tables
from web.actor_words import actor_words
from web.auth import needs
from web.db import read, write
from web.pages.journal_words import act_words, changes
from web.pages.people_parts import tabs

bp = APIBlueprint("journal", __name__, enable_openapi=False)

PAGE = 50
MOST = 100_000
"""Rows of an export; who needs older ones filters."""


@bp.get("/journal")
@needs("audit.read")
def journal() -> str:
    """The newest acts, filtered by who and what."""
    wanted = _wanted()
    before = request.args.get("before", type=int)
    with read() as session:
        require(session.actor, "audit.read")
        found = newest_entries(session, **wanted, before=before, limit=PAGE)
    more = urlencode({**wanted, "before": found[-1].id}) if len(found) == PAGE else ""
    return render_template(
        "people/journal.html", acts=found, wanted=wanted, more=more, tabs=tabs("journal"), act_words=act_words,
        changes=changes, filters=urlencode(wanted),
    )  # fmt: skip


@bp.get("/journal.<any(xlsx, csv):ending>")
@needs("audit.read")
def export(ending: str) -> Response:
    """The newest acts of this filter as a table; itself an act of the journal."""
    wanted = _wanted()
    with write() as session:
        require(session.actor, "audit.read")
        found = newest_entries(session, **wanted, before=None, limit=MOST)
        record(session, "journal.export", "core.journal", "*", after={"rows": len(found), "format": ending, **wanted})
    columns = [_("When"), _("Who"), _("Act"), _("Short name of the act"), _("Object"), _("What it left")]
    rows = [
        (
            entry.at,
            actor_words(entry.actor_name, entry.actor),
            act_words(entry.action),
            entry.action,
            f"{entry.object_type} {entry.object_id}",
            "\n".join(f"{field} {value}" for field, value in changes(entry.before, entry.after)),
        )
        for entry in found
    ]
    return tables.write(ending, columns, rows, "journal", _("Journal"))


def _wanted() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ("actor", "action", "object")}
