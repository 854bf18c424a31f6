"""Notices told before they kept a subject lead where they led."""

from __future__ import annotations

from uuid import UUID

from alembic import command
from sqlalchemy import Connection, MetaData, create_engine, text

from core.db.base import NAMING, SCHEMA, new_id
from core.db.cluster import owner_url
from core.db.migrate import configuration, host_versions
from core.db.session import driver_url, reading
from core.notices.queries import notices_of
from core.settings import get_settings
from tests.integration.access.making import actor, person
from web.notice_links import link_of

LINKS = ["/grids/plans/019a0000-0000-7000-8000-000000000001", "/map"]
BEFORE = "0022"


def tell_as_before(connection: Connection, who: UUID) -> None:
    row = "insert into core.notice (id, user_id, at, text, link) values (:id, :who, now(), cast(:said as jsonb), :link)"
    for link in LINKS:
        said = '{"message": "news", "params": {}}'
        connection.execute(text(row), {"id": new_id(), "who": who, "said": said, "link": link})


def test_old_notices_keep_their_links_forth_and_back(database: str) -> None:
    wang = person("wang")
    engine = create_engine(driver_url(owner_url(get_settings())))
    try:
        with engine.begin() as connection:
            script = configuration(SCHEMA, host_versions(), connection, MetaData(naming_convention=NAMING))
            command.downgrade(script, BEFORE)
            tell_as_before(connection, wang)
            command.upgrade(script, "head")
            command.downgrade(script, BEFORE)
            kept = connection.scalars(text("select link from core.notice order by id")).all()
            command.upgrade(script, "head")
    finally:
        engine.dispose()
    assert kept == LINKS
    with reading(actor(wang)) as session:
        told = notices_of(session)
    assert [link_of(notice.about) for notice in told] == LINKS[::-1]
    assert told[1].about.subject == "plan"
