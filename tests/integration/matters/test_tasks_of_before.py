"""What grids were settling before tasks were kept is a task of theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, create_engine

from core.db.base import NAMING, SCHEMA
from core.db.cluster import owner_url
from core.db.migrate import configuration, host_versions
from core.db.session import driver_url, reading
from core.matters.task_queries import tasks_shown
from core.settings import get_settings
from tests.integration.matters.people import EAST_STREET, TESTER, matter, person, read, step

BEFORE = "0030"


@pytest.fixture
def owner(database: str) -> Iterator[Connection]:
    engine = create_engine(driver_url(owner_url(get_settings())))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_what_is_being_settled_goes_on_as_a_task_of_the_grid(owner: Connection) -> None:
    worker, head = person("worker", EAST_STREET), person("grid_head", EAST_STREET)
    fresh, settling = matter(TESTER), matter(TESTER)
    step(TESTER, settling, "accept")
    step(worker, settling, "settle")
    script = configuration(SCHEMA, host_versions(), owner, MetaData(naming_convention=NAMING))
    command.downgrade(script, BEFORE)
    command.upgrade(script, "head")
    owner.commit()
    with reading(TESTER) as session:
        assert tasks_shown(session, fresh) == []
        [task] = tasks_shown(session, settling)
    assert (task.role, task.state, task.handler) == ("self", "claimed", worker.name)
    step(worker, settling, "feed_back", note="已清理")
    step(head, settling, "send_back", note="还有")
    assert (read(head, settling).state, read(head, settling).round) == ("settling", 2)
