"""A plugin's own schema: made and brought up to date by its own revisions, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, inspect, text

from core.db.migrate import current, downgrade, drift, newest, upgrade
from core.plugin.manifest import schema_of
from core.text import Text
from core.text import noop as _


def migrate(connection: Connection, name: str, versions: Path) -> None:
    """Bring a plugin's schema to its newest revision inside the caller's transaction."""
    upgrade(connection, schema=schema_of(name), versions=versions)


def is_current(connection: Connection, name: str, versions: Path) -> bool:
    """Whether a plugin's schema is at the revision that its code expects."""
    return current(connection, schema_of(name)) == newest(versions)


def rehearse(connection: Connection, name: str, versions: Path, metadata: MetaData) -> Iterator[Text]:
    """Make the tables, take them away and make them again, beside those that stand; gives what is wrong.

    The caller rolls back. Until then writers of the tables that they refer to wait.
    """
    schema = schema_of(name)
    if inspect(connection).has_schema(schema):
        connection.execute(text(f"alter schema {schema} rename to {schema}_aside"))
    upgrade(connection, schema=schema, versions=versions)
    downgrade(connection, schema=schema, versions=versions)
    left = sorted(set(inspect(connection).get_table_names(schema)) - {"alembic_version"})
    if left:
        yield Text(_("downgrade leaves the tables %(tables)s"), {"tables": ", ".join(left)})
        return
    upgrade(connection, schema=schema, versions=versions)
    for difference in differences(connection, name, metadata):
        yield Text(_("models and revisions differ: %(difference)s"), {"difference": _told(difference)})


def _told(difference: Any) -> str:
    """What Alembic found, as ``add_column plugin_trees tree height_m``; the last of two values is the models'."""
    (act, *objects) = difference[0] if isinstance(difference, list) else difference
    names = [
        str(getattr(each, "name", None) or each) for each in objects if each is not None and not isinstance(each, dict)
    ]
    return " ".join([act, *names])


def differences(connection: Connection, name: str, metadata: MetaData) -> list[Any]:
    """Differences between the tables that the plugin declares and those that stand."""
    return drift(connection, metadata, schema_of(name))
