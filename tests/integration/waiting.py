"""Whether one piece of work waits for another, for tests of two at once."""

from __future__ import annotations

from sqlalchemy import text

from core.db.session import reading
from tests.integration.access.making import TESTER


def somebody_waits() -> bool:
    """Whether a transaction of this database waits for a lock."""
    sql = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with reading(TESTER) as session:
        return bool(session.scalar(text(sql)))
