"""Tables of the plugin, in schema ``plugin_party``."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wangge.places import Place
from wangge.tables import TYPES, Journalled, matter_id_column, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("party")
    type_annotation_map = TYPES


visit = Table(
    "visit",
    Base.metadata,
    matter_id_column(),
    Column("household", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("needs", JSONB, nullable=False),
    Column("promise", Text),
    Column("promise_owner", Text),
    Column("promise_due", Date),
)

station_request = Table(
    "station_request",
    Base.metadata,
    matter_id_column(),
    Column("station", Text),
    Column("service", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("wanted_on", Date),
)


class Station(Base, Journalled, Place):
    """A red station, or a parlour where members and residents meet; known by its name."""

    __tablename__ = "station"
    __table_args__ = (Index("ix_station_place", "place", postgresql_using="gist"),)

    category: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    hours: Mapped[str] = mapped_column(Text)
    office_phone: Mapped[str] = mapped_column(Text)
    services: Mapped[str] = mapped_column(Text)
