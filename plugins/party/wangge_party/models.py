"""Tables of the plugin, in schema ``plugin_party``."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase, Mapped
from wangge.places import Place
from wangge.tables import TYPES, Journalled, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("party")
    type_annotation_map = TYPES


class Station(Base, Journalled, Place):
    """A red station, or a parlour where members and residents meet; known by its name."""

    __tablename__ = "station"

    category: Mapped[str]
    address: Mapped[str]
    hours: Mapped[str]
    office_phone: Mapped[str]
    services: Mapped[str]
