"""Departments, posts, and who holds them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access import queries
from core.access.logins import fold_login
from core.access.policy import require
from core.audit.recorder import record
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
from web import tables
from web.auth import needs
from web.db import read, write
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


@bp.get("/departments.<any(xlsx, csv):ending>")
@needs("org.see")
def export_departments(ending: str) -> Response:
    """Every department as a table; written to the journal."""
    with write() as session:
        require(session.actor, "org.see")
        found = departments(session)
        record(session, "org.export", "core.department", "*", after={"rows": len(found), "format": ending})
    codes = {office.id: office.code for office in found}
    columns = [_("Code"), _("Name"), _("Code of the department above"), _("Phone"), _("People")]
    rows = [
        (
            office.code,
            office.name,
            codes.get(office.parent_id) if office.parent_id else None,
            office.phone,
            office.people,
        )
        for office in found
    ]
    return tables.write(ending, columns, rows, "departments", _("Departments"))


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


@bp.get("/posts.<any(xlsx, csv):ending>")
@needs("org.see")
def export_posts(ending: str) -> Response:
    """The posts of this filter as a table; written to the journal."""
    text = request.args.get("text", "").strip()
    with write() as session:
        require(session.actor, "org.see")
        found = all_posts(session, search=text, limit=MOST_POSTS)
        grids = grids_by_ids(session, (post.grid_id for post in found if post.grid_id))
        offices = {office.id: office.name for office in departments(session)}
        after = {"rows": len(found), "format": ending, "text": text}
        record(session, "org.export", "core.post", "*", after=after)
    columns = [_("Post"), _("Grid code"), _("Grid"), _("Department"), _("Holder"), _("Phone"), _("Stands in")]
    rows = []
    for post in found:
        grid = grids.get(post.grid_id) if post.grid_id else None
        title = post.title if post.title not in POST_KINDS.values() else _(POST_KINDS[post.kind])
        office = offices.get(post.department_id) if post.department_id else None
        where = (grid.code, grid.name) if grid else (None, None)
        rows.append((title, *where, office, post.holder, post.phone, "✓" if post.deputy else None))
    return tables.write(ending, columns, rows, "posts", _("Posts"))


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
