"""API v1: people, and lists of people that come in."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.access import queries
from core.access.commands import CreateUser, NewUser, UpdateUser
from core.access.roles import ROLES
from core.access.service import create_user, disable_user, enable_user, reset_password, update_user
from core.access.sessions import end_all
from core.access.views import UserView
from core.db.session import WorkSession
from core.errors import NotFound
from core.org.queries import department_id
from core.text import noop as _
from web.api.describing import problems
from web.api.inputs import Input, Line, PageSize
from web.auth import needs
from web.db import read, write

bp = APIBlueprint("api_people", __name__, url_prefix="/api/v1", tag="people")

PAGE = 100


class ProfileIn(Input):
    """What changes of a person; whole, not in part."""

    name: Line
    phone: Line = ""
    email: Line = ""
    language: Literal["", "zh", "en"] = ""
    department: Line = Field("", description="Code of the department; empty: none.")


class UserIn(ProfileIn):
    """A person to add; without a password of their own they get one for the first login."""

    login: Line


class UsersIn(Input):
    """Which people."""

    q: Line = Field("", description="Part of the login name, name or phone.")
    role: Line = Field("", description=f"One of {', '.join(ROLES)}.")
    state: Literal["", "enabled", "disabled", "waiting"] = Field(
        "", description="`waiting`: never signed in; `enabled`: has."
    )
    cursor: Line = Field("", description="`next` of the page before.")
    limit: PageSize = PAGE


class UserOut(BaseModel):
    """A person as user managers see them."""

    id: UUID
    login: str
    name: str
    phone: str
    email: str
    language: str
    department: str = Field(description="Name of the department; empty: none.")
    roles: list[str]
    made_at: dt.datetime
    disabled_at: dt.datetime | None
    must_change_password: bool
    last_seen_at: dt.datetime | None


class UsersOut(BaseModel):
    """A page of people, by login name."""

    items: list[UserOut]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class PasswordOut(BaseModel):
    """A one-time password: shown here and kept nowhere."""

    id: UUID
    login: str
    one_time_password: str | None


@bp.get("/users")
@needs("user.manage")
@bp.input(UsersIn, location="query")
@bp.output(UsersOut)
@bp.doc(summary="People", operation_id="list_users", responses=problems(403, 422))
def list_users(query_data: UsersIn) -> dict[str, Any]:
    """By login name."""
    asked = query_data
    with read() as session:
        found = queries.users(
            session, text=asked.q, role=asked.role, state=asked.state, after=asked.cursor, limit=asked.limit + 1
        )
    page = found[: asked.limit]
    return {"items": [user_values(view) for view in page], "next": page[-1].login if len(found) > len(page) else None}


@bp.post("/users")
@needs("user.manage")
@bp.input(UserIn)
@bp.output(PasswordOut, status_code=201)
@bp.doc(summary="Add a person", operation_id="add_user", responses=problems(403, 422))
def add_user(json_data: UserIn) -> dict[str, Any]:
    """Answers the one-time password, which is kept nowhere; roles are granted apart."""
    given = json_data
    with write() as session:
        made = create_user(
            session,
            CreateUser(
                given.login, given.name, phone=given.phone, email=given.email, language=given.language,
                department_id=_department(session, given.department),
            ),
        )  # fmt: skip
    return password_values(made)


@bp.get("/users/<uuid:user_id>")
@needs("user.manage")
@bp.output(UserOut)
@bp.doc(summary="One person", operation_id="get_user", responses=problems(403, 404))
def show_user(user_id: UUID) -> dict[str, Any]:
    """As user managers see them."""
    with read() as session:
        return user_values(_user(session, user_id))


@bp.put("/users/<uuid:user_id>")
@needs("user.manage")
@bp.input(ProfileIn)
@bp.output(UserOut)
@bp.doc(summary="Change a person", operation_id="change_user", responses=problems(403, 404, 422))
def change_user(user_id: UUID, json_data: ProfileIn) -> dict[str, Any]:
    """Name, contact, language and department."""
    given = json_data
    with write() as session:
        office = _department(session, given.department)
        update_user(session, UpdateUser(user_id, given.name, given.phone, given.email, given.language, office))
        return user_values(_user(session, user_id))


@bp.post("/users/<uuid:user_id>/reset")
@needs("user.manage")
@bp.output(PasswordOut)
@bp.doc(summary="Give a new one-time password", operation_id="reset_password", responses=problems(403, 404))
def reset(user_id: UUID) -> dict[str, Any]:
    """All sessions and tokens of the person end."""
    with write() as session:
        plain = reset_password(session, user_id)
        return {"id": user_id, "login": _user(session, user_id).login, "one_time_password": plain}


@bp.post("/users/<uuid:user_id>/<any(disable, enable, end):act>")
@needs("user.manage")
@bp.output(UserOut)
@bp.doc(
    summary="Disable a leaver, let somebody in again, or end all sessions and tokens",
    operation_id="switch_user",
    responses=problems(403, 404, 409),
)
def switch_user(user_id: UUID, act: str) -> dict[str, Any]:
    """Twice is the same as once."""
    acts = {"disable": disable_user, "enable": enable_user, "end": end_all}
    with write() as session:
        acts[act](session, user_id)
        return user_values(_user(session, user_id))


def password_values(made: NewUser) -> dict[str, Any]:
    """A new password as the API gives it, once."""
    return {"id": made.id, "login": made.login, "one_time_password": made.one_time_password}


def user_values(view: UserView) -> dict[str, Any]:
    """A person as the API shows them."""
    return {name: getattr(view, name) for name in UserOut.model_fields}


def _user(session: WorkSession, user_id: UUID) -> UserView:
    view = queries.user(session, user_id)
    if view is None:
        raise NotFound(_("There is no such person"))
    return view


def _department(session: WorkSession, code: str) -> UUID | None:
    return department_id(session, code) if code else None
