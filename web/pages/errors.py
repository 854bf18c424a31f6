"""`/problems/<slug>`: what each kind of problem means and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from apiflask import APIBlueprint
from flask import render_template
from flask_babel import gettext

from core.errors import NotFound
from core.text import noop as _
from web.problems import KINDS

bp = APIBlueprint("errors", __name__, enable_openapi=False)

ABOUT: Final[Mapping[str, tuple[str, str]]] = {
    "invalid": (
        _("Something that was sent does not have the form that is asked for. Nothing was written."),
        _("Each fault names its place; correct those values and send again."),
    ),
    "not-found": (
        _("There is nothing under this address or code, or you may not know of it."),
        _("Check the address or code; search for the name in the top bar."),
    ),
    "refused": (
        _("A rule of the city or of a department does not allow this in the present state. Nothing was written."),
        _("Each reason says what would remove it."),
    ),
    "forbidden": (
        _("Your roles do not allow this action here."),
        _("Ask the security administrator for a role on this grid, or a colleague who has it."),
    ),
    "unauthenticated": (
        _("The server does not know who asks: nobody is logged in, or the token is wrong or has expired."),
        _("Log in, or send a valid bearer token."),
    ),
    "too-many": (
        _("Too many tries in a short time."),
        _("Wait as long as the header Retry-After says, then try again."),
    ),
    "conflict": (
        _("Somebody else changed the same thing after you had opened it. Nothing of theirs was overwritten."),
        _("Look at their state, then make your change on top of it."),
    ),
    "key-reused": (
        _("This id already belongs to something with other content."),
        _("Make a new id for a new thing; send the very same content to ask again for the same answer."),
    ),
    "unavailable": (
        _("A part of the system is starting, stopping or away."),
        _("Try again in a moment; if it lasts, the command “wangge doctor” says what is missing."),
    ),
    "no-room": (
        _("The disk of the server is full. What was sent could not be kept."),
        _("Let the administrator make room on the disk of the data folder, then send it again."),
    ),
    "unusable": (
        _("The machine or its settings do not allow this command."),
        _("The message names the setting or the missing program; mend it and try again."),
    ),
    "internal": (
        _("A fault of the program. It was written to the log with its number."),
        _("Try again; if it comes back, tell the administrator the error number."),
    ),
}


@bp.get("/problems/<slug>")
def about(slug: str) -> str:
    """The page that a problem's `type` points at."""
    if slug not in ABOUT:
        raise NotFound(_("There is no kind of problem called %(slug)s"), slug=slug)
    kind = next((kind for kind in KINDS if kind.slug == slug), None)
    meaning, mend = ABOUT[slug]
    facts = {
        "slug": slug,
        "status": kind.status if kind else 500,
        "title": gettext(kind.title if kind else _("Server error")),
        "meaning": gettext(meaning),
        "mend": gettext(mend),
    }
    return render_template("errors/about.html", about=facts)
