"""Tables of the plugin, in schema ``plugin_emergency``."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase, Mapped
from wangge.places import Place
from wangge.tables import TYPES, Journalled, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("emergency")
    type_annotation_map = TYPES


class Shelter(Base, Journalled, Place):
    """A place where people may stay; known by its name."""

    __tablename__ = "shelter"

    address: Mapped[str]
    capacity: Mapped[int]
    office_phone: Mapped[str]
