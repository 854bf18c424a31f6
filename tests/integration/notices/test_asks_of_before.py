"""Notices that asked for a decision before they were settled by it: what is decided is asked no longer."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from alembic import command
from sqlalchemy import MetaData, create_engine, text

from core.db.base import NAMING, SCHEMA, new_id
from core.db.cluster import owner_url
from core.db.migrate import configuration, host_versions
from core.db.session import driver_url, reading, work
from core.grids.plans import service
from core.notices.queries import notices_of
from core.settings import get_settings
from tests.integration.access.making import TESTER, actor, person
from tests.integration.grids.plans import submitted, two_counties

BEFORE = "0023"
ASKED = '{"message": "%(by)s handed the plan “%(plan)s” in for you to decide on", "params": {"by": "甲", "plan": "乙"}}'
TOLD = '{"message": "news", "params": {}}'
ROW = """
insert into core.notice (id, user_id, at, text, subject, subject_id)
values (:id, :who, now(), cast(:said as jsonb), 'plan', :plan)
"""


def unread(who: UUID) -> list[tuple[str, str]]:
    with reading(actor(who)) as session:
        return [(notice.about.id, str(notice.text)) for notice in notices_of(session, only_unread=True)]


def test_old_asks_of_plans_that_were_decided_are_read_and_all_else_waits(database: str, tmp_path: Path) -> None:
    two_counties(tmp_path)
    wang = person("wang")
    waits, gone = (submitted("139901", {"op": "rename", "grid": "139901", "name": name}) for name in ("甲县", "乙县"))
    with work(TESTER) as session:
        service.withdraw(session, gone.id, gone.version)
    engine = create_engine(driver_url(owner_url(get_settings())))
    try:
        with engine.begin() as connection:
            script = configuration(SCHEMA, host_versions(), connection, MetaData(naming_convention=NAMING))
            command.downgrade(script, BEFORE)
            for plan, said in ((waits, ASKED), (gone, ASKED), (gone, TOLD)):
                row = {"id": new_id(), "who": wang, "said": said, "plan": str(plan.id)}
                connection.execute(text(ROW), row)
            command.upgrade(script, "head")
    finally:
        engine.dispose()
    assert unread(wang) == [(str(gone.id), "news"), (str(waits.id), "甲 handed the plan “乙” in for you to decide on")]
    with work(TESTER) as session:
        service.withdraw(session, waits.id, waits.version)
    assert unread(wang) == [(str(gone.id), "news")]
