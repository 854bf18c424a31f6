"""What a person is told: the inbox behind the bell."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import Invalid
from core.notices import queries
from core.notices.service import mark_read
from core.text import noop
from web.auth import signed_in
from web.db import read, write
from web.notice_links import link_of

bp = APIBlueprint("notices", __name__, enable_openapi=False)

PAGE: Final = 25


@bp.get("/account/notices")
@signed_in
def notices() -> ResponseReturnValue:
    """One's own notices, the newest first."""
    before = _id(request.args.get("before", ""))
    with read() as session:
        found = queries.notices_of(session, before=before, limit=PAGE + 1)
        newest = queries.notices_of(session, limit=1)
        unread = queries.unread(session)
    return render_template(
        "account/notices.html",
        notices=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else "",
        before=before or "",
        newest=newest[0].id if newest else "",
        unread=unread,
        link_of=link_of,
    )


@bp.post("/account/notices/read")
@signed_in
def read_notices() -> ResponseReturnValue:
    """Mark one as read, or all up to the newest that was shown."""
    one, before = _id(request.form.get("id", "")), _id(request.form.get("before", ""))
    with write() as session:
        mark_read(session, [one] if one else [], up_to=_id(request.form.get("up_to", "")))
    return redirect(f"/account/notices?before={before}" if before else "/account/notices")


def _id(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(noop("There is no such notice")) from None
