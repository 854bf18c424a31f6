"""Tables of the coverage.

``Grid`` is identity, ``GridShape`` is immutable, ``GridState`` is what holds for a period, ``GridChange`` is the
permanent record of one applied act. The database refuses a commit whose children do not sum to their parent
(triggers in migration 0004).
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Journalled, Ltree, UuidKey

SRID = 4490


class Coverage(Base):
    """The one row that all changes lock: version counter, root, and what the last full proof said."""

    __tablename__ = "coverage"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    root_id: Mapped[int | None] = mapped_column(ForeignKey("core.grid.id"))
    proof: Mapped[dict[str, Any] | None]


class GridChange(Base):
    """One applied act: who, when, why, what, and how many.

