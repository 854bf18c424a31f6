"""What the doors read of notices: values, never rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from core.text import Text

Subject = Literal["plan", "matter", "matters", "page"]
"""What notices are about: ``matters`` are those of a tab of their list.

A ``page`` is named by its path, as before notices had subjects.
"""


class About(NamedTuple):
    """What a notice is about: of which kind, and which one."""

    subject: Subject
    id: str


@dataclass(frozen=True)
class NoticeView:
    """Something that a person is told.

    :param read_at: when the person marked it as read; ``None`` before.
    """

    id: UUID
    at: dt.datetime
    text: Text
    about: About
    read_at: dt.datetime | None
