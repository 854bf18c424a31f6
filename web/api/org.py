"""API v1: departments, posts, and who walks which grid."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.access.queries import user_of_login
from core.grids.queries import grids_by_ids
from core.org.importing import import_workers
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
from core.org.views import DepartmentView, PostView
from web.api.describing import ListFile, problems
from web.api.inputs import Input, Line, PageSize
from web.api.people_lists import DifferenceOut
from web.auth import needs, takes_upload
from web.db import read, write

bp = APIBlueprint("api_org", __name__, url_prefix="/api/v1", tag="organisation")

PAGE = 100


class DepartmentIn(Input):
    """A department; `code` says which, a new code makes a new one."""

    code: Line
    name: Line
    parent: Line | None = Field(None, description="Code of the department above.")
    phone: Line = ""


class DepartmentOut(BaseModel):
    """An office and how many people belong to it."""

    code: str
    name: str
    parent: str | None
    phone: str
    people: int


class DepartmentsOut(BaseModel):
    """Departments by code."""

    items: list[DepartmentOut]


class PostIn(Input):
    """A seat in a grid (`grid_head`, `worker`, `deputy`) or in a department (`seat`)."""

    kind: Literal["grid_head", "worker", "deputy", "seat"]
    title: Line = Field("", description="Empty: the kind's name.")
    grid: str | None = Field(None, max_length=64, description="Code of the grid.")
    department: Line | None = Field(None, description="Code of the department.")
    login: Line = Field("", description="Login name of the holder; empty: vacant.")


class HolderIn(Input):
    """Who takes a post or stands in on it."""

    login: Line


class PostsIn(Input):
    """Which posts."""

    q: Line = Field("", description="Part of the holder's name, the post's title, or the grid's code or name.")
    after: int = Field(0, ge=0, le=1_000_000, description="How many to skip.")
    limit: PageSize = PAGE


class PostOut(BaseModel):
    """A post and who holds it; one row for each holder and deputy."""

    id: UUID
    kind: str
    title: str
    grid: str | None
    department: str | None
    holder: str = Field(description="Name; empty when vacant.")
    phone: str = Field(description="Masked.")
    deputy: bool


class PostsOut(BaseModel):
    """Posts, heads first."""

    items: list[PostOut]
    next: int | None = Field(description="`after` of the next page; null on the last one.")


class MadeOut(BaseModel):
    """A post just made."""

    id: UUID


class CountsOut(BaseModel):
    """What a list of workers brought."""

    people: int
    posts: int = Field(description="Rows whose holder came to the post now.")
    deputies: int = Field(description="Rows whose deputy came to the post now.")
    unchanged: int = Field(description="Rows that stood as listed.")
    differences: list[DifferenceOut] = Field(description="Posts that stand under another name and were left.")


@bp.get("/departments")
@needs("org.see")
@bp.output(DepartmentsOut)
@bp.doc(summary="Departments", operation_id="list_departments", responses=problems(403))
def list_departments() -> dict[str, Any]:
    """By code."""
    with read() as session:
        found = departments(session)
    codes = {office.id: office.code for office in found}
    return {"items": [_department_values(office, codes) for office in found]}


@bp.post("/departments")
@needs("org.manage")
@bp.input(DepartmentIn)
@bp.output(DepartmentOut)
@bp.doc(summary="Make or change a department", operation_id="save_department", responses=problems(403, 404, 409, 422))
def save(json_data: DepartmentIn) -> dict[str, Any]:
    """The code says which; the same again changes nothing."""
    given = json_data
    with write() as session:
        saved = save_department(session, SaveDepartment(given.code, given.name, given.parent, given.phone))
        found = departments(session)
    codes = {office.id: office.code for office in found}
    return next(_department_values(office, codes) for office in found if office.id == saved)


@bp.post("/departments/<code>/close")
@needs("org.manage")
@bp.output({}, status_code=204)
@bp.doc(summary="Close an empty department", operation_id="close_department", responses=problems(403, 404, 409))
def end_department(code: str) -> str:
    """Its history stays."""
    with write() as session:
        close_department(session, code)
    return ""


@bp.get("/posts")
@needs("org.see")
@bp.input(PostsIn, location="query")
@bp.output(PostsOut)
@bp.doc(summary="Posts and who holds them", operation_id="list_posts", responses=problems(403, 422))
def list_posts(query_data: PostsIn) -> dict[str, Any]:
    """Who walks which grid, who heads it, who stands in."""
    asked = query_data
    with read() as session:
        found = all_posts(session, search=asked.q, after=asked.after, limit=asked.limit + 1)
        grids = {grid.id: grid.code for grid in grids_by_ids(session, (p.grid_id for p in found if p.grid_id)).values()}
        offices = {office.id: office.code for office in departments(session)}
    page = found[: asked.limit]
    items = [_post_values(post, grids, offices) for post in page]
    return {"items": items, "next": asked.after + len(page) if len(found) > len(page) else None}


@bp.post("/posts")
@needs("org.manage")
@bp.input(PostIn)
@bp.output(MadeOut, status_code=201)
@bp.doc(summary="Make a post", operation_id="add_post", responses=problems(403, 404, 422))
def add_post(json_data: PostIn) -> dict[str, Any]:
    """And put somebody on it."""
    given = json_data
    with write() as session:
        made = create_post(session, CreatePost(given.kind, given.title, given.grid or None, given.department or None))
        if given.login:
            fill_post(session, FillPost(made, user_of_login(session, given.login)))
    return {"id": made}


@bp.post("/posts/import")
@takes_upload
@needs("org.manage")
@bp.input(ListFile, location="files")
@bp.output(CountsOut, status_code=201)
@bp.doc(summary="Put everybody of a list on their posts", operation_id="import_workers", responses=problems(403, 422))
def import_list(files_data: ListFile) -> dict[str, Any]:
    """Whole or not at all; the same list may come again."""
    data = files_data.file.read()
    with write() as session:
        return asdict(import_workers(session, data))


@bp.post("/posts/<uuid:post_id>/<any(fill, deputy):act>")
@needs("org.manage")
@bp.input(HolderIn)
@bp.output({}, status_code=204)
@bp.doc(summary="Fill a post, or lend it to a deputy", operation_id="fill_post", responses=problems(403, 404, 409, 422))
def fill(post_id: UUID, act: str, json_data: HolderIn) -> str:
    """A holder who was on it leaves it now; a deputy stands in beside the holder."""
    with write() as session:
        fill_post(session, FillPost(post_id, user_of_login(session, json_data.login), deputy=act == "deputy"))
    return ""


@bp.post("/posts/<uuid:post_id>/<any(vacate, close):act>")
@needs("org.manage")
@bp.output({}, status_code=204)
@bp.doc(summary="Vacate or close a post", operation_id="end_post", responses=problems(403, 404))
def end_post(post_id: UUID, act: str) -> str:
    """Whoever holds it leaves it now."""
    with write() as session:
        (vacate_post if act == "vacate" else close_post)(session, post_id)
    return ""


def _department_values(office: DepartmentView, codes: dict[UUID, str]) -> dict[str, Any]:
    return {
        "code": office.code,
        "name": office.name,
        "parent": codes.get(office.parent_id) if office.parent_id else None,
        "phone": office.phone,
        "people": office.people,
    }


def _post_values(post: PostView, grids: dict[int, str], offices: dict[UUID, str]) -> dict[str, Any]:
    return {
        "id": post.id,
        "kind": post.kind,
        "title": post.title,
        "grid": grids.get(post.grid_id) if post.grid_id else None,
        "department": offices.get(post.department_id) if post.department_id else None,
        "holder": post.holder,
        "phone": post.phone,
        "deputy": post.deputy,
    }
