"""What a message says of its notices, in the reader's language, with addresses that lead back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from core.notices.channels import Line, Message
from core.notices.models import Notice
from core.notices.views import About
from core.notices.wording import wording
from core.settings import get_settings
from core.text import Text
from core.text import noop as _

CHOICES: Final = About("page", "/account/notices/choices")


def message_of(
    key: UUID, to: str, notices: Sequence[Notice], texts: Mapping[UUID, Text], topic: str, language: str
) -> Message:
    """One message of one notice or of many.

    :param texts: what may be said outside, by the ids of the notices.
    """
    words = wording()
    lines = tuple(_line(notice, texts[notice.id], language) for notice in notices)
    many = Text(_("%(n)s new notices"), {"n": len(lines)})
    first = notices[0]
    facts = {
        "type": f"notice.{topic}",
        "subject": first.subject,
        "id": first.subject_id,
        "person": str(first.user_id),
    }
    foot = Text(_("You get this as you chose under %(link)s"), {"link": _link(CHOICES)})
    heading = lines[0].text if len(lines) == 1 else words.say(many, language)
    return Message(key, to, heading, lines, words.say(foot, language), facts)


def _line(notice: Notice, said: Text, language: str) -> Line:
    return Line(notice.at, wording().say(said, language), _link(About(notice.subject, notice.subject_id)))


def _link(about: About) -> str:
    return f"{get_settings().site_url}{wording().path(about)}"
