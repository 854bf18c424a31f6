"""The base of all tables and the column types they share."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import uuid_utils
from sqlalchemy import DateTime, MetaData, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase, mapped_column

SCHEMA = "core"

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> UUID:
    """A UUIDv7: sortable by time, made by whoever creates the thing."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def new_id_text() -> str:
    """As `new_id`, written out: for statements that bring many at once."""
    return str(uuid_utils.uuid7())


class Ltree(types.UserDefinedType[str]):
    """PostgreSQL's ``ltree``: labels joined by dots."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name of the type in DDL."""
        return "ltree"


ischema_names["ltree"] = Ltree


class Base(DeclarativeBase):
    """Base of the host's tables, all in schema ``core``."""

    metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 fixed by SQLAlchemy
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Journalled:
    """Mixin: every insert and change of such a row is written to the journal in the same transaction.

    ``__secret__`` names columns whose values never enter the journal.
    """

    __secret__: frozenset[str] = frozenset()


UuidKey = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
