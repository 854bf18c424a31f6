"""Logging in and out, and one's own password."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access.commands import SetPassword
from core.access.service import set_password, sign_out
from core.access.signin import SignIn, sign_in
from core.errors import DomainError, TooMany, Unauthenticated
from web import auth
from web.db import write
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
    answer = redirect(target)
    assert isinstance(answer, Response)
    auth.set_session_cookie(answer, token)
    return answer


@bp.post("/logout")
def leave() -> ResponseReturnValue:
    """End this session."""
    with write() as session:
        sign_out(session, request.cookies.get(auth.cookie_name(), ""))
    answer = redirect("/login")
    answer.delete_cookie(auth.cookie_name(), path="/")
    return answer


@bp.get("/account/password")
@auth.signed_in
def password() -> ResponseReturnValue:
    """The form for one's own password."""
    return render_template("account/password.html", forced=g.must_change_password)


@bp.post("/account/password")
@auth.signed_in
def change_password() -> ResponseReturnValue:
    """Set one's own password; all other sessions end."""
    actor = auth.current_actor()
    assert actor is not None
    assert actor.user_id is not None
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _again([_("The two new passwords differ")])
    try:
        with write() as session:
            set_password(session, SetPassword(actor.user_id, new, old, g.get("session_id")))
    except DomainError as error:
        return _again([translate_text(o.text) for o in error.objections] or [translate_text(error.text)])
    flash(_("Your new password holds from now on"), "ok")
    return redirect("/map")


def _again(faults: list[str]) -> ResponseReturnValue:
    return render_template("account/password.html", forced=g.must_change_password, faults=faults), 422
