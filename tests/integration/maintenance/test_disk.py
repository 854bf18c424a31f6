"""A full disk of the database is told as such, and not as a database that is away."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.actor import command_line
from core.db.session import work
from core.disk import disk_fault
from core.errors import NoRoom

FULL = "do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$"
AWAY = "do $$ begin raise exception 'terminating connection' using errcode = '57P01'; end $$"


@pytest.mark.parametrize(("statement", "fault"), [(FULL, NoRoom), (AWAY, type(None))])
def test_the_fault_is_named(database: str, statement: str, fault: type) -> None:
    with pytest.raises(OperationalError) as caught, work(command_line("tester")) as session:
        session.execute(text(statement))
    assert isinstance(disk_fault(caught.value), fault)
