"""What other rooms read of the organisation."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.text import noop as _

POST_KINDS: Final = {
    "grid_head": _("Grid head"),
    "worker": _("Grid worker"),
    "deputy": _("Deputy grid head"),
    "seat": _("Seat in a department"),
}


@dataclass(frozen=True)
class PostView:
    """A post and who holds it.

    :param title: what the post is called; the kind's name where none was given.
    :param holder: name of the person; empty when vacant.
    :param phone: masked.
    :param since: when they took it; ``None`` when vacant.
    """

    id: UUID
    kind: str
    title: str
    grid_id: int | None
    department_id: UUID | None
    holder_id: UUID | None
    holder: str
    phone: str
    deputy: bool
    since: dt.datetime | None


@dataclass(frozen=True)
class PostGroup:
    """The same post that a person holds in several grids, as one row of a list.

    :param title: as in :class:`PostView`; ``holder_id`` is ``None`` for a vacant post, which is a row of its own.
    :param since: when they took the first of them.
    :param seats: each post with its grid.
    """

    kind: str
    title: str
    department_id: UUID | None
    holder_id: UUID | None
    holder: str
    phone: str
    deputy: bool
    since: dt.datetime | None
    seats: tuple[tuple[UUID, int | None], ...]


@dataclass(frozen=True)
class DepartmentView:
    """An office and how many people belong to it."""

    id: UUID
    code: str
    name: str
    parent_id: UUID | None
    phone: str
    people: int


@dataclass(frozen=True)
class Office:
    """A department by name, ``closed`` where it is no more."""

    id: UUID
    code: str
    name: str
    closed: bool
