"""What other rooms read of a matter: values, never rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.grids.views import GridView
from core.text import Text


@dataclass(frozen=True)
class MatterView:
    """One matter as it stands.

    :param lon: longitude on the lattice in degrees (``lat`` likewise); ``None`` without a place.
    :param grid: the leaf that holds it now; ``None`` while it is unlocated.
    :param kind_title: message id of the kind's name; the bare slug when its plugin is away.
    :param summary: the kind's fields for people: ``field``, ``title`` and ``text`` by language.
    """

    id: UUID
    number: str
    kind: str
    kind_title: str
    kind_icon: str
    title: str
    text: str
    lon: float | None
    lat: float | None
    raw_place: Mapping[str, Any] | None
    grid: GridView | None
    source: str
    priority: int
    state: str
    round: int
    outcome: str | None
    version: int
    reporter: str
    reporter_name: str
    handler: str | None
    handler_name: str | None
    happened_at: dt.datetime | None
    reported_at: dt.datetime
    due_at: dt.datetime | None
    closed_at: dt.datetime | None
    last_step: str
    last_at: dt.datetime
    summary: tuple[Mapping[str, Any], ...]
    overdue: bool


@dataclass(frozen=True)
class PhotoView:
    """A photo of a matter."""

    id: UUID
    name: str


@dataclass(frozen=True)
class EventView:
    """One step that was taken."""

    id: UUID
    seq: int
    step: str
    from_state: str
    to_state: str
    actor: str
    actor_name: str
    machine: bool
    at: dt.datetime
    device_at: dt.datetime | None
    note: str
    data: Mapping[str, Any]
    photos: tuple[PhotoView, ...]


@dataclass(frozen=True)
class ClockView:
    """A time limit as it stands.

    :param title: what it is for.
    :param left_s: seconds of its own time that are left, negative when it is late: working time for limits that run
        while offices work, natural time for others.
    :param state: ``running``, ``paused`` or ``ended``.
    :param provisional: its end was counted through a year whose holidays are not known.
    :param limit: as ``4wh`` or as the day that the form names; empty for one that was set before clocks were kept.
    :param by_hand: it ends when somebody ticks it off.
    :param task: the task that it measures.
    :param round: the round of the matter's life that it began in.
    """

    name: str
    title: Text
    due_at: dt.datetime
    left_s: int
    state: str
    provisional: bool
    limit: str
    started_at: dt.datetime
    by_hand: bool
    task: UUID | None
    round: int


@dataclass(frozen=True)
class TaskView:
    """A part of the work on a matter.

    :param office: name of the department, ``code`` its code; empty for what the grid does itself.
    :param proposed: name of the department that was proposed when it was declined.
    :param limit: as ``3wd``, what it has once it is taken up; empty where its kind says it.
    """

    id: UUID
    code: str
    office: str
    role: str
    state: str
    round: int
    version: int
    handler: str
    binding: bool
    proposed: str
    limit: str
    offered_at: dt.datetime
    claimed_at: dt.datetime | None
    ended_at: dt.datetime | None


@dataclass(frozen=True)
class MatterPage:
    """One page of a list; ``next`` is the cursor of the following one, ``prev`` of the one before."""

    items: tuple[MatterView, ...]
    next: str | None
    prev: str | None


@dataclass(frozen=True)
class OpenCount:
    """Open matters in a grid and all below it, and how many of them are late, or due today and not late yet."""

    open: int
    overdue: int
    due_today: int


@dataclass(frozen=True)
class Blocked:
    """The next step on a matter's way, when the actor may not take it.

    :param why: each reason; ``mend`` what would remove them.
    :param roles: titles of the roles that give the right to it, message ids.
    :param handler: name of the one who handles the matter, where that alone gives the right.
    :param offices: names of the departments that it waits for.
    """

    step: str
    why: tuple[Text, ...]
    roles: tuple[str, ...]
    handler: str | None
    mend: tuple[Text, ...] = ()
    offices: tuple[str, ...] = ()
