"""What is sensitive stays in the house: outside it is said only that there is something, whoever told it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final
from uuid import UUID

from core.db.session import WorkSession
from core.notices.models import Notice
from core.notices.views import Subject
from core.text import Text
from core.text import noop as _

ASKS: Final = Text(_("A sensitive matter is to be dealt with; sign in to see it"))
NEWS: Final = Text(_("There is news of a sensitive matter; sign in to see it"))

Sensitive = Callable[[WorkSession, Collection[str]], Collection[str]]
"""Which of some things are sensitive, by their ids."""

_rooms: Final[dict[Subject, Sensitive]] = {}


def register(subject: Subject, sensitive: Sensitive) -> None:
    """Let a room say which of its things are sensitive; twice is the same as once."""
    _rooms[subject] = sensitive


def outward(session: WorkSession, notices: Sequence[Notice]) -> dict[UUID, Text]:
    """What may be said outside of some notices, by their ids."""
    found = {(subject, key) for subject, room in _rooms.items() for key in room(session, _ids(notices, subject))}
    return {notice.id: _said(notice, (notice.subject, notice.subject_id) in found) for notice in notices}


def _ids(notices: Sequence[Notice], subject: Subject) -> set[str]:
    return {notice.subject_id for notice in notices if notice.subject == subject}


def _said(notice: Notice, sensitive: bool) -> Text:
    if sensitive:
        return ASKS if notice.asks else NEWS
    return Text.from_json(notice.text)
