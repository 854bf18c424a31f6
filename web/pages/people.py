"""People, their roles, lists that come in, and the journal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access import queries
from core.access.commands import CreateUser, GrantRole, UpdateUser
from core.access.granting import grant_role, revoke_grant
from core.access.importing import import_users, users_template
from core.access.policy import may, require
from core.access.roles import ROLES
from core.access.service import create_user, disable_user, enable_user, reset_password, update_user
from core.access.sessions import end_all, end_session, revoke_token
from core.access.views import UserView
from core.audit.queries import newest_entries
from core.audit.recorder import record
from core.db.session import WorkSession
from core.errors import DomainError
from core.org.importing import import_workers, workers_template
from core.org.queries import departments
from web import tables
from web.auth import needs, takes_upload
from web.db import actor, read, write
from web.i18n import translate_text

bp = APIBlueprint("people", __name__, enable_openapi=False)

PAGE = 50
XLSX_LIMIT = 100_000


def tabs(active: str) -> list[dict[str, Any]]:
    """The places below *People* that are open to the person who asks."""
    places = (
        ("users", _("People"), "user.manage"),
        ("grants", _("Roles granted"), "grant.manage"),
        ("departments", _("Departments"), "org.see"),
        ("posts", _("Posts"), "org.see"),
        ("journal", _("Journal"), "audit.read"),
    )
    return [
        {"title": title, "href": f"/{slug}", "active": slug == active}
        for slug, title, action in places
        if may(actor(), action)
    ]


def role_titles() -> list[tuple[str, str]]:
    """Roles with their names in the reader's language."""
    return [(slug, _(role.title)) for slug, role in ROLES.items()]


def said(error: DomainError) -> str:
    """A refusal as one text for a notice."""
    parts = [translate_text(error.text), *(translate_text(objection.text) for objection in error.objections[:20])]
    return " · ".join(parts)


def back(address: str, act: Any, done: str) -> ResponseReturnValue:
    """Do one act in a transaction, and return to a page with what happened."""
    try:
        with write() as session:
            act(session)
    except DomainError as error:
        flash(said(error), "bad")
    else:
        flash(done, "ok")
    return redirect(address)


@bp.get("/users")
@needs("org.see")
def users() -> ResponseReturnValue:
    """Everybody, with filters; who manages nobody comes to the departments."""
    wanted = _wanted()
    with read() as session:
        if not may(session.actor, "user.manage"):
            return redirect("/departments")
        after = request.args.get("after", "")
        found = _find(session, wanted, after, PAGE + 1)
    more = found[PAGE - 1].login if len(found) > PAGE else ""
    filters = urlencode({name: value for name, value in wanted.items() if value})
    return render_template(
        "people/users.html", tabs=tabs("users"), people=found[:PAGE], wanted=wanted, filters=filters, more=more,
        roles=role_titles(), titles=dict(role_titles()),
    )  # fmt: skip


def _wanted() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ("text", "role", "state")}


def _find(session: WorkSession, wanted: dict[str, str], after: str, limit: int) -> list[UserView]:
    return queries.users(
        session, text=wanted["text"], role=wanted["role"], state=wanted["state"], after=after, limit=limit
    )


@bp.get("/users.<any(xlsx, csv):kind>")
@needs("user.manage")
def export_users(kind: str) -> Response:
    """The people of these filters as a table; written to the journal."""
    wanted = _wanted()
    with write() as session:
        require(session.actor, "user.manage")
        found = _find(session, wanted, "", XLSX_LIMIT)
        record(session, "user.export", "core.user_account", "*", after={"rows": len(found), "format": kind, **wanted})
    columns = [_("Login"), _("Full name"), _("Phone"), _("Department"), _("Roles"), _("State")]
    titles = dict(role_titles())
    rows = [
        (u.login, u.name, u.phone, u.department, "、".join(titles.get(role, role) for role in u.roles),
         _("disabled") if u.disabled_at else _("active"))
        for u in found
    ]  # fmt: skip
    return tables.write(kind, columns, rows, "users", _("People"))


@bp.post("/users")
@needs("user.manage")
def add_user() -> ResponseReturnValue:
    """Add a person; the one-time password is shown once."""
    form = request.form
    try:
        with write() as session:
            made = create_user(
                session, CreateUser(form.get("login", ""), form.get("name", ""), phone=form.get("phone", ""))
            )
            if form.get("role"):
                grant_role(session, GrantRole(made.id, form["role"], form.get("grid") or None))
    except DomainError as error:
        flash(said(error), "bad")
        return redirect("/users")
    return render_template("people/password.html", people=[made], tabs=tabs("users"))


@bp.get("/users/<uuid:user_id>")
@needs("user.manage")
def user(user_id: UUID) -> str:
    """One person: roles, sessions, what can be done."""
    with read() as session:
        require(session.actor, "user.manage")
        person = queries.user(session, user_id)
        if person is None:
            abort(404)
        facts = {
            "grants": queries.grants_of(session, user_id),
            "sessions": queries.sessions_of(session, user_id),
            "tokens": queries.tokens_of(session, user_id),
            "offices": [(str(office.id), office.name) for office in departments(session)],
        }
    return render_template(
        "people/user.html", person=person, roles=role_titles(), titles=dict(role_titles()), tabs=tabs("users"), **facts
    )


@bp.post("/users/<uuid:user_id>")
@needs("user.manage")
def save_user(user_id: UUID) -> ResponseReturnValue:
    """Change a person's name, contact and department."""
    form = request.form
    office = form.get("department", "")
    try:
        department_id = UUID(office) if office else None
    except ValueError:
        abort(400)
    command = UpdateUser(
        user_id, form.get("name", ""), form.get("phone", ""), form.get("email", ""), form.get("language", ""),
        department_id,
    )  # fmt: skip
    return back(f"/users/{user_id}", lambda s: update_user(s, command), _("Saved"))


@bp.post("/users/<uuid:user_id>/<any(reset, disable, enable, end):act>")
@needs("user.manage")
def change_user(user_id: UUID, act: str) -> ResponseReturnValue:
    """Reset the password, disable a leaver, let somebody in again, or end what they left open."""
    here = f"/users/{user_id}"
    if act == "disable":
        return back(here, lambda s: disable_user(s, user_id), _("Disabled; all sessions and tokens have ended"))
    if act == "enable":
        return back(here, lambda s: enable_user(s, user_id), _("May sign in again; reset the password if it is lost"))
    if act == "end":
        return back(here, lambda s: end_all(s, user_id), _("All sessions and tokens have ended"))
    try:
        with write() as session:
            plain = reset_password(session, user_id)
            person = queries.user(session, user_id)
    except DomainError as error:
        flash(said(error), "bad")
        return redirect(here)
    assert person is not None
    shown = {"login": person.login, "one_time_password": plain}
    return render_template("people/password.html", people=[shown], ended=True, tabs=tabs("users"))


@bp.post("/users/<uuid:user_id>/sessions/<uuid:session_id>/end")
@needs("user.manage")
def end_one_session(user_id: UUID, session_id: UUID) -> ResponseReturnValue:
    """A browser session of a person ends at once."""
    return back(f"/users/{user_id}", lambda s: end_session(s, session_id), _("The session has ended"))


@bp.post("/users/<uuid:user_id>/tokens/<uuid:token_id>/revoke")
@needs("user.manage")
def end_one_token(user_id: UUID, token_id: UUID) -> ResponseReturnValue:
    """A token of a person ends at once."""
    return back(f"/users/{user_id}", lambda s: revoke_token(s, token_id), _("The token has ended"))


@bp.get("/grants")
@needs("grant.manage")
def grants() -> str:
    """Every role that is granted."""
    role = request.args.get("role", "")
    with read() as session:
        require(session.actor, "grant.manage")
        found = queries.grants_of(session, role=role)
    return render_template(
        "people/grants.html",
        grants=found,
        role=role,
        roles=role_titles(),
        titles=dict(role_titles()),
        tabs=tabs("grants"),
    )


@bp.post("/users/<uuid:user_id>/grants")
@needs("grant.manage")
def add_grant(user_id: UUID) -> ResponseReturnValue:
    """Give a person a role in a grid and all below it."""
    command = GrantRole(user_id, request.form.get("role", ""), request.form.get("grid", "").strip() or None)
    return back(f"/users/{user_id}", lambda s: grant_role(s, command), _("The role is granted"))


@bp.post("/grants/<uuid:grant_id>/revoke")
@needs("grant.manage")
def end_grant(grant_id: UUID) -> ResponseReturnValue:
    """Take a role back."""
    return back(_return("/grants"), lambda s: revoke_grant(s, grant_id), _("The role is taken back"))


def _return(default: str) -> str:
    wanted = request.form.get("back", "")
    return wanted if wanted.startswith("/users/") else default


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
                return render_template("people/password.html", people=made, tabs=tabs("users"))
            counts = import_workers(session, data)
    except DomainError as error:
        faults = [(translate_text(o.text), translate_text(o.mend) if o.mend else "") for o in error.objections] or [
            (translate_text(error.text), "")
        ]
        return render_template("people/import.html", tabs=tabs("users"), faults=faults), error.status
    flash(_("%(posts)s posts made for %(people)s people", **counts), "ok")
    return redirect("/posts")


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
    return render_template("people/journal.html", entries=found, wanted=wanted, more=more, tabs=tabs("journal"))
