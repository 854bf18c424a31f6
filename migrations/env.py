"""Shared by the host and by every plugin: one connection, one schema, one transaction."""

from __future__ import annotations

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    version_table_schema=attributes["schema"],
    include_schemas=True,
)
context.run_migrations()
