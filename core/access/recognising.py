"""Who asks, by session or token: one round trip, and once a minute a note of when they were seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Update, and_, bindparam, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from core import clock
from core.access.models import ApiToken, Grant, UserAccount, WebSession
from core.access.outside import GRID_STATE, holds_now
from core.access.roles import actions_held
from core.access.tokens import token_hash
from core.access.views import SignedIn
from core.actor import Actor, GrantView, job
from core.db.models import Instance
from core.db.session import WorkSession, glancing, reading, work
from core.errors import Refused
from core.settings import get_settings
from core.text import noop as _

DOOR: Final = Actor("system", "system:sign-in", "sign-in")
"""Who acts before it is known who asks."""
TOUCH_AFTER: Final = dt.timedelta(minutes=1)

SESSION_NOTED = """
select 1 from core.session s join core.user_account u on u.id = s.user_id
where s.token_hash = %(hash)s and s.ended_at is null and s.last_seen_at > %(noted)s
  and u.disabled_at is null and not u.must_change_password
"""
TOKEN_NOTED = """
select 1 from core.api_token t join core.user_account u on u.id = t.user_id
where t.token_hash = %(hash)s and t.revoked_at is null and (t.expires_at is null or t.expires_at > %(now)s)
  and t.last_used_at > %(noted)s and u.disabled_at is null
"""


def recognise(token: str, *, bearer: bool) -> SignedIn | None:
    """The person of a browser's living session or of a program's living token, in one round trip."""
    now = clock.now()
    asked = _by_token() if bearer else _by_session()
    values = {
        "hash": token_hash(token),
        "now": now,
        "oldest": now - dt.timedelta(hours=get_settings().session_hours),
    }
    rows: Sequence[Row[Any]]
    try:
        with glancing() as connection:
            rows = connection.execute(asked, values).all()
    except SQLAlchemyError:
        with work(DOOR) as session:
            rows = session.execute(asked, values).all()
    if not rows:
        return None
    first = rows[0]
    if first.seen_at is None or first.seen_at < now - TOUCH_AFTER:
        with work(DOOR) as session:
            session.execute(_noting(first.shown_id, now, bearer=bearer))
    return SignedIn(_actor(rows), None if bearer else first.shown_id, first.must_change_password, first.plugin_epoch)


def noted_lately(token: str, *, bearer: bool) -> bool:
    """Whether a browser's or program's token is living and was noted within ``TOUCH_AFTER``, in one round trip.

    ``False`` decides nothing: the caller then asks :func:`recognise`.

    :raises SQLAlchemyError: when the database does not answer.
    """
    now = clock.now()
    values = {"hash": token_hash(token), "now": now, "noted": now - TOUCH_AFTER}
    with glancing() as connection:
        found = connection.exec_driver_sql(TOKEN_NOTED if bearer else SESSION_NOTED, values).first()
    return found is not None


def actor_of_user(session: WorkSession, user_id: UUID) -> Actor | None:
    """A person as actor; ``None`` for the unknown and the disabled."""
    rows = session.execute(_actors().where(UserAccount.id == user_id)).all()
    return _actor(rows) if rows else None


def asking_person(user_id: str | None, name: str) -> Actor:
    """Who asked for the job of this name, with the rights that they hold now; unknown, the job acts by itself.

    :raises Refused: where they can no longer sign in.
    """
    if user_id is None:
        return job(name)
    with reading(job(name)) as session:
        found = actor_of_user(session, UUID(user_id))
    if found is None:
        raise Refused(_("The person who asked for this can no longer sign in"))
    return found


@cache
def _by_session() -> Select[Any]:
    return (
        _shown(WebSession.id, WebSession.last_seen_at)
        .join(WebSession, WebSession.user_id == UserAccount.id)
        .where(
            WebSession.token_hash == bindparam("hash"),
            WebSession.ended_at.is_(None),
            WebSession.last_seen_at > bindparam("oldest"),
        )
    )


@cache
def _by_token() -> Select[Any]:
    return (
        _shown(ApiToken.id, ApiToken.last_used_at)
        .join(ApiToken, ApiToken.user_id == UserAccount.id)
        .where(
            ApiToken.token_hash == bindparam("hash"),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
        )
    )


def _shown(shown_id: Any, seen_at: Any) -> Select[Any]:
    epoch = select(Instance.plugin_epoch).scalar_subquery()
    return _actors().add_columns(shown_id.label("shown_id"), seen_at.label("seen_at"), epoch.label("plugin_epoch"))


def _noting(shown_id: UUID, now: dt.datetime, *, bearer: bool) -> Update:
    if bearer:
        return update(ApiToken).where(ApiToken.id == shown_id).values(last_used_at=now)
    return update(WebSession).where(WebSession.id == shown_id).values(last_seen_at=now)


def _actors() -> Select[Any]:
    """Enabled people, one row for each living grant (at least one row), with the grant's present path."""
    return (
        select(
            UserAccount.id,
            UserAccount.name,
            UserAccount.language,
            UserAccount.department_id,
            UserAccount.must_change_password,
            Grant.role,
            Grant.grid_id,
            GRID_STATE.c.path,
            security_in_office().label("security_in_office"),
        )
        .select_from(UserAccount)
        .outerjoin(Grant, and_(Grant.user_id == UserAccount.id, Grant.revoked_at.is_(None)))
        .outerjoin(GRID_STATE, and_(GRID_STATE.c.grid_id == Grant.grid_id, holds_now()))
        .where(UserAccount.disabled_at.is_(None))
    )


def security_in_office() -> ColumnElement[bool]:
    """Condition that some enabled person is security administrator."""
    holder, granted = aliased(UserAccount), aliased(Grant)
    return (
        select(granted.id)
        .join(holder, holder.id == granted.user_id)
        .where(granted.role == "security_admin", granted.revoked_at.is_(None), holder.disabled_at.is_(None))
        .exists()
    )


def _actor(rows: Sequence[Row[Any]]) -> Actor:
    first = rows[0]
    held = [row for row in rows if row.role and (row.grid_id is None or row.path is not None)]
    grants = tuple(
        GrantView(
            role=row.role,
            actions=actions_held(row.role, security_in_office=first.security_in_office),
            path=row.path,
        )
        for row in held
    )
    return Actor(
        "user",
        str(first.id),
        first.name,
        grants=grants,
        language=first.language,
        user_id=first.id,
        department_id=first.department_id,
        roles=frozenset(row.role for row in held),
    )
