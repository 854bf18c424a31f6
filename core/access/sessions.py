"""What people left open: browser sessions and API tokens, made and ended."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.commands import IssueToken
from core.access.models import ApiToken, WebSession
from core.access.policy import may, require
from core.access.rows import account, fault, refuse
from core.access.tokens import API_PREFIX, new_token, token_hash
from core.db.session import WorkSession
from core.errors import Forbidden, NotFound, Refused
from core.text import is_blank
from core.text import noop as _

LONGEST_TOKEN_DAYS = 3650
CHOOSE_FIRST = _("Your password was made for one use: choose your own at /account/password first")


def sign_out(session: WorkSession, token: str) -> None:
    """End the session of this token; an unknown one is no error."""
    row = session.scalar(select(WebSession).where(WebSession.token_hash == token_hash(token)))
    if row is not None and row.ended_at is None:
        row.ended_at = clock.now()


def end_session(session: WorkSession, session_id: UUID) -> None:
    """End one browser session, one's own or, as user manager, anybody's."""
    row = session.get(WebSession, session_id)
    if row is None or (row.user_id != session.actor.user_id and not _manages(session)):
        raise NotFound(_("There is no such session"))
    if row.ended_at is None:
        row.ended_at = clock.now()


def end_all(session: WorkSession, user_id: UUID, keep_session: UUID | None = None) -> None:
    """End all browser sessions and tokens of a person, one's own or, as user manager, anybody's."""
    if user_id != session.actor.user_id:
        require(session.actor, "user.manage")
    end_sessions(session, user_id, keep=keep_session)
    revoke_tokens(session, user_id)


def issue_token(session: WorkSession, command: IssueToken) -> str:
    """A bearer token, returned this once. People issue their own; only the command line anybody's."""
    if command.user_id != session.actor.user_id:
        require(session.actor, "token.issue")
    row = account(session, command.user_id)
    if row.disabled_at is not None:
        raise Refused(_("%(name)s is disabled"), name=row.name)
    if row.must_change_password and command.user_id == session.actor.user_id:
        raise Forbidden(CHOOSE_FIRST)
    name = command.name.strip()
    if is_blank(name) or len(name) > 80:
        refuse([fault("/name", "name", _("A token needs a name of 1 to 80 characters"))])
    if command.days is not None and not 1 <= command.days <= LONGEST_TOKEN_DAYS:
        refuse([fault("/days", "days", _("A token holds for 1 to 3,650 days"))])
    now = clock.now()
    plain, hashed = new_token(API_PREFIX)
    ends = now + dt.timedelta(days=command.days) if command.days is not None else None
    session.add(ApiToken(user_id=row.id, name=name, token_hash=hashed, made_at=now, expires_at=ends))
    return plain


def revoke_token(session: WorkSession, token_id: UUID) -> None:
    """End a token, one's own or, as user manager, anybody's."""
    row = session.get(ApiToken, token_id)
    if row is None or (row.user_id != session.actor.user_id and not _manages(session)):
        raise NotFound(_("There is no such token"))
    if row.revoked_at is None:
        row.revoked_at = clock.now()


def _manages(session: WorkSession) -> bool:
    return may(session.actor, "user.manage").allowed


def end_sessions(session: WorkSession, user_id: UUID, *, keep: UUID | None = None) -> None:
    """End the browser sessions of a person; the caller has asked for the right."""
    living = select(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    for row in session.scalars(living):
        if row.id != keep:
            row.ended_at = clock.now()


def revoke_tokens(session: WorkSession, user_id: UUID) -> None:
    """End the API tokens of a person; the caller has asked for the right."""
    for row in session.scalars(select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))):
        row.revoked_at = clock.now()
