"""Signing in and changing one's own password.

Both are short transactions with the costly hash between them, holding no connection meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from core import clock
from core.access import passwords, throttle
from core.access.commands import ChangePassword
from core.access.logins import fold_login
from core.access.models import UserAccount, WebSession
from core.access.passwords import verify_password
from core.access.recognising import DOOR, actor_of_user
from core.access.rows import account, fault, refuse
from core.access.sessions import end_sessions, revoke_tokens
from core.access.tokens import new_token
from core.actor import Actor
from core.audit.recorder import record
from core.db.session import WorkSession, work
from core.errors import Forbidden, Unauthenticated
from core.text import noop as _

NO_FIT: Final = _("Login name and password do not fit")
UNCHANGED: Final = _("The password was not changed")


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
    if not login.isprintable():  # cannot be stored, so it is nobody's
        raise Unauthenticated(NO_FIT)
    counted = throttle.keys(login, command.address)
    with work(DOOR) as session:
        throttle.take_try(session, counted)
        found = session.scalar(select(UserAccount).where(UserAccount.login == login, UserAccount.disabled_at.is_(None)))
    fits = verify_password(found.password_hash if found else None, command.password)
    with work(DOOR) as session:
        actor = _recognised(session, found) if found and fits else None
        if found is not None and actor is not None:
            session.info["actor"] = actor
            throttle.give_back(session, counted)
            return _open(session, found, command)
        record(session, "session.refused", "core.user_account", login[:80], after={"address": command.address})
    raise Unauthenticated(NO_FIT)


def change_password(actor: Actor, command: ChangePassword) -> None:
    """Set one's own password with the present one; all other sessions of the person end.

    A wrong present password counts as a failed sign-in, so a stolen session cannot try one after the other.

    :raises Invalid: the present password does not fit, or the new one may not be used.
    :raises TooMany: too many failures of this account or address; the password was not looked at.
    """
    if actor.user_id is None:
        raise Forbidden(_("Only a person has a profile"))
    with work(DOOR) as session:
        row = account(session, actor.user_id)
        stored, counted = row.password_hash, throttle.keys(row.login, command.address)
        faults = passwords.objections(command.new, row.login)
        if command.new == command.old:
            faults.append(fault("/password", "same-password", _("The new password is the old one")))
        refuse(faults, UNCHANGED)
        throttle.take_try(session, counted)
    fits = verify_password(stored, command.old)
    hashed = passwords.hash_password(command.new) if fits else None
    with work(actor) as session:
        row = account(session, actor.user_id, lock=True)
        if hashed is not None and row.password_hash == stored:
            throttle.give_back(session, counted)
            row.password_hash, row.must_change_password = hashed, False
            end_sessions(session, row.id, keep=command.keep_session)
            if command.end_tokens:
                revoke_tokens(session, row.id)
            return
        record(session, "password.refused", "core.user_account", str(row.id), after={"address": command.address})
    refuse([fault("/old", "old-password", _("The present password does not fit"))], UNCHANGED)


def _recognised(session: WorkSession, found: UserAccount) -> Actor | None:
    """Who typed the password, unless it was set anew while it was being hashed; none is set until commit."""
    row = account(session, found.id, lock=True)
    return actor_of_user(session, row.id) if row.password_hash == found.password_hash else None


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
