"""Tables of the plugin, in schema ``plugin_everything``."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped
from wangge.forms import field
from wangge.tables import TYPES, Journalled, Located, OnGrid, UuidKey, details_table, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("everything")
    type_annotation_map = TYPES


class Fallen(BaseModel):
    """What is asked of a fallen tree."""

    height_m: float | None = field("树高", "Height", default=None, unit="m", ge=0, le=150)


fallen = details_table("fallen", Base.metadata, Fallen)


class Tree(Base, Journalled, Located):
    """A tree."""

    __tablename__ = "tree"

    id: Mapped[UuidKey]
    name: Mapped[str]


class Gardener(Base, Journalled, OnGrid):
    """Who tends the trees of a grid."""

    __tablename__ = "gardener"

    id: Mapped[UuidKey]
    name: Mapped[str]
