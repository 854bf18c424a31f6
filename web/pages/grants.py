"""Roles that are granted: the list, giving and taking back."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access.commands import GrantRole
from core.access.exporting import export_grants
from core.access.granted import count_grants, grants_of
from core.access.granting import grant_role, revoke_grant
from core.access.policy import require
from core.access.views import GrantRow
from web import tables
from web.auth import needs
from web.db import read, write
from web.pages.people_parts import MOST_ROWS, back, role_titles, tabs

bp = APIBlueprint("grants", __name__, enable_openapi=False)

PAGE = 100


@bp.get("/grants")
@needs("grant.manage")
def grants() -> str:
    """Every role that is granted, by pages."""
    wanted = _wanted()
    after = min(max(0, request.args.get("after", 0, type=int)), MOST_ROWS)
    with read() as session:
        require(session.actor, "grant.manage")
        total = count_grants(session, **wanted)
        found = grants_of(session, None, **wanted, after=after, limit=PAGE + 1)
    more = urlencode({**wanted, "after": after + PAGE}) if len(found) > PAGE else ""
    return render_template(
        "people/grants.html", grants=found[:PAGE], wanted=wanted, more=more, total=total, roles=role_titles(),
        titles=dict(role_titles()), tabs=tabs("grants"), filters=urlencode(wanted),
    )  # fmt: skip


@bp.get("/grants.<any(xlsx, csv):ending>")
@needs("grant.manage")
def export(ending: str) -> Response:
    """The grants of this filter as a table; written to the journal."""
    with write() as session:
        found = export_grants(session, ending, **_wanted())
    titles = dict(role_titles())
    columns = [_("Person"), _("Login"), _("Role"), _("Grid code"), _("Where"), _("Since")]
    rows = [
        (row.name, row.login, titles.get(row.role, row.role), row.grid_code, _place(row), row.granted_at)
        for row in found
    ]
    return tables.write(ending, columns, rows, "grants", _("Roles granted"))


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


def _wanted() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ("text", "role")}


def _place(grant: GrantRow) -> str:
    if grant.lost:
        return str(_("its grid was retired"))
    return grant.grid_name or str(_("the whole city"))
