"""Columns for revisions, as the mixins of ``wangge`` declare them. What they give never changes.

A revision makes a table with them as with any other column::

    species = sa.Column("species", sa.Text, nullable=False)
    op.create_table("tree", *place_columns("tree"), species, schema="plugin_trees")
"""

from __future__ import annotations

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.schema import SchemaItem

__all__ = ["details_column", "grid_column", "located_columns", "place_columns"]


def details_column() -> SchemaItem:
    """Key of a details table, which ``details_table`` puts before the columns of the form."""
    return sa.Column("matter_id", sa.Uuid, sa.ForeignKey("core.matter.id"), primary_key=True)


def grid_column() -> SchemaItem:
    """What the mixin ``OnGrid`` adds to a table: the grid that a row hangs on."""
    return sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), nullable=False, index=True)


def located_columns(table: str) -> list[SchemaItem]:
    """What the mixin ``Located`` adds to a table: the place, its grid, and the index on the place."""
    return [
        sa.Column("place", Geometry("POINT", 4490, spatial_index=False), nullable=False),
        sa.Column("grid_id", sa.BigInteger, sa.ForeignKey("core.grid.id"), index=True),
        sa.Index(f"ix_{table}_place", "place", postgresql_using="gist"),
    ]


def place_columns(table: str) -> list[SchemaItem]:
    """What the mixin ``Place`` adds to a table: key, name, time of the last change, and what ``Located`` adds."""
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *located_columns(table),
    ]
