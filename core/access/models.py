"""Tables of people and their rights."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled, UuidKey


class UserImport(Base, Journalled):
    """A list of people that was taken over, and what came of it.

    :param content: hash of the list and its options, so that the same list sent again is known.
    :param differing: people of the list who stand already, but otherwise.
    :param differences: in what, row by row, and whether it was taken over.
    """

    __tablename__ = "user_import"
    __secret__ = frozenset({"differences"})

    id: Mapped[UuidKey]
    content: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str] = mapped_column(Text)
    made_by_name: Mapped[str] = mapped_column(Text)
    added: Mapped[int]
    differing: Mapped[int]
    unchanged: Mapped[int]
    differences: Mapped[list[Any]]


class UserAccount(Base, Journalled):
    """A person who can sign in. ``login`` is folded (NFKC, lower case) and unique for ever.

    :param import_id: the list that brought them.
    """

    __tablename__ = "user_account"
    __secret__ = frozenset({"password_hash", "phone", "email"})

    id: Mapped[UuidKey]
    login: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    password_hash: Mapped[str | None] = mapped_column(Text)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(Text, default="")
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"), index=True)
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.user_import.id"), index=True)
    made_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]


class WebSession(Base, Journalled):
    """A signed-in browser; only the hash of its token is kept."""

    __tablename__ = "session"
    __secret__ = frozenset({"token_hash"})

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("core.user_account.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    address: Mapped[str] = mapped_column(Text)
    user_agent: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[dt.datetime | None]


class ApiToken(Base, Journalled):
    """A bearer token of a person for one device or program; only its hash is kept."""

    __tablename__ = "api_token"
    __secret__ = frozenset({"token_hash"})

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("core.user_account.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class Grant(Base, Journalled):
    """A role given to a person, for a grid and all below it; without a grid for the whole instance."""

    __tablename__ = "grant"
    __table_args__ = (
        Index(
            "ix_grant_living",
            "user_id",
            "role",
            "grid_id",
            unique=True,
            postgresql_where=text("revoked_at is null"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("core.user_account.id"))
    role: Mapped[str] = mapped_column(Text)
    grid_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core.grid.id"), index=True)
    granted_by: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]


class LoginAttempt(Base):
    """Failed tries of one account or one address, and until when further ones are refused unheard."""

    __tablename__ = "login_attempt"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[dt.datetime]
    blocked_until: Mapped[dt.datetime | None]
