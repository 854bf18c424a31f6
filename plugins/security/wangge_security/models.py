"""Tables of the plugin, in schema ``plugin_security``."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase, Mapped
from wangge.places import Place
from wangge.tables import TYPES, Journalled, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("security")
    type_annotation_map = TYPES


class Room(Base, Journalled, Place):
    """A room where people are helped to agree; known by its name."""

    __tablename__ = "room"

    category: Mapped[str]
    address: Mapped[str]
    hours: Mapped[str]
    office_phone: Mapped[str]
