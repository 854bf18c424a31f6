"""Tables of a plugin: a base whose tables lie in the plugin's own schema, and columns that refer to the core.

A plugin with tables has one base of its own::

    class Base(DeclarativeBase):
        metadata = metadata_of("trees")
        type_annotation_map = TYPES
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.db.base import NAMING, Journalled, UuidKey, new_id
from core.grids.models import Grid
from core.matters.models import Matter
from core.plugin.manifest import schema_of

__all__ = ["TYPES", "Journalled", "Located", "UuidKey", "matter_id_column", "metadata_of", "new_id"]

SRID = 4490


TYPES: Final[dict[Any, Any]] = {dt.datetime: DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB}
"""Column types of annotations, as the host's own tables have them; the ``type_annotation_map`` of a base."""


def metadata_of(plugin: str) -> MetaData:
    """Metadata whose tables lie in the plugin's schema and whose constraints are named as the host's."""
    return MetaData(schema=schema_of(plugin), naming_convention=NAMING)


def matter_id_column() -> Column[UUID]:
    """Primary key of a details table: the id of the matter whose kind's fields the row holds."""
    return Column("matter_id", Uuid, ForeignKey(Matter.__table__.c.id), primary_key=True)


class Located:
    """Mixin of a row with a place: ``place`` is a point in CGCS2000 degrees on the lattice, ``grid_id`` its leaf.

    ``wangge.grids.locate`` gives both; ``grid_id`` is null outside the city. The primary key is named ``id``. When
    grids change, the host gives such rows their new grid in the same transaction, even while the plugin is off.
    """

    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", SRID, spatial_index=False))

    @declared_attr
    def grid_id(cls) -> Mapped[int | None]:
        """Id of the leaf that holds the place."""
        return mapped_column(BigInteger, ForeignKey(Grid.__table__.c.id), index=True)
