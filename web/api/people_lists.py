"""API v1: lists of people that come in, and one-time passwords for those of them who never signed in."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from core.access.commands import ImportUsers, NewUser
from core.access.importing import import_users, preview_users
from core.access.queries import user_import
from core.access.slips import issue_slips
from core.access.views import ImportView
from core.db.base import new_id
from web.api.describing import ListFile, problems
from web.api.people import PasswordOut, password_values
from web.auth import needs, takes_upload
from web.db import read, write

bp = APIBlueprint("api_people_lists", __name__, url_prefix="/api/v1", tag="lists of people")


class ListAsked(BaseModel):
    """How a list is taken over."""

    id: UUID | None = Field(None, description="Made by the sender (UUIDv7): the same id again is the same import.")
    update: bool = Field(False, description="People who stand already get the name, phone and role of the list.")
    dry_run: bool = Field(False, description="Only answer what would come of the list; nothing is kept.")


class DifferenceOut(BaseModel):
    """What the list says other than what stands."""

    row: int
    who: str = Field(description="Login name.")
    column: str = Field(description="`name`, `phone`, `role`, or `state` for somebody who is disabled.")
    now: str
    listed: str
    taken: bool = Field(description="The list's word holds now; else what stood was left.")


class PeopleListOut(BaseModel):
    """A list that was taken over."""

    id: UUID
    made_at: dt.datetime
    added: int
    differing: int = Field(description="People who stand already, but otherwise; see `differences`.")
    unchanged: int
    waiting: int = Field(description="People of the list who never signed in.")
    differences: list[DifferenceOut]


class PasswordsOut(BaseModel):
    """One-time passwords: shown here and kept nowhere."""

    items: list[PasswordOut]


class ListedPersonOut(BaseModel):
    """What a list does to one of its people."""

    row: int
    login: str
    name: str
    role: str = Field(description="Slug; empty: none.")
    phone: str
    grid: str = Field(description="Code of the grid in which the role holds; empty with a role: in the whole city.")
    grid_name: str
    fate: str = Field(description="`new`, `changed`, `unchanged`, or `left`: stands otherwise and is left so.")


class PeopleTakenOut(PeopleListOut):
    """A list that was taken over, with one-time passwords for its new people.

    A dry run answers the same with 200, the `people` by name and no passwords; its `id` stands for nothing.

    An answer that was lost is made up for by the same request again: the passwords are then made anew.
    """

    items: list[PasswordOut]
    people: list[ListedPersonOut] = Field([], description="Of a dry run: everybody of the list.")


@bp.post("/users/import")
@takes_upload
@needs("user.manage")
@bp.input(ListFile, location="files")
@bp.input(ListAsked, location="query")
@bp.output(PeopleTakenOut, status_code=201)
@bp.doc(summary="Add the new people of a list", operation_id="import_users", responses=problems(403, 422))
def import_list(files_data: ListFile, query_data: ListAsked) -> ResponseReturnValue:
    """Whole or not at all: every fault is named by row and column. Who stands already is not added again."""
    command = ImportUsers(files_data.file.read(), query_data.id or new_id(), query_data.update)
    with write() as session:
        if query_data.dry_run:
            preview = preview_users(session, command)
            return {**_values(preview.view), "items": [], "people": [asdict(one) for one in preview.people]}, 200
        view = import_users(session, command)
        return {**_values(view), "items": _passwords(issue_slips(session, view.id))}, 201


@bp.get("/users/imports/<uuid:import_id>")
@needs("user.manage")
@bp.output(PeopleListOut)
@bp.doc(summary="A list that was taken over", operation_id="get_user_import", responses=problems(403, 404))
def show_import(import_id: UUID) -> dict[str, Any]:
    """What came of it, and how many have not signed in yet."""
    with read() as session:
        return _values(user_import(session, import_id))


@bp.post("/users/imports/<uuid:import_id>/slips")
@needs("user.manage")
@bp.output(PasswordsOut)
@bp.doc(summary="One-time passwords for those of a list who never signed in", operation_id="issue_slips",
        responses=problems(403, 404))  # fmt: skip
def make_slips(import_id: UUID) -> dict[str, Any]:
    """Made anew each time; former ones fit no longer."""
    with write() as session:
        return {"items": _passwords(issue_slips(session, import_id))}


def _values(view: ImportView) -> dict[str, Any]:
    values = {name: getattr(view, name) for name in PeopleListOut.model_fields}
    return {**values, "differences": [asdict(difference) for difference in view.differences]}


def _passwords(made: list[NewUser]) -> list[dict[str, Any]]:
    return [password_values(one) for one in made]
