"""Who acts: a person with grants, a job or the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

ActorKind = Literal["user", "system", "job"]
COMMAND_LINE: Final = "system:cli"
"""Id of whoever acts by commands; the name beside it is the operating system's user."""


@dataclass(frozen=True)
class GrantView:
    """One grant as it holds now.

    :param role: slug of the role that was granted.
    :param actions: the actions that the role allows.
    :param path: ``ltree`` of grid ids at the top of the subtree; ``None`` means the whole instance.
    """

    role: str
    actions: frozenset[str]
    path: str | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts, and what was granted to them.

    :param id: the user's UUID as text, or a name such as ``system:cli``.
    :param all_rights: true for the command line alone, whose user has the machine anyway.
    """

    kind: ActorKind
    id: str
    name: str
    grants: tuple[GrantView, ...] = ()
    language: str = ""
    user_id: UUID | None = None
    department_id: UUID | None = None
    all_rights: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)


def command_line(os_user: str) -> Actor:
    """The one actor with all rights; the operating system's user goes into the journal."""
    return Actor("system", COMMAND_LINE, os_user, all_rights=True)


def job(name: str) -> Actor:
    """A background job, named in the journal."""
    return Actor("job", f"job:{name}", name, all_rights=True)
