"""The responsibility matrix, one row for each claim."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled, UuidKey


class Responsibility(Base, Journalled):
    """A department answers for some matters in a grid and in all grids below it.

    :param kind: name of a kind of matter; ``category`` a code in the city's catalogue. At most one of them is given;
        with neither the row is for all matters.
    :param assistant_ids: departments that help, in the order in which they are named.
    :param fallback_id: who answers where the lead does not.
    """

    __tablename__ = "responsibility"
    __table_args__ = (
        CheckConstraint("kind = '' or category = ''", name="a_kind_or_a_category"),
        Index(
            "uq_responsibility_living",
            "grid_id",
            "kind",
            "category",
            "lead_id",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )

    id: Mapped[UuidKey]
    kind: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core.grid.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("core.department.id"))
    assistant_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    fallback_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.department.id"))
    version: Mapped[int]
    made_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
