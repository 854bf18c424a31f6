"""What other rooms and the doors read of people: values, never rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from core.actor import Actor
from core.sheets import Difference


@dataclass(frozen=True)
class SignedIn:
    """A living session or token: who, which, and what the instance looked like when it was read.

    :param session_id: ``None`` for a program, which has a token and no session.
    :param must_change_password: nothing but the change of the password is open to this person.
    :param plugin_epoch: rises when plugins changed, so that a worker can reload itself.
    """

    actor: Actor
    session_id: UUID | None
    must_change_password: bool
    plugin_epoch: int


@dataclass(frozen=True)
class PersonView:
    """A person as others see them."""

    id: UUID
    name: str
    enabled: bool


@dataclass(frozen=True)
class Contact(PersonView):
    """A person and where they are reached.

    :param language: as they chose; empty for the instance's.
    """

    email: str
    phone: str
    language: str


@dataclass(frozen=True)
class UserView:
    """A person as user managers see them.

    :param roles: slugs of the living grants, sorted, each once.
    """

    id: UUID
    login: str
    name: str
    phone: str
    email: str
    language: str
    department_id: UUID | None
    department: str
    roles: tuple[str, ...]
    made_at: dt.datetime
    disabled_at: dt.datetime | None
    must_change_password: bool
    last_seen_at: dt.datetime | None

    @property
    def state(self) -> str:
        """``disabled``, ``waiting`` for who never signed in, or ``enabled``."""
        return "disabled" if self.disabled_at else "enabled" if self.last_seen_at else "waiting"


@dataclass(frozen=True)
class ImportView:
    """A list of people that was taken over.

    :param differing: people who stand already, but otherwise; ``differences`` say in what.
    :param waiting: people of the list who never signed in, so that slips can be made for them.
    """

    id: UUID
    made_at: dt.datetime
    made_by_name: str
    added: int
    differing: int
    unchanged: int
    waiting: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class ListedPerson:
    """What a list does to one of its people.

    :param role: slug; empty: none.
    :param grid: code of the grid in which the role holds; empty with a role: in the whole city.
    :param fate: ``new``, ``changed``, ``unchanged``, or ``left``: stands otherwise and is left so.
    """

    row: int
    login: str
    name: str
    phone: str
    role: str
    grid: str
    grid_name: str
    fate: str


@dataclass(frozen=True)
class ImportPreview:
    """What would come of a list."""

    view: ImportView
    people: tuple[ListedPerson, ...]

    def count(self, fate: str) -> int:
        """How many people meet a fate."""
        return sum(one.fate == fate for one in self.people)


@dataclass(frozen=True)
class GrantRow:
    """A living grant as the pages show it.

    :param grid_code: empty for the whole instance; ``lost`` says that its grid has been retired.
    """

    id: UUID
    user_id: UUID
    login: str
    name: str
    role: str
    grid_code: str
    grid_name: str
    lost: bool
    granted_by: str
    granted_at: dt.datetime


@dataclass(frozen=True)
class SessionView:
    """A living browser session of a person."""

    id: UUID
    made_at: dt.datetime
    last_seen_at: dt.datetime
    address: str
    user_agent: str


@dataclass(frozen=True)
class TokenView:
    """A living API token of a person; the token itself is shown once, when it is made."""

    id: UUID
    name: str
    made_at: dt.datetime
    last_used_at: dt.datetime | None
    expires_at: dt.datetime | None
