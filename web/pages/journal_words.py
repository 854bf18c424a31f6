"""Entries of the journal in words: what was done to what, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext

from core.text import noop as _

THINGS: Final = {
    "user_account": _("Person"), "session": _("Session"), "api_token": _("Token"), "grant": _("Role granted"),
    "user_import": _("List of people"), "department": _("Department"), "post": _("Post"), "post_holder": _("Holder"),
    "matter": _("Matter"), "grid_import": _("Boundary file"), "plugin": _("Plugin"), "setting": _("Setting"),
    "calendar_year": _("Year of the calendar"), "office_hours": _("Working hours"),
    "notice_choice": _("How somebody is told"), "webhook": _("Webhook"),
}  # fmt: skip
VERBS: Final = {"insert": _("added"), "update": _("changed")}
ACTS: Final = {
    "session.refused": _("Sign-in refused"), "password.refused": _("Change of password refused"),
    "administrator.password_reset": _("New password for an administrator"), "user.export": _("People exported"),
    "user.slips": _("Slips with one-time passwords made"), "org.export": _("Departments or posts exported"),
    "grid.export": _("Grids exported"), "matter.export": _("Matters exported"), "places.export": _("Places exported"),
    "grant.export": _("Granted roles exported"), "journal.export": _("Journal exported"),
    "plan.export": _("Plan of boundaries exported"), "plan.apply": _("Plan of boundaries applied"),
    "grid.repair": _("Boundaries repaired"),
    "calendar.import": _("Working calendar imported"), "calendar.mark": _("Day of the calendar marked"),
    "calendar.seed": _("Years taken over from the library of calendars"),
    "delivery.retry": _("Notices sent again"),
    "demo.clear": _("Demonstration data cleared"),
}  # fmt: skip
LONGEST: Final = 80


def act_words(action: str) -> str:
    """The act in words; one that nobody has words for stays as it is."""
    if action in ACTS:
        return str(gettext(ACTS[action]))
    _schema, _dot, rest = action.partition(".")
    thing, _dot, verb = rest.partition(".")
    if thing in THINGS and verb in VERBS:
        return f"{gettext(THINGS[thing])} · {gettext(VERBS[verb])}"
    return action


def changes(was: Mapping[str, Any] | None, became: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """What the act left, field by field; of a change only what differs, as before → after."""
    before, after = was or {}, became or {}
    if not before:
        return [(field, _short(value)) for field, value in after.items() if field != "id" and value not in (None, "")]
    fields = [*before, *(field for field in after if field not in before)]
    return [(field, f"{_short(before.get(field))} → {_short(after.get(field))}") for field in fields]


def _short(value: Any) -> str:
    shown = "—" if value in (None, "") else str(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
