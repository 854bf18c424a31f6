"""What the doors read of notices: values, never rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args
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


State = Literal["waiting", "sent", "dead", "dropped"]
STATES: Final[tuple[State, ...]] = get_args(State)
"""States of a delivery as they are shown: what joined a digest is a part of it."""


@dataclass(frozen=True)
class DeliveryView:
    """What left the house, or is to: without what it says, which whoever runs the channels need not read.

    :param to: name of the person or webhook.
    :param notices: how many notices it carries; in a digest all that joined it so far.
    :param attempts: how often it was tried.
    :param next_at: when it is tried next, while it waits.
    :param fault: why the last try failed, or why it was dropped.
    """

    id: UUID
    channel: str
    topic: str
    to: str
    state: State
    digest: bool
    notices: int
    attempts: int
    made_at: dt.datetime
    next_at: dt.datetime
    ended_at: dt.datetime | None
    fault: Text | None
