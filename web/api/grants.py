"""API v1: the roles granted to people."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.access.commands import GrantRole
from core.access.granted import grants_of
from core.access.granting import grant_role, revoke_grant
from core.access.roles import ROLES
from core.access.views import GrantRow
from web.api.describing import problems
from web.api.inputs import Input, Line, PageSize
from web.auth import needs
from web.db import read, write

bp = APIBlueprint("api_grants", __name__, url_prefix="/api/v1", tag="grants")

PAGE = 100


class GrantIn(Input):
    """A role in a grid and all below it."""

    role: Line = Field(description=f"One of {', '.join(ROLES)}.")
    grid: str | None = Field(None, max_length=64, description="Code of the grid; null: the whole city.")


class GrantsIn(Input):
    """Which grants."""

    q: Line = Field("", description="Part of the login or name, or of the grid's code or name.")
    role: Line = ""
    user: UUID | None = None
    after: int = Field(0, ge=0, le=1_000_000, description="How many to skip.")
    limit: PageSize = PAGE


class GrantOut(BaseModel):
    """A role that somebody holds."""

    id: UUID
    user: UUID
    login: str
    role: str
    grid: str | None = Field(description="Code of the grid; null: the whole city, or a grid that was retired (`lost`).")
    lost: bool
    granted_by: str
    granted_at: dt.datetime


class GrantsOut(BaseModel):
    """A page of grants, by login name and role."""

    items: list[GrantOut]
    next: int | None = Field(description="`after` of the next page; null on the last one.")


@bp.get("/grants")
@needs("grant.manage")
@bp.input(GrantsIn, location="query")
@bp.output(GrantsOut)
@bp.doc(summary="Roles that are granted", operation_id="list_grants", responses=problems(403, 422))
def list_grants(query_data: GrantsIn) -> dict[str, Any]:
    """Of one person or of all, by login name and role."""
    asked = query_data
    with read() as session:
        found = grants_of(session, asked.user, text=asked.q, role=asked.role, after=asked.after, limit=asked.limit + 1)
    page = found[: asked.limit]
    following = asked.after + len(page) if len(found) > len(page) else None
    return {"items": [_grant_values(row) for row in page], "next": following}


@bp.post("/users/<uuid:user_id>/grants")
@needs("grant.manage")
@bp.input(GrantIn)
@bp.output(GrantOut, status_code=201)
@bp.doc(summary="Grant a role", operation_id="grant_role", responses=problems(403, 404, 409, 422))
def add_grant(user_id: UUID, json_data: GrantIn) -> dict[str, Any]:
    """The same again answers the grant that stands."""
    with write() as session:
        grant_id = grant_role(session, GrantRole(user_id, json_data.role, json_data.grid or None))
        rows = grants_of(session, user_id)
    return _grant_values(next(row for row in rows if row.id == grant_id))


@bp.post("/grants/<uuid:grant_id>/revoke")
@needs("grant.manage")
@bp.doc(summary="Take a role back", operation_id="revoke_grant", responses=problems(403, 404, 409))
@bp.output({}, status_code=204)
def end_grant(grant_id: UUID) -> str:
    """It is gone at the person's next request; twice is the same as once."""
    with write() as session:
        revoke_grant(session, grant_id)
    return ""


def _grant_values(row: GrantRow) -> dict[str, Any]:
    return {
        "id": row.id, "user": row.user_id, "login": row.login, "role": row.role, "grid": row.grid_code or None,
        "lost": row.lost, "granted_by": row.granted_by, "granted_at": row.granted_at,
    }  # fmt: skip
