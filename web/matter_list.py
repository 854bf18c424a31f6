"""The filter of a list of matters as its address holds it and as the page says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext

from core.access.policy import may
from core.db.session import WorkSession
from core.grids.formers import bearer
from core.grids.queries import grid_by_code
from core.grids.search import search_grids
from core.grids.views import GridView
from core.matters.filters import ANY, FORM, LATE, OPEN, MatterFilter, Tab
from core.matters.forms import field_labels
from core.matters.kinds import kind
from core.matters.listing import TABS
from core.text import noop as _
from web import context
from web.db import actor
from web.matter_words import kind_title, state_title

SHOWN_GRIDS: Final = 4
FILTERS: Final = ("grid", "state", "kind", "q", "due", "since")
TAB_TITLES: Final[dict[Tab, str]] = {
    "mine": _("Waiting for me"),
    "reported": _("Reported by me"),
    "area": _("My area"),
    "overdue": _("Overdue"),
}


def wanted() -> MatterFilter:
    """The filter of the address; without any the person's own work."""
    asked = request.args
    filters = {name: asked.get(name, "").strip() for name in FILTERS}
    tab = asked.get("tab", "")
    if tab not in TABS:
        works = may(actor(), "matter.accept") or may(actor(), "matter.settle")
        tab = "area" if any(filters.values()) or not works else "mine"
        filters |= {} if any(filters.values()) else begun(tab)
    return MatterFilter(cast(Tab, tab), **filters, form=_form_asked(filters["kind"]))


def begun(tab: str) -> dict[str, str]:
    """What a tab narrows until something is asked: of an area the open matters, most urgent first."""
    return {"state": request.args.get("state", OPEN)} if tab == "area" else {}


def _form_asked(kind_name: str) -> tuple[tuple[str, str], ...]:
    """The fields of the kind's form that the address names; those of another kind fall away when the kind changes."""
    found = kind(kind_name)
    fields = found.form.model_fields if found and found.form else {}
    asked = {name: request.args.get(f"{FORM}{name}", "") for name in fields}
    return tuple((name, value) for name, value in asked.items() if value)


def query(**changes: str | None) -> str:
    """What the address asks, with some of it changed."""
    kept: dict[str, str | None] = {name: request.args.get(name, "") for name in ("tab", *FILTERS)}
    kept |= {f"{FORM}{name}": value for name, value in _form_asked(request.args.get("kind", ""))}
    return urlencode({name: value for name, value in (kept | changes).items() if value})


def address(**changes: str | None) -> str:
    """The list of the same filter, with some of it changed."""
    return f"/matters?{query(**changes)}"


def chips(wanted: MatterFilter) -> list[tuple[str, str]]:
    """What narrows the list, in words, each with the address of the list without it."""
    shown = {
        "grid": (gettext("Grid"), wanted.grid),
        "state": (gettext("State"), state_title(wanted.state) if wanted.state else ""),
        "kind": (gettext("Kind"), kind_title(wanted.kind)),
        "q": (gettext("Text"), wanted.q),
        "due": (gettext("Due"), _due_text(wanted.due)),
        "since": (gettext("Reported since"), wanted.since),
    }
    found = kind(wanted.kind)
    labels = field_labels(found.form, context.language()) if found and found.form else {}
    for name, value in wanted.form:
        title, choices = labels[name]
        shown[f"{FORM}{name}"] = (title, gettext("filled in") if value == ANY else choices.get(value, value))
    return [
        (gettext("%(name)s: %(text)s", name=title, text=text), address(**{name: ""}))
        for name, (title, text) in shown.items()
        if text
    ]


def _due_text(due: str) -> str:
    text: str = gettext("late") if due == LATE else gettext("within %(n)s days", n=due) if due else ""
    return text


def tabs(wanted: MatterFilter, counts: Mapping[Tab, int]) -> list[dict[str, Any]]:
    """The tabs, each with what it narrows at first, and how many matters some of them hold."""
    return [
        {
            "title": gettext(TAB_TITLES[tab]),
            "href": address(tab=tab, **begun(tab)),
            "active": tab == wanted.tab,
            "count": counts.get(tab),
        }
        for tab in TABS
    ]


def code_meant(session: WorkSession, typed: str) -> str:
    """The code of the one grid that is meant by a name, or by initials, as the map's search finds it.

    Empty where a code was typed, and where none or several fit.
    """
    found = _found(session, typed) or []
    meant = [grid for grid in found if grid.name == typed] or found
    return meant[0].code if len(meant) == 1 else ""


def unclear_grid(session: WorkSession, typed: str) -> dict[str, str]:
    """The fault of what was typed for a grid where none or several fit it, at its field."""
    found = _found(session, typed)
    if found is None:
        return {}
    if not found:
        return {"/grid": gettext("No grid has the code, name or initials “%(typed)s”", typed=typed)}
    names = [f"{grid.name} {grid.code}" for grid in found[:SHOWN_GRIDS]]
    shown = gettext(", ").join(names) + (" …" if len(found) > SHOWN_GRIDS else "")
    said = gettext("Several grids fit “%(typed)s”: %(found)s. Choose one while typing.", typed=typed, found=shown)
    return {"/grid": said}


def _found(session: WorkSession, typed: str) -> list[GridView] | None:
    """The grid that bore this code before, else what the map's search finds; ``None``: nothing needs to be sought."""
    if not typed or grid_by_code(session, typed) is not None:
        return None
    former = bearer(session, typed)
    return [former] if former else search_grids(session, typed)
