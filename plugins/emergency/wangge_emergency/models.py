"""Tables of the plugin, in schema ``plugin_emergency``."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wangge.places import Place
from wangge.tables import TYPES, Journalled, matter_id_column, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("emergency")
    type_annotation_map = TYPES


hazard = Table(
    "hazard",
    Base.metadata,
    matter_id_column(),
    Column("level", Text, nullable=False),
    Column("hazard_type", Text, nullable=False),
    Column("rectifier", Text),
    Column("deadline", Date),
    Column("measures", Text),
)

flash_report = Table(
    "flash_report",
    Base.metadata,
    matter_id_column(),
    Column("stage", Text, nullable=False),
    Column("disaster", Text, nullable=False),
    *(
        Column(name, Integer, nullable=False)
        for name in (
            "dead", "injured", "missing", "trapped", "relocated",
            "houses_collapsed", "houses_damaged", "roads_blocked",
        )
    ),
    Column("needs", Text),
)  # fmt: skip


class Shelter(Base, Journalled, Place):
    """A place where people may stay; known by its name."""

    __tablename__ = "shelter"
    __table_args__ = (Index("ix_shelter_place", "place", postgresql_using="gist"),)

    address: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int]
    office_phone: Mapped[str] = mapped_column(Text)
