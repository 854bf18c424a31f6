"""The tables that stand are the tables that the code declares, also after a way back and forth."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, create_engine, text

from core.actor import command_line
from core.assembly import assemble
from core.db.base import NAMING, SCHEMA
from core.db.cluster import owner_url
from core.db.migrate import configuration, current, drift, host_versions, newest, upgrade
from core.db.session import driver_url, work
from core.errors import Unusable
from core.settings import get_settings
from tests.integration.grids.bringing import bring, proven
from tests.integration.grids.drawing import NODED_CITY, draw

RIGHTS = """
select grantee, table_schema, table_name, column_name, privilege_type from information_schema.column_privileges
where grantee like 'wangge_%' and grantee <> 'wangge_owner' order by 1, 2, 3, 4, 5
"""
BEFORE_RIGHTS_BY_COLUMN = "0013"


def test_the_migrated_schema_has_no_drift(database: str) -> None:
    with work(command_line("test")) as session:
        assert drift(session.connection(), assemble()) == []
        assert current(session.connection()) == newest()


def test_rights_are_the_same_after_a_way_back_and_forth_and_a_living_city_stays(database: str, tmp_path: Path) -> None:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    engine = create_engine(driver_url(owner_url(get_settings())))
    try:
        with engine.begin() as connection:
            connection.execute(text("create schema plugin_kept"))
            connection.execute(text("create table plugin_kept.visit (phone text)"))
            before = connection.execute(text(RIGHTS)).all()
            script = configuration(SCHEMA, host_versions(), connection, MetaData(naming_convention=NAMING))
            command.downgrade(script, BEFORE_RIGHTS_BY_COLUMN)
            assert connection.execute(text(RIGHTS)).all() != before
            command.upgrade(script, "head")
            assert connection.execute(text(RIGHTS)).all() == before
    finally:
        engine.dispose()
    assert proven().exact


def test_a_schema_that_a_later_program_made_is_left_alone_and_said_to_be_so(database: str) -> None:
    engine = create_engine(driver_url(owner_url(get_settings())))
    try:
        with engine.begin() as connection:
            connection.execute(text("update core.alembic_version set version_num = '9999'"))
            with pytest.raises(Unusable, match=r"are of a later program \(9999\) than this one"):
                upgrade(connection)
            connection.rollback()
    finally:
        engine.dispose()
