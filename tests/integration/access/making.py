"""People for the tests of rights, made through the services."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import openpyxl
from sqlalchemy import text

from core.access.commands import CreateUser, GrantRole
from core.access.granting import grant_role
from core.access.recognising import actor_of_user
from core.access.service import create_user
from core.access.signin import SignIn, sign_in
from core.actor import Actor, command_line
from core.db.session import WorkSession, reading, work

TESTER = command_line("tester")
PASSWORD = "eine lange Losung 7"
CITY, WEST, EAST_STREET, SOUTH_STREET = "139900", "139901", "139901001", "139901002"
NOON = dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)


def person(login: str, *roles: str, grid: str | None = None, password: str | None = PASSWORD) -> UUID:
    """Somebody who can sign in with ``PASSWORD``, with roles in a grid or everywhere."""
    with work(TESTER) as session:
        made = create_user(session, CreateUser(login, f"{login} 同志", password=password))
        for role in roles:
            grant_role(session, GrantRole(made.id, role, grid))
    return made.id


def actor(user_id: UUID) -> Actor:
    """The person as the next request would see them."""
    found = known(user_id)
    assert found is not None
    return found


def known(user_id: UUID) -> Actor | None:
    with reading(TESTER) as session:
        return actor_of_user(session, user_id)


def do(who: Actor, act: Callable[..., Any], *arguments: Any) -> Any:
    """One act in a transaction of its own."""
    with work(who) as session:
        return act(session, *arguments)


def enter(login: str, password: str = PASSWORD, address: str = "192.0.2.7") -> str:
    return sign_in(SignIn(login, password, address, "a browser"))


def rows(sql: str, **values: Any) -> list[Any]:
    with reading(TESTER) as session:
        return list(session.execute(text(sql), values))


def path_of(session: WorkSession, code: str) -> str:
    sql = "select path::text from core.grid_state where code = :code and upper_inf(valid)"
    return str(session.scalar(text(sql), {"code": code}))


def path(code: str) -> str:
    with reading(TESTER) as session:
        return path_of(session, code)


def sheet(heads: Sequence[str], lines: Sequence[Sequence[Any]]) -> bytes:
    """An XLSX list as an office would save it."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(list(heads))
    for line in lines:
        page.append(list(line))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
