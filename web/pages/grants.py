"""Roles that are granted: the list, giving and taking back."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access.commands import GrantRole
from core.access.granted import count_grants, grants_of
from core.access.granting import grant_role, revoke_grant
from core.access.policy import require
from web.auth import needs
from web.db import read
from web.pages.people_parts import MOST_ROWS, back, role_titles, tabs

bp = APIBlueprint("grants", __name__, enable_openapi=False)

PAGE = 100


@bp.get("/grants")
@needs("grant.manage")
def grants() -> str:
    """Every role that is granted, by pages."""
    text, role = request.args.get("text", "").strip(), request.args.get("role", "").strip()
    after = min(max(0, request.args.get("after", 0, type=int)), MOST_ROWS)
    with read() as session:
        require(session.actor, "grant.manage")
        total = count_grants(session, text=text, role=role)
        found = grants_of(session, text=text, role=role, after=after, limit=PAGE + 1)
    wanted = {"text": text, "role": role}
    more = urlencode({**wanted, "after": after + PAGE}) if len(found) > PAGE else ""
    return render_template(
        "people/grants.html", grants=found[:PAGE], wanted=wanted, more=more, total=total, roles=role_titles(),
        titles=dict(role_titles()), tabs=tabs("grants"),
    )  # fmt: skip


@bp.post("/users/<uuid:user_id>/grants")
@needs("grant.manage")
def add_grant(user_id: UUID) -> ResponseReturnValue:
    """Give a person a role in a grid and all below it."""
    command = GrantRole(user_id, request.form.get("role", ""), request.form.get("grid", "").strip() or None)
    return back(f"/users/{user_id}", lambda s: grant_role(s, command), _("The role is granted"))


@bp.post("/grants/<uuid:grant_id>/revoke")
@needs("grant.manage")
def end_grant(grant_id: UUID) -> ResponseReturnValue:
    """Take a role back."""
    wanted = request.args.get("back", "")
    place = wanted if wanted.startswith("/users/") else "/grants"
    return back(place, lambda s: revoke_grant(s, grant_id), _("The role is taken back"))
