"""What a plugin holds in this instance: its rows, and the matters of its kinds that are still open."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from core.db.session import WorkSession
from core.matters.listing import count_open_of
from core.plugin.manifest import schema_of
from core.plugin.views import PluginView

TABLES = """
select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.tables
where table_schema = :schema and table_type = 'BASE TABLE' and table_name <> 'alembic_version'
"""


@dataclass(frozen=True)
class Footprint:
    """What stays when a plugin is switched off.

    :param tables: number of its tables; ``rows`` in all of them.
    :param open_matters: matters of its kinds whose life goes on.
    """

    tables: int
    rows: int
    open_matters: int


def rows_of(connection: Connection, name: str) -> tuple[int, int]:
    """Number of a plugin's tables, and of the rows in them."""
    tables = connection.scalars(text(TABLES), {"schema": schema_of(name)}).all()
    counts = [connection.scalar(text(f"select count(*) from {table}")) or 0 for table in tables]
    return len(tables), sum(counts)


def footprint(session: WorkSession, view: PluginView) -> Footprint:
    """What one plugin holds."""
    tables, rows = rows_of(session.connection(), view.name)
    return Footprint(tables, rows, count_open_of(session, view.added("register_matter_kinds")))
