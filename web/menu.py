"""The icon rail: the host's places, then the entries of the plugins that are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import gettext

from core.access.policy import may
from core.actor import Actor
from core.text import noop as _
from web import slots
from web.hooks import MenuItem
from web.plugin_words import word

HOST_MENU: Final = (
    (MenuItem(_("Map"), "/map", "map", "grid.see"), ("/map",)),
    (MenuItem(_("Matters"), "/matters", "clipboard-list", "matter.see"), ("/matters",)),
    (MenuItem(_("Grids"), "/grids", "hierarchy-2", "grid.see"), ("/grids",)),
    (MenuItem(_("People"), "/users", "users", "user.manage"), ("/users", "/people", "/grants")),
    (MenuItem(_("Posts"), "/posts", "id", "org.see"), ("/posts", "/departments")),
    (MenuItem(_("Responsibility"), "/responsibilities", "list-check", "responsibility.manage"), ("/responsibilities",)),
    (MenuItem(_("Calendar"), "/calendars", "calendar", "calendar.manage"), ("/calendars",)),
    (MenuItem(_("Journal"), "/journal", "book", "audit.read"), ("/journal",)),
    (MenuItem(_("Plugins"), "/plugins", "puzzle", "plugin.manage"), ("/plugins",)),
    (MenuItem(_("Settings"), "/settings", "settings", "setting.manage"), ("/settings",)),
)
"""Entries of the host, each with the addresses at which it is the active one."""


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the rail as the layout shows it."""

    title: str
    url: str
    icon: str
    active: bool


def menu_for(actor: Actor, path: str) -> list[MenuEntry]:
    """The rail for a person: the host's entries, then the plugins'."""
    entries = [
        MenuEntry(gettext(item.title), item.path, item.icon, path.startswith(below))
        for item, below in HOST_MENU
        if may(actor, item.action)
    ]
    values: list[tuple[str, MenuItem]] = slots.slots().values("register_menu")
    for name, item in sorted(values, key=lambda pair: (pair[1].order, pair[1].title)):
        if not item.action or may(actor, item.action):
            url = f"/p/{name}/{item.path.lstrip('/')}"
            entries.append(MenuEntry(word(name, item.title), url, item.icon, path.startswith(f"/p/{name}/")))
    return entries
