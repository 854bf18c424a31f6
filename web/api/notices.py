"""API v1: what I am told."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from core.notices import queries
from core.notices.channels import open_channels
from core.notices.choices import Choices, own_choices, save_choices
from core.notices.service import mark_read
from core.settings import get_settings
from web.api.describing import problems
from web.api.inputs import MOST, Input, PageSize
from web.auth import signed_in
from web.db import read, write
from web.i18n import translate_text
from web.notice_links import link_of
from web.notice_words import choices_from, choices_values

bp = APIBlueprint("api_notices", __name__, url_prefix="/api/v1", tag="notices")

PAGE = 100


class NoticesIn(Input):
    """Which notices."""

    unread: bool = Field(False, description="Only those not read yet.")
    cursor: UUID | None = Field(None, description="`next` of the page before.")
    limit: PageSize = PAGE


class NoticeOut(BaseModel):
    """Something that the person of the token is told."""

    id: UUID
    at: dt.datetime
    text: str = Field(description="In the person's language.")
    link: str = Field(description="Path of the page that it is about.")
    read_at: dt.datetime | None


class NoticesOut(BaseModel):
    """A page of notices, the newest first."""

    items: list[NoticeOut]
    unread: int = Field(description=f"How many are unread in all; {queries.MOST_COUNTED} means so many or more.")
    next: UUID | None = Field(description="Cursor of the next page; null on the last one.")


class ReadIn(Input):
    """Which notices were read."""

    ids: list[UUID] = Field([], max_length=MOST)
    up_to: UUID | None = Field(None, description="All up to this one, as it comes in the list.")


class ReadOut(BaseModel):
    """What marking did."""

    marked: int = Field(description="How many were unread before.")
    unread: int


Hour = Annotated[str, Field(max_length=5, examples=["22:30"])]


class ChoicesIn(Input):
    """How the person of the token wants to be told outside of the inbox."""

    modes: dict[str, dict[str, str]] = Field(
        max_length=MOST, description="Channel → topic → `at_once`, `digest` or `off`; what is left out holds as usual."
    )
    quiet_from: Hour = Field("", description="From when on nothing is sent; empty: always.")
    quiet_to: Hour = Field("", description="Until when; earlier than `quiet_from` means the next day.")
    digest_at: Hour = Field("08:30", description="When the day's digest comes.")


class ChoicesOut(BaseModel):
    """What holds for the person of the token, chosen or not."""

    modes: dict[str, dict[str, str]]
    quiet_from: str
    quiet_to: str
    digest_at: str
    channels: list[str] = Field(description="Those that the operator set up; others bring nothing yet.")


@bp.get("/me/notice-choices")
@signed_in
@bp.output(ChoicesOut)
@bp.doc(summary="How the person of the token is told", operation_id="notice_choices")
def get_choices() -> dict[str, Any]:
    """By which channel of what, at once or in a digest, and when not."""
    with read() as session:
        return _choices_values(own_choices(session))


@bp.put("/me/notice-choices")
@signed_in
@bp.input(ChoicesIn)
@bp.output(ChoicesOut)
@bp.doc(summary="Choose how one is told", operation_id="choose_notices", responses=problems(422))
def put_choices(json_data: ChoicesIn) -> dict[str, Any]:
    """All of them at once."""
    hours = json_data.model_dump(include={"quiet_from", "quiet_to", "digest_at"})
    with write() as session:
        choices = choices_from(json_data.modes, hours)
        save_choices(session, choices)
        return _choices_values(choices)


def _choices_values(choices: Choices) -> dict[str, Any]:
    return {**choices_values(choices), "channels": list(open_channels(get_settings()))}


@bp.get("/me/notices")
@signed_in
@bp.input(NoticesIn, location="query")
@bp.output(NoticesOut)
@bp.doc(summary="What the person of the token is told", operation_id="list_notices", responses=problems(422))
def list_notices(query_data: NoticesIn) -> dict[str, Any]:
    """The newest first."""
    asked = query_data
    with read() as session:
        found = queries.notices_of(session, before=asked.cursor, only_unread=asked.unread, limit=asked.limit + 1)
        unread = queries.unread(session)
    page = found[: asked.limit]
    items = [
        {
            "id": one.id,
            "at": one.at,
            "text": translate_text(one.text),
            "link": link_of(one.about),
            "read_at": one.read_at,
        }
        for one in page
    ]
    return {"items": items, "unread": unread, "next": page[-1].id if len(found) > len(page) else None}


@bp.post("/me/notices/read")
@signed_in
@bp.input(ReadIn)
@bp.output(ReadOut)
@bp.doc(summary="Mark notices as read", operation_id="read_notices", responses=problems(422))
def read_notices(json_data: ReadIn) -> dict[str, Any]:
    """Those named, or all up to one; a foreign one is left as it is."""
    with write() as session:
        marked = mark_read(session, json_data.ids, up_to=json_data.up_to)
        return {"marked": marked, "unread": queries.unread(session)}
