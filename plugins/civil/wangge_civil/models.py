"""Tables of the plugin, in schema ``plugin_civil``."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wangge.places import Place
from wangge.tables import TYPES, Journalled, matter_id_column, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("civil")
    type_annotation_map = TYPES


elder_visit = Table(
    "elder_visit",
    Base.metadata,
    matter_id_column(),
    Column("dwelling", Text, nullable=False),
    Column("seen", Boolean, nullable=False),
    Column("unseen_reason", Text),
    Column("home_hazards", JSONB, nullable=False),
    Column("needs", JSONB, nullable=False),
    Column("next_date", Date),
)

aid_clue = Table(
    "aid_clue",
    Base.metadata,
    matter_id_column(),
    Column("household", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("hardship", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("amount_asked", Integer),
    Column("urgent", Boolean, nullable=False),
)


class CarePlace(Base, Journalled, Place):
    """A canteen for elders, or a day care centre; known by its name."""

    __tablename__ = "care_place"
    __table_args__ = (Index("ix_care_place_place", "place", postgresql_using="gist"),)

    category: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    hours: Mapped[str] = mapped_column(Text)
    office_phone: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int]
