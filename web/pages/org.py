"""Departments, posts, and who holds them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access import queries
from core.access.logins import fold_login
from core.access.policy import require
from core.db.session import WorkSession
from core.errors import Invalid
from core.grids.queries import grids_by_ids
from core.org.queries import all_posts, departments
from core.org.service import (
    CreatePost,
    FillPost,
    SaveDepartment,
    close_department,
    close_post,
    create_post,
    fill_post,
    save_department,
    vacate_post,
)
from core.org.views import POST_KINDS
from web.auth import needs
from web.db import read
from web.pages.people import back, tabs

bp = APIBlueprint("org", __name__, enable_openapi=False)

PAGE: Final = 100
MOST_POSTS: Final = 1_000_000


@bp.get("/departments")
@needs("org.see")
def departments_page() -> str:
    """Every department."""
    with read() as session:
        require(session.actor, "org.see")
        found = departments(session)
    return render_template("people/departments.html", departments=found, tabs=tabs("departments"))


@bp.post("/departments")
@needs("org.manage")
def add_department() -> ResponseReturnValue:
    """Make or change a department."""
    form = request.form
    command = SaveDepartment(
        form.get("code", "").strip(), form.get("name", ""), form.get("parent") or None, form.get("phone", "")
    )
    return back("/departments", lambda s: save_department(s, command), _("Saved"))


@bp.post("/departments/<code>/close")
@needs("org.manage")
def end_department(code: str) -> ResponseReturnValue:
    """Close an empty department."""
    return back("/departments", lambda s: close_department(s, code), _("Closed"))


@bp.get("/posts")
@needs("org.see")
def posts() -> str:
    """Every post and who holds it."""
    text, after = request.args.get("text", "").strip(), min(max(0, request.args.get("after", 0, type=int)), MOST_POSTS)
    with read() as session:
        require(session.actor, "org.see")
        found = all_posts(session, search=text, after=after, limit=PAGE + 1)
        grids = grids_by_ids(session, (post.grid_id for post in found if post.grid_id))
        offices = {office.id: office for office in departments(session)}
    more = urlencode({"text": text, "after": after + PAGE}) if len(found) > PAGE else ""
    kinds = [(slug, _(title)) for slug, title in POST_KINDS.items()]
    return render_template(
        "people/posts.html",
        posts=found[:PAGE],
        text=text,
        more=more,
        grids=grids,
        offices=offices,
        kinds=kinds,
        titles=dict(kinds),
        tabs=tabs("posts"),
    )


@bp.post("/posts")
@needs("org.manage")
def add_post() -> ResponseReturnValue:
    """Make a post, and put somebody on it."""
    form = request.form

    def act(session: WorkSession) -> None:
        grid, office = form.get("grid", "").strip(), form.get("department", "")
        made = create_post(
            session, CreatePost(form.get("kind", ""), form.get("title", ""), grid or None, office or None)
        )
        if form.get("login", "").strip():
            fill_post(session, FillPost(made, _person(session, form["login"])))

    return back("/posts", act, _("Saved"))


@bp.post("/posts/<uuid:post_id>/<any(fill, deputy, vacate, close):act>")
@needs("org.manage")
def change_post(post_id: UUID, act: str) -> ResponseReturnValue:
    """Fill, lend to a deputy, vacate or close a post."""

    def change(session: WorkSession) -> None:
        if act == "close":
            close_post(session, post_id)
        elif act == "vacate":
            vacate_post(session, post_id)
        else:
            fill_post(session, FillPost(post_id, _person(session, request.form.get("login", "")), act == "deputy"))

    return back("/posts", change, _("Saved"))


def _person(session: WorkSession, login: str) -> UUID:
    found = queries.user_id_of(session, fold_login(login))
    if found is None:
        raise Invalid("There is nobody with the login name %(name)s", name=login)
    return found
