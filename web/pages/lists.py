"""Lists of people and of who walks which grid that come in as XLSX."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from apiflask import APIBlueprint
from flask import Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from core.access.commands import ImportUsers, NewUser
from core.access.granted import grants_of_people
from core.access.importing import import_users, preview_users, users_template
from core.access.policy import may, require
from core.access.queries import people_of_import, user_import, user_imports
from core.access.slips import issue_slips
from core.access.views import ImportPreview
from core.db.base import new_id
from core.errors import DomainError, Objection
from core.org.importing import import_workers, workers_template
from web import tables
from web.auth import needs, takes_upload
from web.db import actor, read, write
from web.i18n import translate_text
from web.pages.people_parts import role_titles, tabs

bp = APIBlueprint("lists", __name__, enable_openapi=False)

ROWS_NAMED: Final = 30
CARRIED_MOST: Final = 1_400_000
"""Bytes of a list that its preview carries: with the third that base64 adds, what a form's fields may hold."""


def _brings_lists() -> None:
    """Refuse whoever may bring in neither people nor workers."""
    who = actor()
    if not may(who, "org.manage"):
        require(who, "user.manage")


@bp.get("/people/import")
@needs("org.see")
def import_page() -> ResponseReturnValue:
    """Where lists of people and of workers come in."""
    _brings_lists()
    return _page()


@bp.get("/people/import/<any(users, workers):what>.xlsx")
@needs("org.see")
def import_template(what: str) -> Response:
    """An empty list with the heads."""
    _brings_lists()
    body = users_template() if what == "users" else workers_template()
    answer = Response(body, mimetype=tables.XLSX)
    answer.headers["Content-Disposition"] = f"attachment; filename={what}.xlsx"
    return answer


@bp.post("/people/import/users")
@takes_upload
@needs("user.manage")
def take_people() -> ResponseReturnValue:
    """Show what a list would do; take it over, whole or not at all, when it comes back as seen.

    Between the two the list is kept nowhere but in the page; the form's id makes a second sending harmless.
    """
    try:
        form = UUID(request.form.get("id") or str(new_id()))
        data = _carried() or _sent()
    except ValueError:
        abort(400)
    update = request.form.get("update") == "true"
    digest = f"{hashlib.sha256(data).hexdigest()} {update}"
    # another file in the same form, after a step back in the browser, is another list
    command = ImportUsers(data, uuid5(form, digest), update)
    try:
        with write() as session:
            if request.form.get("digest") != digest:
                return _preview(preview_users(session, command), command, form, digest)
            view = import_users(session, command)
    except DomainError as error:
        return _page(error)
    return redirect(f"/people/imports/{view.id}", 303)


def _preview(preview: ImportPreview, command: ImportUsers, form: UUID, digest: str) -> str:
    """What a list would do, with the list itself to be sent back; one too large for that is chosen again."""
    carried = base64.b64encode(command.data).decode() if len(command.data) <= CARRIED_MOST else ""
    return render_template(
        "people/preview.html", preview=preview, update=command.update, key=form, digest=digest, carried=carried,
        titles=dict(role_titles()), columns=_columns(), tabs=tabs("users"),
    )  # fmt: skip


def _carried() -> bytes:
    """The list that came back from its preview."""
    return base64.b64decode(request.form.get("list", ""), validate=True)


@bp.post("/people/import/workers")
@takes_upload
@needs("org.manage")
def take_workers() -> ResponseReturnValue:
    """Take over who walks which grid, whole or not at all."""
    try:
        with write() as session:
            taken = import_workers(session, _sent())
    except DomainError as error:
        return _page(error)
    told = _("%(posts)s posts filled, %(deputies)s deputies named; %(unchanged)s rows stood already", **taken.counts())
    flash(told, "ok")
    other = _("Row %(row)s: the post of %(who)s is named “%(now)s”, not “%(listed)s”; it was left")
    for one in taken.differences[:ROWS_NAMED]:
        flash(other % asdict(one), "warn")
    return redirect("/posts")


def _sent() -> bytes:
    sent = request.files.get("file")
    return sent.read() if sent else b""


def _page(error: DomainError | None = None) -> ResponseReturnValue:
    """The forms, with what was wrong with the list that was sent."""
    with read() as session:
        manages = may(session.actor, "user.manage").allowed
        before = user_imports(session) if manages else []
    faults = (grouped(error.objections) or [(translate_text(error.text), "", "")]) if error else []
    shown = render_template("people/import.html", tabs=tabs("users"), faults=faults, before=before, key=new_id())
    return shown, error.status if error else 200


@bp.get("/people/imports/<uuid:import_id>")
@needs("user.manage")
def imported(import_id: UUID) -> str:
    """What came of a list, and slips for those who never signed in."""
    with read() as session:
        view = user_import(session, import_id)
        added = people_of_import(session, import_id)
        grants = grants_of_people(session, [one.id for one in added])
    return render_template(
        "people/imported.html", view=view, added=added, grants=grants, columns=_columns(), titles=dict(role_titles()),
        tabs=tabs("users"),
    )  # fmt: skip


def _columns() -> dict[str, str]:
    return {"name": _("Full name"), "phone": _("Phone"), "role": _("Role"), "state": _("State")}


@bp.post("/people/imports/<uuid:import_id>/slips")
@needs("user.manage")
def make_slips(import_id: UUID) -> ResponseReturnValue:
    """One-time passwords for those of a list who never signed in, made anew each time."""
    with write() as session:
        made = issue_slips(session, import_id)
    return slips(made, again=f"/people/imports/{import_id}")


def slips(people: Sequence[NewUser], *, ended: bool = False, again: str = "") -> str:
    """The one-time passwords as a page of slips, with the same as a file inside it: the server keeps neither.

    They name the address under which the page is open, unless that leads nobody here but the server itself.

    :param again: where they can be made anew.
    """
    columns = [_("Login"), _("Full name"), _("One-time password")]
    rows = [(one.login, one.name, one.one_time_password) for one in people]
    book = tables.write("xlsx", columns, rows, "passwords", _("One-time passwords")).get_data()
    file = f"data:{tables.XLSX};base64,{base64.b64encode(book).decode()}"
    return render_template(
        "people/password.html", people=people, file=file, ended=ended, again=again, address=_address()
    )


def _address() -> str:
    """The address of this server as others can open it; empty when the page was opened on the server itself."""
    host = urlsplit(request.host_url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return ""
    try:
        return "" if ip_address(host).is_loopback else request.host_url
    except ValueError:
        return request.host_url


def grouped(objections: Sequence[Objection]) -> list[tuple[str, str, str]]:
    """Faults of a list, the same ones of many rows as one: what, in which rows, how to mend it."""
    rows: dict[tuple[str, str], list[str]] = {}
    for fault in objections:
        row = fault.pointer.strip("/").partition("/")[0]
        told = translate_text(fault.text.params.get("told", fault.text))
        rows.setdefault((told, translate_text(fault.mend) if fault.mend else ""), []).append(row)
    return [(told, _where(numbers), mend) for (told, mend), numbers in rows.items()]


def _where(numbers: Sequence[str]) -> str:
    named = "、".join(numbers[:ROWS_NAMED]) + ("…" if len(numbers) > ROWS_NAMED else "")
    told: str = ngettext("row %(rows)s", "%(num)s rows: %(rows)s", len(numbers), rows=named)
    return told
