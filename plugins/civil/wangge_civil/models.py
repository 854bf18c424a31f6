"""Tables of the plugin, in schema ``plugin_civil``."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase, Mapped
from wangge.places import Place
from wangge.tables import TYPES, Journalled, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("civil")
    type_annotation_map = TYPES


class CarePlace(Base, Journalled, Place):
    """A canteen for elders, or a day care centre; known by its name."""

    __tablename__ = "care_place"

    category: Mapped[str]
    address: Mapped[str]
    hours: Mapped[str]
    office_phone: Mapped[str]
    capacity: Mapped[int]
