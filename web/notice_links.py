"""Where the pages stand that notices are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.notices.views import About, Subject

PAGES: Final[Mapping[Subject, str]] = {
    "plan": "/grids/plans/%s",
    "matter": "/matters/%s",
    "matters": "/matters?tab=%s",
    "page": "%s",
}
"""Subject → path of its page, with a place for the id."""


def link_of(about: About) -> str:
    """Path of the page of what a notice is about."""
    return PAGES[about.subject] % about.id
