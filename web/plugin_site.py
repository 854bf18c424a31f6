"""Where the plugins of this instance live, from its settings."""

from __future__ import annotations

from core.db.cluster import owner_url
from core.plugin.site import Site
from core.settings import get_settings
from web.hooks import SPECS


def plugin_site() -> Site:
    """The folder and rights with which plugins are installed and switched."""
    settings = get_settings()
    return Site(settings, owner_url(settings), SPECS)
