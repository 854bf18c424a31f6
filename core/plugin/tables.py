"""A plugin's own schema: made and brought up to date by its own revisions, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine

from core.actor import Actor
from core.db.migrate import current, drift, newest, upgrade
from core.db.session import WorkSession
from core.plugin.manifest import schema_of


@contextmanager
def owner_work(actor: Actor, owner_url: str) -> Iterator[WorkSession]:
    """One transaction as the role that owns the tables, so that schema and record change together."""
    engine = create_engine(owner_url.replace("postgresql://", "postgresql+psycopg2://", 1))
    try:
        with WorkSession(engine, expire_on_commit=False, info={"actor": actor}) as session, session.begin():
            yield session
    finally:
        engine.dispose()


def migrate(connection: Connection, name: str, versions: Path) -> None:
    """Bring a plugin's schema to its newest revision inside the caller's transaction."""
    upgrade(connection, schema=schema_of(name), versions=versions)


def is_current(connection: Connection, name: str, versions: Path) -> bool:
    """Whether a plugin's schema is at the revision that its code expects."""
    return current(connection, schema_of(name)) == newest(versions)


def differences(connection: Connection, name: str, metadata: MetaData) -> list[Any]:
    """Differences between the tables that the plugin declares and those that stand."""
    return drift(connection, metadata, schema_of(name))
