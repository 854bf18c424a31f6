"""The tables that stand are the tables that the code declares."""

from __future__ import annotations

from core.actor import command_line
from core.assembly import assemble
from core.db.migrate import current, drift, newest
from core.db.session import work


def test_the_migrated_schema_has_no_drift(database: str) -> None:
    with work(command_line("test")) as session:
        assert drift(session.connection(), assemble()) == []
        assert current(session.connection()) == newest()
