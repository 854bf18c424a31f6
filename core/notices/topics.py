"""What notices are of, as people and webhooks choose among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.notices.views import Subject
from core.text import noop as _

TOPICS: Final[Mapping[str, str]] = {
    "matter_asked": _("Matters to be dealt with"),
    "matter_told": _("What happened to matters"),
    "plan_asked": _("Plans of boundaries to decide on"),
    "plan_told": _("What happened to plans of boundaries"),
    "other": _("Other notices"),
}
"""Slug of a topic → its title."""


def topic_of(subject: Subject, *, asks: bool) -> str:
    """The topic of a notice, by what it is about and whether it asks for something."""
    room = {"plan": "plan", "matter": "matter", "matters": "matter"}.get(subject)
    return f"{room}_{'asked' if asks else 'told'}" if room else "other"
