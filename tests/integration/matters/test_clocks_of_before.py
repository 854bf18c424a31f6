"""Matters from before clocks were kept: what is open gets one, and nobody is told of what was past by then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, create_engine, text

from core.db.base import NAMING, SCHEMA
from core.db.cluster import owner_url
from core.db.migrate import configuration, host_versions
from core.db.session import driver_url, reading, work
from core.matters import ladder
from core.matters.clock_queries import clocks_shown
from core.settings import get_settings
from tests.integration.matters.people import TESTER, matter, read, step

BEFORE = "0025"
LATE = (
    "update core.matter set reported_at = now() - interval '9 days', due_at = now() - interval '1 hour' where id = :id"
)


@pytest.fixture
def owner(database: str) -> Iterator[Connection]:
    engine = create_engine(driver_url(owner_url(get_settings())))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_open_matters_get_a_clock_that_ends_when_they_are_due(owner: Connection) -> None:
    fresh, late, ended = matter(TESTER), matter(TESTER), matter(TESTER)
    step(TESTER, ended, "withdraw", note="a mistake")
    due = read(TESTER, fresh).due_at
    script = configuration(SCHEMA, host_versions(), owner, MetaData(naming_convention=NAMING))
    command.downgrade(script, BEFORE)
    owner.execute(text(LATE), {"id": late})
    command.upgrade(script, "head")
    owner.commit()
    with reading(TESTER) as session:
        assert [(each.name, each.due_at, each.state) for each in clocks_shown(session, fresh)] == [
            ("handle", due, "running")
        ]
        assert clocks_shown(session, late)[0].left_s < 0
        assert clocks_shown(session, ended) == []
    assert ladder.sweep() == 0
    with work(TESTER) as session:
        session.execute(text("update core.matter_clock set next_at = now() where matter_id = :id"), {"id": fresh})
    assert ladder.sweep() == 1
    step(TESTER, late, "withdraw", note="a mistake")
    with reading(TESTER) as session:
        assert [each.state for each in clocks_shown(session, late)] == ["ended"]
