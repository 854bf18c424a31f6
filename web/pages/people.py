"""People: the list, and what is done to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access import exporting, queries
from core.access.commands import CreateUser, GrantRole, NewUser, UpdateUser
from core.access.granted import grants_of, grants_of_people
from core.access.granting import grant_role
from core.access.policy import require
from core.access.service import create_user, disable_user, enable_user, reset_password, update_user
from core.access.sessions import end_all, end_session, revoke_token
from core.errors import DomainError
from core.org.queries import departments
from web import tables
from web.auth import needs
from web.db import read, write
from web.i18n import said, translate_text
from web.pages.lists import slips
from web.pages.people_parts import back, role_titles, states, tabs

bp = APIBlueprint("people", __name__, enable_openapi=False)

PAGE = 50


@bp.get("/users")
@needs("user.manage")
def users() -> str:
    """Everybody, with filters."""
    return _page({}, {})


def _page(entered: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """The list; where somebody could not be added, with the form as it was sent and what is wrong with it."""
    wanted = _wanted()
    with read() as session:
        found = queries.users(session, **wanted, after=request.args.get("after", ""), limit=PAGE + 1)
        total = queries.count_users(session, **wanted)
        grants = grants_of_people(session, [person.id for person in found])
    more = found[PAGE - 1].login if len(found) > PAGE else ""
    filters = urlencode({name: value for name, value in wanted.items() if value})
    return render_template(
        "people/users.html", tabs=tabs("users"), people=found[:PAGE], wanted=wanted, filters=filters, more=more,
        roles=role_titles(), titles=dict(role_titles()), total=total, entered=entered, errors=errors,
        grants=grants, states=states(),
        state_options=[(state, word) for state, (word, _tone) in states().items()],
    )  # fmt: skip


class _Wanted(TypedDict):
    text: str
    role: str
    state: str


def _wanted() -> _Wanted:
    asked = request.args
    return {
        "text": asked.get("text", "").strip(), "role": asked.get("role", "").strip(),
        "state": asked.get("state", "").strip(),
    }  # fmt: skip


@bp.get("/users.<any(xlsx, csv):kind>")
@needs("user.manage")
def export_users(kind: str) -> Response:
    """The people of these filters as a table; written to the journal."""
    with write() as session:
        found = exporting.export_users(session, kind, **_wanted())
    columns = [_("Login"), _("Full name"), _("Phone"), _("Department"), _("Roles"), _("State")]
    titles = dict(role_titles())
    rows = [
        (u.login, u.name, u.phone, u.department, "、".join(titles.get(role, role) for role in u.roles),
         states()[u.state][0])
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
        errors = {one.pointer.strip("/"): translate_text(one.text) for one in error.objections}
        return _page(form, errors or {"": translate_text(error.text)}), error.status
    return slips([made])


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
            "grants": grants_of(session, user_id),
            "sessions": queries.sessions_of(session, user_id),
            "tokens": queries.tokens_of(session, user_id),
            "offices": [(str(office.id), office.name) for office in departments(session)],
        }
    return render_template(
        "people/user.html",
        person=person,
        roles=role_titles(),
        titles=dict(role_titles()),
        tabs=tabs("users"),
        states=states(),
        **facts,
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
    return slips([NewUser(person.id, person.login, person.name, plain)], ended=True)


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
