"""Tables of the organisation."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled, UuidKey


class Department(Base, Journalled):
    """An office. Departments form a tree; ``code`` is unique for ever."""

    __tablename__ = "department"

    id: Mapped[UuidKey]
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"), index=True)
    phone: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class Post(Base, Journalled):
    """A seat: in a grid (``grid_head``, ``worker``, ``deputy``) or in a department (``seat``)."""

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("(grid_id is null) <> (department_id is null)", name="in_a_grid_or_a_department"),
        Index("ix_post_grid_open", "grid_id", postgresql_where=text("closed_at is null")),
        Index("ix_post_department_open", "department_id", postgresql_where=text("closed_at is null")),
    )

    id: Mapped[UuidKey]
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    grid_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core.grid.id"))
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"))
    made_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class PostHolder(Base, Journalled):
    """Who holds a post and for how long; ``deputy`` stands in for the holder."""

    __tablename__ = "post_holder"
    __table_args__ = (
        ExcludeConstraint(
            ("post_id", "="),
            ("user_id", "="),
            ("valid", "&&"),
            using="gist",
            name="ex_post_holder_once_at_a_time",
        ),
    )

    id: Mapped[UuidKey]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("core.post.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("core.user_account.id"), index=True)
    deputy: Mapped[bool] = mapped_column(default=False)
    valid: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
