"""Lists of people and of who walks which grid that come in as XLSX."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from apiflask import APIBlueprint
from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from core.access.commands import NewUser
from core.access.importing import import_users, users_template
from core.access.policy import may, require
from core.errors import DomainError, Objection
from core.org.importing import import_workers, workers_template
from web import tables
from web.auth import needs, takes_upload
from web.db import actor, write
from web.i18n import translate_text
from web.pages.people_parts import tabs

bp = APIBlueprint("lists", __name__, enable_openapi=False)

ROWS_NAMED: Final = 30


def _brings_lists() -> None:
    """Refuse whoever may bring in neither people nor workers."""
    who = actor()
    if not may(who, "org.manage"):
        require(who, "user.manage")


@bp.get("/people/import")
@needs("org.see")
def import_page() -> str:
    """Where lists of people and of workers come in."""
    _brings_lists()
    return render_template("people/import.html", tabs=tabs("users"), faults=[])


@bp.get("/people/import/<any(users, workers):what>.xlsx")
@needs("org.see")
def import_template(what: str) -> Response:
    """An empty list with the heads."""
    _brings_lists()
    body = users_template() if what == "users" else workers_template()
    answer = Response(body, mimetype=tables.XLSX)
    answer.headers["Content-Disposition"] = f"attachment; filename={what}.xlsx"
    return answer


@bp.post("/people/import/<any(users, workers):what>")
@takes_upload
@needs("org.see")
def import_list(what: str) -> ResponseReturnValue:
    """Take a list over, whole or not at all."""
    _brings_lists()
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    try:
        with write() as session:
            if what == "users":
                made = import_users(session, data)
                return slips(made)
            counts = import_workers(session, data)
    except DomainError as error:
        faults = grouped(error.objections) or [(translate_text(error.text), "", "")]
        return render_template("people/import.html", tabs=tabs("users"), faults=faults), error.status
    flash(_("%(posts)s posts made for %(people)s people", **counts), "ok")
    return redirect("/posts")


def slips(people: Sequence[NewUser], *, ended: bool = False) -> str:
    """The one-time passwords as a page of slips, with the same as a file inside it: the server keeps neither."""
    columns = [_("Login"), _("Full name"), _("One-time password")]
    rows = [(one.login, one.name, one.one_time_password) for one in people]
    book = tables.write("xlsx", columns, rows, "passwords", _("One-time passwords")).get_data()
    file = f"data:{tables.XLSX};base64,{base64.b64encode(book).decode()}"
    return render_template("people/password.html", people=people, file=file, ended=ended, tabs=tabs("users"))


def grouped(objections: Sequence[Objection]) -> list[tuple[str, str, str]]:
    """Faults of a list, the same ones of many rows as one: what, in which rows, how to mend it."""
    rows: dict[tuple[str, str], list[str]] = {}
    for fault in objections:
        row, _slash, column = fault.pointer.strip("/").partition("/")
        why = fault.text.params.get("why", fault.text)
        told = f"{column}: {translate_text(why)}" if column else translate_text(why)
        rows.setdefault((told, translate_text(fault.mend) if fault.mend else ""), []).append(row)
    return [(told, _where(numbers), mend) for (told, mend), numbers in rows.items()]


def _where(numbers: Sequence[str]) -> str:
    named = "、".join(numbers[:ROWS_NAMED]) + ("…" if len(numbers) > ROWS_NAMED else "")
    told: str = ngettext("row %(rows)s", "%(num)s rows: %(rows)s", len(numbers), rows=named)
    return told
