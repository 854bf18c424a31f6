"""Tables of the plugin, in schema ``plugin_security``."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wangge.places import Place
from wangge.tables import TYPES, Journalled, matter_id_column, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("security")
    type_annotation_map = TYPES


dispute = Table(
    "dispute",
    Base.metadata,
    matter_id_column(),
    Column("dispute_type", Text, nullable=False),
    Column("scale", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("signs", JSONB, nullable=False),
    Column("risk", Text, nullable=False),
    Column("mediator", Text),
    Column("agreement_due", Date),
)

hazard_safety = Table(
    "hazard_safety",
    Base.metadata,
    matter_id_column(),
    Column("site", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("danger", Text, nullable=False),
    Column("rectifier", Text),
    Column("deadline", Date),
)


class Room(Base, Journalled, Place):
    """A room where people are helped to agree; known by its name."""

    __tablename__ = "room"
    __table_args__ = (Index("ix_room_place", "place", postgresql_using="gist"),)

    category: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    hours: Mapped[str] = mapped_column(Text)
    office_phone: Mapped[str] = mapped_column(Text)
