"""What the role for reports may read: every table that a report is made of, and nothing that is secret or private."""

from __future__ import annotations

import re

import pytest
from psycopg2 import connect, errors
from sqlalchemy import text

from core.actor import command_line
from core.db.base import Base
from core.db.cluster import Cluster
from core.db.session import work

SECRET = re.compile(r"hash|password|token|secret|phone|email|address|agent|^before$|^after$|^answer$|^value$")
COLUMNS = """
select c.relname, a.attname, has_column_privilege('wangge_read', c.oid, a.attnum, 'select')
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0
  and not a.attisdropped
"""
CLOSED = {
    "api_token", "login_attempt", "notice", "notice_choice", "notice_delivery", "request", "session", "setting",
    "webhook",
}  # fmt: skip
OF_AN_OFFICE = ("department", "phone")


def columns() -> dict[tuple[str, str], bool]:
    """Every column of the host's tables, and whether reports may read it."""
    with work(command_line("tester")) as session:
        return {(table, column): readable for table, column, readable in session.execute(text(COLUMNS))}


def test_no_column_that_is_secret_or_private_is_read(database: str) -> None:
    readable = {name for name, may in columns().items() if may} - {OF_AN_OFFICE}
    assert [name for name in sorted(readable) if SECRET.search(name[1])] == []


def test_what_the_journal_keeps_secret_is_not_read(database: str) -> None:
    known = columns()
    secret = {
        (table.__tablename__, column)
        for table in (mapper.class_ for mapper in Base.registry.mappers)
        for column in getattr(table, "__secret__", ())
    }
    assert secret
    assert {name for name in secret if known[name]} == set()


def test_every_other_table_is_read(database: str) -> None:
    known = columns()
    assert {table for table, _column in known} - {table for (table, _column), may in known.items() if may} == CLOSED


@pytest.mark.parametrize("wanted", ["password_hash", "phone", "*"])
def test_the_role_itself_is_refused(database: str, cluster: Cluster, wanted: str) -> None:
    name = database.partition("@/")[2].partition("?")[0]
    with connect(cluster.url("wangge_read", name)) as connection, connection.cursor() as cursor:
        cursor.execute("select login, name from core.user_account")
        with pytest.raises(errors.InsufficientPrivilege):
            cursor.execute(f"select {wanted} from core.user_account")
