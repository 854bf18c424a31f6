"""Logging in and out, and one's own password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access import queries
from core.access.commands import ChangePassword, IssueToken, SaveProfile
from core.access.granted import grants_of
from core.access.passwords import rules
from core.access.recognising import recognise
from core.access.roles import ROLES
from core.access.service import save_profile
from core.access.sessions import end_session, issue_token, revoke_token, sign_out
from core.access.signin import SignIn, change_password, sign_in
from core.access.watch import administrators_reset
from core.db.session import WorkSession, reading
from core.errors import DomainError, TooMany, Unauthenticated
from web import auth
from web.context import show_datetime
from web.db import actor, read, write
from web.i18n import translate_text

bp = APIBlueprint("account", __name__, enable_openapi=False)


@bp.get("/login")
def login() -> ResponseReturnValue:
    """The login form; people who are signed in go on."""
    target = auth.local_path(request.args.get("next"))
    if auth.current_actor():
        return redirect(target)
    return render_template("login.html", next=target)


@bp.post("/login")
def enter() -> ResponseReturnValue:
    """Check the password and open a session."""
    name, target = request.form.get("login", ""), auth.local_path(request.form.get("next"))
    agent = request.headers.get("User-Agent", "")
    try:
        token = sign_in(SignIn(name, request.form.get("password", ""), request.remote_addr or "", agent))
    except (Unauthenticated, TooMany) as error:
        page = render_template("login.html", next=target, login=name, error=translate_text(error.text))
        return page, error.status
    _tell_administrators(token)
    answer = redirect(target)
    assert isinstance(answer, Response)
    auth.set_session_cookie(answer, token)
    return answer


def _tell_administrators(token: str) -> None:
    """Say to an administrator which administrators lately got a new password from somebody else."""
    found = recognise(token, bearer=False)
    if found is None:
        return
    with reading(found.actor) as session:
        for reset in administrators_reset(session):
            words = _("%(by)s gave administrator %(name)s a new password on %(when)s; ask them whether that was wanted")
            flash(words % {"by": reset.by, "name": reset.name, "when": show_datetime(reset.at)}, "warn")


@bp.post("/logout")
def leave() -> ResponseReturnValue:
    """End this session."""
    with write() as session:
        sign_out(session, request.cookies.get(auth.cookie_name(), ""))
    answer = redirect("/login")
    answer.delete_cookie(auth.cookie_name(), path="/")
    return answer


@bp.get("/account")
@auth.signed_in
def account() -> ResponseReturnValue:
    """One's own profile, language, roles, sessions and tokens."""
    return render_template("account/account.html", **_own())


def _own() -> dict[str, Any]:
    user_id = _me()
    with read() as session:
        return {
            "person": queries.user(session, user_id),
            "grants": grants_of(session, user_id),
            "sessions": queries.sessions_of(session, user_id),
            "tokens": queries.tokens_of(session, user_id),
            "here": g.get("session_id"),
            "titles": {slug: _(role.title) for slug, role in ROLES.items()},
        }


def _me() -> UUID:
    user_id = actor().user_id
    assert user_id is not None
    return user_id


@bp.post("/account")
@auth.signed_in
def save() -> ResponseReturnValue:
    """Save phone, mail and language."""
    form = request.form
    command = SaveProfile(form.get("phone", ""), form.get("email", ""), form.get("language", ""))
    return _do(lambda session: save_profile(session, command), _("Saved"))


@bp.post("/account/tokens")
@auth.signed_in
def make_token() -> ResponseReturnValue:
    """A token for a device or program, shown this once."""
    try:
        with write() as session:
            plain = issue_token(session, IssueToken(_me(), request.form.get("name", "")))
    except DomainError as error:
        flash(" · ".join(translate_text(o.text) for o in error.objections) or translate_text(error.text), "bad")
        return redirect("/account")
    return render_template("account/account.html", token=plain, **_own())


@bp.post("/account/tokens/<uuid:token_id>/revoke")
@auth.signed_in
def end_token(token_id: UUID) -> ResponseReturnValue:
    """A token ends at once."""
    return _do(lambda session: revoke_token(session, token_id), _("The token has ended"))


@bp.post("/account/sessions/<uuid:session_id>/end")
@auth.signed_in
def end_one_session(session_id: UUID) -> ResponseReturnValue:
    """A session of another browser ends at once."""
    return _do(lambda session: end_session(session, session_id), _("The session has ended"))


def _do(act: Callable[[WorkSession], object], done: str) -> ResponseReturnValue:
    try:
        with write() as session:
            act(session)
    except DomainError as error:
        flash(" · ".join(translate_text(o.text) for o in error.objections) or translate_text(error.text), "bad")
    else:
        flash(done, "ok")
    return redirect("/account")


@bp.get("/account/password")
@auth.signed_in
def password() -> ResponseReturnValue:
    """The form for one's own password."""
    return _password_page({})


@bp.post("/account/password")
@auth.signed_in
def new_password() -> ResponseReturnValue:
    """Set one's own password; all other sessions end, and the tokens too where that is ticked."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _again({"again": [_("The two new passwords differ")]})
    tokens = request.form.get("tokens") == "true"
    command = ChangePassword(new, old, request.remote_addr or "", g.get("session_id"), tokens)
    try:
        change_password(actor(), command)
    except DomainError as error:
        faults: dict[str, list[str]] = {}
        for objection in error.objections:
            field = "old" if objection.pointer == "/old" else "new"
            faults.setdefault(field, []).append(translate_text(objection.text))
        return _again(faults or {"old": [translate_text(error.text)]}, error.status)
    flash(_("Your new password holds from now on"), "ok")
    return redirect("/map")


def _again(faults: dict[str, list[str]], status: int = 422) -> ResponseReturnValue:
    errors = {field: " · ".join(said) for field, said in faults.items()}
    return _password_page(errors), status


def _password_page(errors: dict[str, str]) -> str:
    with read() as session:
        tokens = queries.tokens_of(session, _me())
    return render_template(
        "account/password.html", forced=g.must_change_password, rules=rules(), errors=errors, tokens=tokens
    )
