"""Tables of a plugin: a base whose tables lie in the plugin's own schema, and columns that refer to the core.

A plugin with tables has one base of its own::

    class Base(DeclarativeBase):
        metadata = metadata_of("trees")
        type_annotation_map = TYPES
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from pydantic import BaseModel
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from core.db.base import NAMING, Journalled, UuidKey, new_id
from core.grids.models import Grid
from core.matters.models import Matter
from core.plugin.manifest import schema_of
from gis.lattice import SRID

__all__ = ["TYPES", "Journalled", "Located", "OnGrid", "UuidKey", "details_table", "metadata_of", "new_id"]

TYPES: Final[dict[Any, Any]] = {
    str: Text(),
    dt.datetime: DateTime(timezone=True),
    dict[str, Any]: JSONB,
    list[Any]: JSONB,
}
"""Column types of annotations, as the host's own tables have them; the ``type_annotation_map`` of a base."""


def metadata_of(plugin: str) -> MetaData:
    """Metadata whose tables lie in the plugin's schema and whose constraints are named as the host's."""
    return MetaData(schema=schema_of(plugin), naming_convention=NAMING)


def details_table(name: str, metadata: MetaData, form: type[BaseModel]) -> Table:
    """The table in which the host keeps the fields of a kind's form: the matter's id and a column for each field.

    Texts and choices are ``Text``, lists and models ``JSONB``, numbers, dates and yes-or-no what their names say; a
    field that may be ``None`` may be null.

    :raises TypeError: when a field's type has no column.
    """
    key = Column("matter_id", Uuid, ForeignKey(Matter.__table__.c.id), primary_key=True)
    return Table(name, metadata, key, *(_column(field, info.annotation) for field, info in form.model_fields.items()))


SIMPLE: Final[tuple[tuple[type, type[TypeEngine[Any]] | TypeEngine[Any]], ...]] = (
    (bool, Boolean), (int, Integer), (float, Float), (Decimal, Numeric),
    (dt.datetime, DateTime(timezone=True)), (dt.date, Date), (UUID, Uuid), (str, Text), (Enum, Text),
    (list, JSONB), (dict, JSONB), (BaseModel, JSONB),
)  # fmt: skip
"""The first that a field's type descends from gives its column: a yes-or-no is a number, a moment a date."""


def _column(name: str, annotation: Any) -> Column[Any]:
    """The column of a field; ``X | None`` is a column of X that may be null."""
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    kinds = [part for part in parts if part is not NoneType]
    held = get_origin(kinds[0]) or kinds[0]
    if held is Literal:
        held = type(get_args(kinds[0])[0])
    found = next((column for kind, column in SIMPLE if isinstance(held, type) and issubclass(held, kind)), None)
    if found is None or len(kinds) > 1:
        raise TypeError(f"{name}: a details table has no column for {annotation}")
    return Column(name, found, nullable=NoneType in parts)


class Located:
    """Mixin of a row with a place: ``place`` is a point in CGCS2000 degrees on the lattice, ``grid_id`` its leaf.

    ``wangge.grids.locate`` gives both; ``grid_id`` is null outside the city. The primary key is named ``id`` and is a
    uuid. When grids change, the host gives such rows their new grid in the same transaction, even while the plugin is
    off. ``wangge.revisions.located_columns`` makes its columns and the index on ``place``.
    """

    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", SRID, spatial_index=False))

    @declared_attr
    def grid_id(cls) -> Mapped[int | None]:
        """Id of the leaf that holds the place."""
        return mapped_column(BigInteger, ForeignKey(Grid.__table__.c.id), index=True)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:
        """The index by which the map finds the rows of a view."""
        return (Index(f"ix_{cls.__tablename__}_place", "place", postgresql_using="gist"),)  # type: ignore[attr-defined]


class OnGrid:
    """Mixin of a row that hangs on a grid itself, as somebody's duty there does: ``grid_id`` is that grid.

    It has no place by which the host could move it: a plugin that keeps such rows passes them on in the hook
    ``carry_grid_change``. ``wangge.revisions.grid_column`` makes its column.
    """

    @declared_attr
    def grid_id(cls) -> Mapped[int]:
        """Id of the grid."""
        return mapped_column(BigInteger, ForeignKey(Grid.__table__.c.id), index=True)
