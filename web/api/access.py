"""API v1: who I am."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel

from web.db import actor

bp = APIBlueprint("api_access", __name__, url_prefix="/api/v1", tag="access")


class GrantOut(BaseModel):
    """A role and where it holds."""

    role: str
    whole_city: bool
    actions: list[str]


class MeOut(BaseModel):
    """The person of the token."""

    id: str
    name: str
    language: str
    grants: list[GrantOut]


@bp.get("/me")
@bp.output(MeOut)
@bp.doc(summary="The person of the token", operation_id="get_me")
def me() -> dict[str, Any]:
    """Name, language and roles of whoever asks."""
    who = actor()
    return {
        "id": who.id,
        "name": who.name,
        "language": who.language,
        "grants": [
            {"role": grant.role, "whole_city": grant.path is None, "actions": sorted(grant.actions)}
            for grant in who.grants
        ],
    }
