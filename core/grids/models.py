"""Tables of the coverage.

``Grid`` is identity, ``GridShape`` is immutable, ``GridState`` is what holds for a period, ``GridChange`` is
the permanent record of one applied act. The database refuses a commit whose children do not sum to their
parent (triggers in migrations 0004, 0008, 0010, 0012, 0013 and 0018; rights in 0014).
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
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
from core.grids.views import LEVELS, PLAN_STATES, PlanState
from core.intake.columns import Uploaded
from gis.lattice import SRID

NOW = text("upper_inf(valid)")
THIS_TRANSACTION = text("pg_current_xact_id()::text::bigint")


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

    ``at`` is the moment from which it holds (an import may set it), ``recorded_at`` when it was written.
    ``statements`` counts those that wrote its states, by trigger: each has the whole change checked anew.
    ``counts`` holds how many grids were born, renewed and retired, how many posts and grants ended with the retired
    ones and were copied to their heirs, every re-homed table's rows, and those that followed a grid to another parent.
    """

    __tablename__ = "grid_change"

    id: Mapped[UuidKey]
    version: Mapped[int] = mapped_column(BigInteger, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    actor: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[dt.date | None]
    operations: Mapped[list[Any]]
    counts: Mapped[dict[str, Any]]
    all_tiles: Mapped[bool]
    transaction_id: Mapped[int] = mapped_column(BigInteger, server_default=THIS_TRANSACTION)
    statements: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Grid(Base):
    """Identity of a grid: its level, the change it was born by, the one that retired it."""

    __tablename__ = "grid"
    __table_args__ = (CheckConstraint(f"level in ({', '.join(map(repr, LEVELS))})", name="level"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    level: Mapped[str] = mapped_column(Text)
    born_by: Mapped[UUID] = mapped_column(ForeignKey("core.grid_change.id"))
    retired_by: Mapped[UUID | None] = mapped_column(ForeignKey("core.grid_change.id"))


class GridShape(Base):
    """An outline that never changes, with its fingerprint, area and label point."""

    __tablename__ = "grid_shape"
    __table_args__ = (
        Index("ix_grid_shape_geom", "geom", postgresql_using="gist"),
        CheckConstraint("fingerprint <> 0", name="fingerprint"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", SRID, spatial_index=False))
    fingerprint: Mapped[int] = mapped_column(BigInteger)
    mixer: Mapped[int] = mapped_column(SmallInteger)
    area_m2: Mapped[float] = mapped_column(Float)
    label: Mapped[WKBElement] = mapped_column(Geometry("POINT", SRID, spatial_index=False))


class GridState(Base):
    """What holds of a grid for a period; closed by a later change, never altered.

    ``noded``: it differs from the one before only in vertices that a neighbour's border put into the outline.
    """

    __tablename__ = "grid_state"
    __table_args__ = (
        ExcludeConstraint(("grid_id", "="), ("valid", "&&"), using="gist", name="one_state_at_a_time"),
        Index("ix_grid_state_code_now", "code", unique=True, postgresql_where=NOW),
        Index("ix_grid_state_grid_now", "grid_id", unique=True, postgresql_where=NOW),
        Index("ix_grid_state_parent", "parent_id"),
        Index("ix_grid_state_parent_now", "parent_id", postgresql_where=NOW),
        Index("ix_grid_state_path", "path", postgresql_using="gist"),
        Index(
            "ix_grid_state_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("core.grid.id"))
    code: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("core.grid.id"))
    path: Mapped[str] = mapped_column(Ltree)
    shape_id: Mapped[int] = mapped_column(ForeignKey("core.grid_shape.id"), index=True)
    search: Mapped[str] = mapped_column(Text)
    valid: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    change_id: Mapped[UUID] = mapped_column(ForeignKey("core.grid_change.id"), index=True)
    noded: Mapped[bool] = mapped_column(server_default=text("false"))
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("core.grid_change.id"), index=True)


class GridImport(Base, Uploaded, Journalled):
    """A boundary file that was uploaded, its options and preview report, and the change it became."""

    __tablename__ = "grid_import"

    report: Mapped[dict[str, Any] | None]
    change_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.grid_change.id"))


class GridPlan(Base, Journalled):
    """A proposed change: its operations, how far it is, who had a hand in it, and the change it became.

    ``undone`` holds the operations taken back, the latest first. ``drawn_on`` maps the id of every grid that the plan
    touches to the state it had when the plan was last drawn at; ``drawn_by`` names all who drew. ``apply_at`` is the
    moment at which a job applies it, ``refusal`` the text that says why it could not. ``left_out`` holds the operations
    that no longer fitted when it was drawn anew, each with the reason, until it is handed in.
    """

    __tablename__ = "grid_plan"
    __table_args__ = (CheckConstraint(f"state in ({', '.join(map(repr, PLAN_STATES))})", name="state"),)

    id: Mapped[UuidKey]
    title: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int] = mapped_column(ForeignKey("core.grid.id"), index=True)
    state: Mapped[PlanState] = mapped_column(Text, index=True)
    version: Mapped[int] = mapped_column(Integer)
    operations: Mapped[list[Any]]
    undone: Mapped[list[Any]]
    left_out: Mapped[list[Any]]
    drawn_on: Mapped[dict[str, Any]]
    drawn_by: Mapped[list[Any]]
    comment: Mapped[str] = mapped_column(Text)
    refusal: Mapped[dict[str, Any] | None]
    made_by: Mapped[str] = mapped_column(Text)
    made_by_name: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime]
    submitted_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_by_name: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[dt.datetime | None]
    apply_at: Mapped[dt.datetime | None]
    effective_on: Mapped[dt.date | None]
    change_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.grid_change.id"))

    @property
    def drawers(self) -> set[str]:
        """Ids of all who had a hand in it."""
        return {self.made_by, *self.drawn_by}


class Tile(Base):
    """A rendered vector tile of a coverage version; without a body it is a marker to render it again."""

    __tablename__ = "tile"

    layer: Mapped[str] = mapped_column(Text, primary_key=True)
    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    x: Mapped[int] = mapped_column(Integer, primary_key=True)
    y: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
