"""What the places below *People* share: their tabs, words for roles, and one act with its notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.access.policy import may
from core.access.roles import ROLES
from core.db.session import WorkSession
from core.errors import DomainError
from web.db import actor, write
from web.i18n import said

MOST_ROWS: Final = 1_000_000


def tabs(active: str) -> list[dict[str, Any]]:
    """The places below *People* that are open to the person who asks."""
    places = (
        ("users", _("People"), "user.manage"),
        ("grants", _("Roles granted"), "grant.manage"),
        ("departments", _("Departments"), "org.see"),
        ("posts", _("Posts"), "org.see"),
        ("journal", _("Journal"), "audit.read"),
    )
    return [
        {"title": title, "href": f"/{slug}", "active": slug == active}
        for slug, title, action in places
        if may(actor(), action)
    ]


def role_titles() -> list[tuple[str, str]]:
    """Roles with their names in the reader's language."""
    return [(slug, _(role.title)) for slug, role in ROLES.items()]


def states() -> dict[str, tuple[str, str]]:
    """States of a person with their word and the tone of its tag."""
    return {
        "enabled": (_("active"), "ok"), "disabled": (_("disabled"), "bad"), "waiting": (_("never signed in"), "warn"),
    }  # fmt: skip


def back(address: str, act: Callable[[WorkSession], object], done: str) -> ResponseReturnValue:
    """Do one act in a transaction, and return to a page with what happened."""
    try:
        with write() as session:
            act(session)
    except DomainError as error:
        flash(said(error), "bad")
    else:
        flash(done, "ok")
    return redirect(address)
