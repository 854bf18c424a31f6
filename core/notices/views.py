"""What the doors read of notices: values, never rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from core.text import Text


@dataclass(frozen=True)
class NoticeView:
    """Something that a person is told.

    :param link: path of the page that it is about.
    :param read_at: when the person marked it as read; ``None`` before.
    """

    id: UUID
    at: dt.datetime
    text: Text
    link: str
    read_at: dt.datetime | None
