"""People of a test's instance, made as the command line makes them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from core.access.commands import CreateUser, GrantRole
from core.access.granting import grant_role
from core.access.recognising import actor_of_user
from core.access.service import create_user
from core.access.signin import SignIn, sign_in
from core.actor import Actor, command_line
from core.db.session import reading, work

TESTER = command_line("tester")
PASSWORD = "Seven-Lanterns-4"


def person(login: str, role: str | None = None, grid: str | None = None, name: str = "王建华") -> UUID:
    """Somebody with a password of their own and perhaps a role."""
    with work(TESTER) as session:
        made = create_user(session, CreateUser(login, name, PASSWORD, phone="138-0000-5678"))
        if role:
            grant_role(session, GrantRole(made.id, role, grid))
    return made.id


def acting(user_id: UUID) -> Actor:
    """The person with the grants that hold now."""
    with reading(TESTER) as session:
        actor = actor_of_user(session, user_id)
    assert actor is not None
    return actor


def enter(login: str, password: str = PASSWORD, address: str = "10.0.0.7") -> str:
    """The token of a new browser session."""
    return sign_in(SignIn(login, password, address, "a browser"))


def journal(action: str) -> list[tuple[str, str, dict[str, object] | None]]:
    """Entries of one act as (actor, object id, after), in order."""
    with reading(TESTER) as session:
        rows = session.execute(
            text("select actor, object_id, after from core.journal where action = :action order by id"),
            {"action": action},
        )
        return [(row.actor, row.object_id, row.after) for row in rows]
