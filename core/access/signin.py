"""Signing in, in two short transactions with the costly hash between them, holding no connection meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from core import clock
from core.access import throttle
from core.access.logins import fold_login
from core.access.models import UserAccount, WebSession
from core.access.passwords import verify_password
from core.access.queries import actor_of_user
from core.access.tokens import new_token
from core.actor import Actor
from core.audit.recorder import record
from core.db.session import WorkSession, work
from core.errors import Unauthenticated
from core.text import noop as _

DOOR: Final = Actor("system", "system:sign-in", "sign-in")


@dataclass(frozen=True)
class SignIn:
    """What a person types, and whence.

    :param address: the client's IP address; empty when unknown.
    """

    login: str
    password: str
    address: str
    user_agent: str


def sign_in(command: SignIn) -> str:
    """Check a password and open a session; returns the session's token.

    An unknown, a disabled and a mistyped account get the same answer after the same work.

    :raises Unauthenticated: the pair does not fit.
    :raises TooMany: too many failures of this account or address; the password was not looked at.
    """
    login = fold_login(command.login)
    counted = throttle.keys(login, command.address)
    with work(DOOR) as session:
        throttle.take_try(session, counted)
        account = session.scalar(
            select(UserAccount).where(UserAccount.login == login, UserAccount.disabled_at.is_(None))
        )
    fits = verify_password(account.password_hash if account else None, command.password)
    with work(DOOR) as session:
        actor = actor_of_user(session, account.id) if account and fits else None
        if account is not None and actor is not None:
            session.info["actor"] = actor
            throttle.give_back(session, counted)
            return _open(session, account, command)
        record(session, "session.refused", "core.user_account", login[:80], after={"address": command.address})
    raise Unauthenticated(_("Login name and password do not fit"))


def _open(session: WorkSession, account: UserAccount, command: SignIn) -> str:
    plain, hashed = new_token()
    now = clock.now()
    session.add(
        WebSession(
            user_id=account.id,
            token_hash=hashed,
            made_at=now,
            last_seen_at=now,
            address=command.address[:64],
            user_agent=command.user_agent[:300],
        )
    )
    return plain
