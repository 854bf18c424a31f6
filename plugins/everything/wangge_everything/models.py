"""Tables of the plugin, in schema ``plugin_everything``."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wangge.tables import TYPES, Journalled, Located, UuidKey, matter_id_column, metadata_of


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = metadata_of("everything")
    type_annotation_map = TYPES


fallen = Table("fallen", Base.metadata, matter_id_column(), Column("height_m", Float))


class Tree(Base, Journalled, Located):
    """A tree."""

    __tablename__ = "tree"
    __table_args__ = (Index("ix_tree_place", "place", postgresql_using="gist"),)

    id: Mapped[UuidKey]
    name: Mapped[str] = mapped_column(Text)
