"""What the services of this room take and give."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from core.db.base import new_id


@dataclass(frozen=True)
class CreateUser:
    """A new person.

    :param password: a password they chose; ``None`` makes a one-time password.
    """

    login: str
    name: str
    password: str | None = None
    phone: str = ""
    email: str = ""
    language: str = ""
    department_id: UUID | None = None


@dataclass(frozen=True)
class NewUser:
    """A person just made; the one-time password is shown once and kept nowhere."""

    id: UUID
    login: str
    name: str
    one_time_password: str | None


@dataclass(frozen=True)
class ImportUsers:
    """A list of people.

    :param data: the XLSX file.
    :param id: made by whoever sends the list; the same once more is the same import.
    :param update: people who stand already get the name, phone and role of the list.
    """

    data: bytes
    id: UUID = field(default_factory=new_id)
    update: bool = False


@dataclass(frozen=True)
class UpdateUser:
    """What a user manager changes of a person."""

    user_id: UUID
    name: str
    phone: str = ""
    email: str = ""
    language: str = ""
    department_id: UUID | None = None


@dataclass(frozen=True)
class SaveProfile:
    """What people change of themselves."""

    phone: str = ""
    email: str = ""
    language: str = ""


@dataclass(frozen=True)
class SetPassword:
    """A chosen password for somebody."""

    user_id: UUID
    new: str


@dataclass(frozen=True)
class ChangePassword:
    """One's own new password.

    :param old: the present one.
    :param address: the client's IP address; empty when unknown.
    :param keep_session: the browser session that goes on; all others end.
    :param end_tokens: whether devices and programs must be let in anew too.
    """

    new: str
    old: str
    address: str = ""
    keep_session: UUID | None = None
    end_tokens: bool = False


@dataclass(frozen=True)
class IssueToken:
    """A bearer token for a device or program.

    :param days: after which it ends; ``None`` means never.
    """

    user_id: UUID
    name: str
    days: int | None = None


@dataclass(frozen=True)
class GrantRole:
    """A role for a person, in a grid and all below it; without a code for the whole instance."""

    user_id: UUID
    role: str
    grid_code: str | None = None
