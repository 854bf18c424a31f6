"""A plugin's own schema: made and brought up to date by its own revisions, in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData

from core.db.migrate import current, drift, newest, upgrade
from core.plugin.manifest import schema_of


def migrate(connection: Connection, name: str, versions: Path) -> None:
    """Bring a plugin's schema to its newest revision inside the caller's transaction."""
    upgrade(connection, schema=schema_of(name), versions=versions)


def is_current(connection: Connection, name: str, versions: Path) -> bool:
    """Whether a plugin's schema is at the revision that its code expects."""
    return current(connection, schema_of(name)) == newest(versions)


def differences(connection: Connection, name: str, metadata: MetaData) -> list[Any]:
    """Differences between the tables that the plugin declares and those that stand."""
    return drift(connection, metadata, schema_of(name))
