"""Migrations of the host and of plugins, driven from code; one ``env.py`` serves both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.schema import CreateSchema

from core.db.base import NAMING, SCHEMA
from core.db.session import driver_url
from core.errors import Unusable
from core.text import noop as _

PACKAGED = Path(__file__).resolve().parent.parent / "_migrations"
CHECKOUT = Path(__file__).resolve().parent.parent.parent / "migrations"
APP_ROLE = "wangge_app"
READ_ROLE = "wangge_read"


def scripts_folder() -> Path:
    """Where ``env.py`` lies: inside an installed wheel, or in the checkout."""
    return PACKAGED if PACKAGED.exists() else CHECKOUT


def configuration(schema: str, versions: Path, connection: Connection | None, metadata: MetaData | None) -> Config:
    """An Alembic configuration without a file, for one schema."""
    config = Config()
    config.set_main_option("script_location", str(scripts_folder()))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, schema=schema, metadata=metadata)
    return config


def host_versions() -> Path:
    """Folder of the host's own revisions."""
    return scripts_folder() / "versions"


def upgrade(connection: Connection, *, schema: str = SCHEMA, versions: Path | None = None) -> None:
    """Bring a schema to its newest revision inside the caller's transaction.

    :raises Unusable: where a later program made the schema, so that this one does not know what is in it.
    """
    connection.execute(text("select pg_advisory_xact_lock(hashtext(:turn))"), {"turn": f"upgrade {schema}"})
    connection.execute(CreateSchema(schema, if_not_exists=True))
    config = configuration(schema, versions or host_versions(), connection, MetaData(naming_convention=NAMING))
    _refuse_later(config, schema, current(connection, schema))
    _grant(connection, schema)
    command.upgrade(config, "head")


def _refuse_later(config: Config, schema: str, revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise Unusable(
            _("The tables in %(schema)s are of a later program (%(revision)s) than this one: start that one again"),
            schema=schema, revision=revision,
        )  # fmt: skip


def downgrade(connection: Connection, *, schema: str, versions: Path) -> None:
    """Take a schema back to before its first revision, inside the caller's transaction."""
    conventions = MetaData(naming_convention=NAMING)
    command.downgrade(configuration(schema, versions, connection, conventions), "base")


def _grant(connection: Connection, schema: str) -> None:
    """Let the application's role use what the owner makes in this schema, now and later; done once.

    The role for reports gets the host's tables alone: what those of a plugin hold of people, the host cannot know.
    """
    lacking = "select rolname from pg_roles where not has_schema_privilege(rolname, :schema, 'usage')"
    roles = set(connection.scalars(text(lacking), {"schema": schema}))
    quoted = connection.dialect.identifier_preparer.quote(schema)
    for role, tables in ((APP_ROLE, "select, insert, update, delete"), (READ_ROLE, "select")):
        if role not in roles or (role == READ_ROLE and schema != SCHEMA):
            continue
        for statement in (
            f"grant usage on schema {quoted} to {role}",
            f"alter default privileges in schema {quoted} grant {tables} on tables to {role}",
            f"alter default privileges in schema {quoted} grant usage, select on sequences to {role}",
            f"alter default privileges in schema {quoted} grant execute on functions to {role}",
        ):
            connection.execute(text(statement))


def upgrade_host(owner_url: str) -> None:
    """Bring the host's schema to its newest revision, in one transaction."""
    engine = create_engine(driver_url(owner_url))
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()


def current(connection: Connection, schema: str = SCHEMA) -> str | None:
    """The revision a schema has; ``None`` before the first."""
    context = MigrationContext.configure(connection, opts={"version_table_schema": schema})
    return context.get_current_revision()


def newest(versions: Path | None = None) -> str | None:
    """The revision the code expects."""
    config = configuration(SCHEMA, versions or host_versions(), None, None)
    return ScriptDirectory.from_config(config).get_current_head()


def drift(connection: Connection, metadata: MetaData, schema: str = SCHEMA) -> list[Any]:
    """Differences between the tables that the code declares and those that stand."""

    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return name == schema if kind == "schema" else True

    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": ours,
            "version_table_schema": schema,
        },
    )
    return list(compare_metadata(context, metadata))
