"""Departments, posts, and who holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypedDict
from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from core.access.policy import require
from core.access.queries import user_of_login
from core.db.session import WorkSession
from core.grids.queries import grids_by_ids
from core.grids.views import GridView
from core.org import exporting
from core.org.queries import departments, post_groups, posts_by_ids
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
from core.org.views import POST_KINDS, PostGroup
from web import tables
from web.auth import needs
from web.db import read, write
from web.pages.people_parts import MOST_ROWS, back, tabs

bp = APIBlueprint("org", __name__, enable_openapi=False)

PAGE: Final = 100
SURE: Final = ("vacate", "close")
"""Acts that end something, and are asked about first."""
DONE: Final[Mapping[str, Callable[[int], str]]] = {
    "fill": lambda n: ngettext("%(num)s post filled", "%(num)s posts filled", n),
    "deputy": lambda n: ngettext("%(num)s post has a deputy", "%(num)s posts have a deputy", n),
    "vacate": lambda n: ngettext("%(num)s post vacated", "%(num)s posts vacated", n),
    "close": lambda n: ngettext("%(num)s post closed", "%(num)s posts closed", n),
}


@bp.get("/departments")
@needs("org.see")
def departments_page() -> str:
    """Every department."""
    with read() as session:
        require(session.actor, "org.see")
        found = departments(session)
    offices = [(office.code, office.name) for office in found]
    codes = {office.id: office.code for office in found}
    return render_template(
        "people/departments.html", departments=found, offices=offices, codes=codes, tabs=tabs("departments")
    )


@bp.get("/departments.<any(xlsx, csv):ending>")
@needs("org.see")
def export_departments(ending: str) -> Response:
    """Every department as a table; written to the journal."""
    with write() as session:
        found = exporting.export_departments(session, ending)
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
    wanted = _wanted()
    after = min(max(0, request.args.get("after", 0, type=int)), MOST_ROWS)
    with read() as session:
        require(session.actor, "org.see")
        found, total = post_groups(session, search=wanted["text"], kind=wanted["kind"], after=after, limit=PAGE)
        grids = _grids(session, found)
        offices = {office.id: office for office in departments(session)}
    more = urlencode({**wanted, "after": after + PAGE}) if total > after + PAGE else ""
    kinds = [(slug, _(title)) for slug, title in POST_KINDS.items()]
    return render_template(
        "people/posts.html",
        groups=found,
        total=total,
        wanted=wanted,
        filters=urlencode({name: value for name, value in wanted.items() if value}),
        more=more,
        grids=grids,
        offices=offices,
        office_choices=[(office.code, office.name) for office in offices.values()],
        kinds=kinds,
        titles=dict(kinds),
        titles_en=set(POST_KINDS.values()),
        tabs=tabs("posts"),
    )


class _Wanted(TypedDict):
    text: str
    kind: str


def _wanted() -> _Wanted:
    asked = request.args
    return {"text": asked.get("text", "").strip(), "kind": asked.get("kind", "").strip()}


@bp.get("/posts/roster")
@needs("org.see")
def roster() -> str:
    """Who serves in which grids, person by person, made to be printed."""
    wanted = _wanted()
    with read() as session:
        require(session.actor, "org.see")
        found, _total = post_groups(session, search=wanted["text"], kind=wanted["kind"], limit=MOST_ROWS)
        grids = _grids(session, found)
    rows = [group for group in found if any(grid_id in grids for _post, grid_id in group.seats)]
    kinds = {slug: _(title) for slug, title in POST_KINDS.items()}
    return render_template("people/roster.html", rows=rows, grids=grids, kinds=kinds)


def _grids(session: WorkSession, groups: Sequence[PostGroup]) -> dict[int, GridView]:
    return grids_by_ids(session, (grid_id for group in groups for _post, grid_id in group.seats if grid_id))


@bp.get("/posts.<any(xlsx, csv):ending>")
@needs("org.see")
def export_posts(ending: str) -> Response:
    """The posts of this filter as a table; written to the journal."""
    wanted = _wanted()
    with write() as session:
        found = exporting.export_posts(session, ending, search=wanted["text"], kind=wanted["kind"])
        grids = grids_by_ids(session, (post.grid_id for post in found if post.grid_id))
        offices = {office.id: office.name for office in departments(session)}
    columns = [
        _("Post"), _("Grid code"), _("Grid"), _("Department"), _("Holder"), _("Phone"), _("Stands in"), _("Since"),
    ]  # fmt: skip
    rows = []
    for post in found:
        grid = grids.get(post.grid_id) if post.grid_id else None
        title = post.title if post.title not in POST_KINDS.values() else _(POST_KINDS[post.kind])
        office = offices.get(post.department_id) if post.department_id else None
        where = (grid.code, grid.name) if grid else (None, None)
        rows.append((title, *where, office, post.holder, post.phone, "✓" if post.deputy else None, post.since))
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
            fill_post(session, FillPost(made, user_of_login(session, form["login"])))
        if form.get("deputy", "").strip():
            fill_post(session, FillPost(made, user_of_login(session, form["deputy"]), deputy=True))

    return back("/posts", act, _("Saved"))


@bp.post("/posts/<uuid:post_id>/<any(fill, deputy, vacate, close):act>")
@needs("org.manage")
def change_post(post_id: UUID, act: str) -> ResponseReturnValue:
    """Fill, lend to a deputy, vacate or close a post; with it those that the form names besides."""
    try:
        wanted = [UUID(one) for one in request.form.get("seats", "").split()] or [post_id]
    except ValueError:
        abort(400)

    if act in SURE and not request.form.get("sure"):
        return _ask_first(wanted, act)

    def change(session: WorkSession) -> None:
        taker = user_of_login(session, request.form.get("login", "")) if act in {"fill", "deputy"} else None
        for seat in wanted:
            if act == "close":
                close_post(session, seat)
            elif act == "vacate":
                vacate_post(session, seat)
            elif taker:
                fill_post(session, FillPost(seat, taker, act == "deputy"))

    return back("/posts", change, DONE[act](len(wanted)))


def _ask_first(wanted: Sequence[UUID], act: str) -> str:
    """What an act that cannot be taken back would end, to be confirmed."""
    with read() as session:
        require(session.actor, "org.manage")
        posts = posts_by_ids(session, wanted)
        grids = grids_by_ids(session, (post.grid_id for post in posts if post.grid_id))
    return render_template(
        "people/posts_end.html", posts=posts, grids=grids, act=act, seats=wanted,
        titles={kind: _(title) for kind, title in POST_KINDS.items()}, titles_en=set(POST_KINDS.values()),
    )  # fmt: skip
