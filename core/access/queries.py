"""Reads of people and their rights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from core import clock
from core.access.granted import holders_in
from core.access.logins import fold_login
from core.access.models import ApiToken, Grant, UserAccount, UserImport, WebSession
from core.access.outside import DEPARTMENT
from core.access.views import Contact, ImportView, PersonView, SessionView, TokenView, UserView
from core.db.session import WorkSession
from core.errors import Invalid, NotFound
from core.settings import get_settings
from core.sheets import Difference
from core.text import noop as _

MOST_OF_IMPORT: Final = 5_000


def people(session: WorkSession, ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """Names of people by id, for lists of other rooms."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(UserAccount.id, UserAccount.name, UserAccount.disabled_at).where(UserAccount.id.in_(wanted))
    )
    return {row.id: PersonView(row.id, row.name, row.disabled_at is None) for row in rows}


def contacts(session: WorkSession, ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """As `people`, with where each is reached: for what is sent to them, never to be shown to others."""
    wanted = set(ids)
    if not wanted:
        return {}
    columns = (UserAccount.id, UserAccount.name, UserAccount.disabled_at, UserAccount.email, UserAccount.phone)
    rows = session.execute(select(*columns, UserAccount.language).where(UserAccount.id.in_(wanted)))
    return {
        row.id: Contact(row.id, row.name, row.disabled_at is None, row.email, row.phone, row.language) for row in rows
    }


def count_staff(session: WorkSession, department_id: UUID) -> int:
    """How many people belong to a department, those who are disabled left out."""
    counted = select(func.count(UserAccount.id)).where(
        UserAccount.department_id == department_id, UserAccount.disabled_at.is_(None)
    )
    return session.scalar(counted) or 0


def user_id_of(session: WorkSession, login: str) -> UUID | None:
    """The id of a folded login name."""
    return session.scalar(select(UserAccount.id).where(UserAccount.login == login))


def user_of_login(session: WorkSession, login: str) -> UUID:
    """The id of the person with a login name, as somebody typed it.

    :raises Invalid: when nobody bears it.
    """
    found = user_id_of(session, fold_login(login))
    if found is None:
        raise Invalid(_("There is nobody with the login name %(name)s"), name=login)
    return found


def user_ids(session: WorkSession, logins: Iterable[str]) -> dict[str, UUID]:
    """Ids of folded login names that exist."""
    rows = session.execute(select(UserAccount.login, UserAccount.id).where(UserAccount.login.in_(set(logins))))
    return {row.login: row.id for row in rows}


def user(session: WorkSession, user_id: UUID) -> UserView | None:
    """One person as user managers see them."""
    found = users(session, where=UserAccount.id == user_id, limit=1)
    return found[0] if found else None


def people_of_import(session: WorkSession, import_id: UUID) -> list[UserView]:
    """The people whom a list brought, as user managers see them."""
    return users(session, where=UserAccount.import_id == import_id, limit=MOST_OF_IMPORT)


def users(
    session: WorkSession,
    *,
    text: str = "",
    role: str = "",
    department_id: UUID | None = None,
    state: str = "",
    after: str = "",
    limit: int = 100,
    where: ColumnElement[bool] | None = None,
) -> list[UserView]:
    """People in order of login.

    :param text: part of the login, name or phone, or of the code or name of a grid in which a role holds.
    :param state: as ``UserView.state`` says it: ``enabled``, ``disabled``, ``waiting``; empty for all.
    :param after: login of the last row of the page before.
    """
    living = Grant.revoked_at.is_(None)
    roles = (
        select(func.array_agg(Grant.role.distinct())).where(Grant.user_id == UserAccount.id, living)
    ).scalar_subquery()
    seen = (select(func.max(WebSession.last_seen_at)).where(WebSession.user_id == UserAccount.id)).scalar_subquery()
    statement = (
        select(UserAccount, roles, seen, DEPARTMENT.c.name)
        .outerjoin(DEPARTMENT, DEPARTMENT.c.id == UserAccount.department_id)
        .where(*_filters(text, role, department_id, state))
        .order_by(UserAccount.login)
        .limit(limit)
    )
    if where is not None:
        statement = statement.where(where)
    if after:
        statement = statement.where(UserAccount.login > after)
    return [_user_view(row[0], row[1], row[2], row[3]) for row in session.execute(statement)]


def count_users(session: WorkSession, *, text: str = "", role: str = "", state: str = "") -> int:
    """How many people fit."""
    return session.scalar(select(func.count(UserAccount.id)).where(*_filters(text, role, None, state))) or 0


def _filters(text: str, role: str, department_id: UUID | None, state: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text:
        columns = (UserAccount.login, UserAccount.name, UserAccount.phone)
        named = or_(*(column.icontains(text, autoescape=True) for column in columns))
        conditions.append(or_(named, UserAccount.id.in_(holders_in(text))))
    if role:
        held = select(Grant.user_id).where(Grant.role == role, Grant.revoked_at.is_(None))
        conditions.append(UserAccount.id.in_(held))
    if department_id:
        conditions.append(UserAccount.department_id == department_id)
    if state == "enabled":
        conditions += [UserAccount.disabled_at.is_(None), _signed_in()]
    elif state == "disabled":
        conditions.append(UserAccount.disabled_at.is_not(None))
    elif state == "waiting":
        conditions += [UserAccount.disabled_at.is_(None), ~_signed_in()]
    return conditions


def _user_view(row: UserAccount, roles: list[str] | None, seen: dt.datetime | None, department: str | None) -> UserView:
    return UserView(
        id=row.id,
        login=row.login,
        name=row.name,
        phone=row.phone,
        email=row.email,
        language=row.language,
        department_id=row.department_id,
        department=department or "",
        roles=tuple(sorted(roles or ())),
        made_at=row.made_at,
        disabled_at=row.disabled_at,
        must_change_password=row.must_change_password,
        last_seen_at=seen,
    )


def sessions_of(session: WorkSession, user_id: UUID) -> list[SessionView]:
    """Living browser sessions of a person, the last seen first."""
    oldest = clock.now() - dt.timedelta(hours=get_settings().session_hours)
    rows = session.scalars(
        select(WebSession)
        .where(WebSession.user_id == user_id, WebSession.ended_at.is_(None), WebSession.last_seen_at > oldest)
        .order_by(WebSession.last_seen_at.desc())
    )
    return [SessionView(row.id, row.made_at, row.last_seen_at, row.address, row.user_agent) for row in rows]


def tokens_of(session: WorkSession, user_id: UUID) -> list[TokenView]:
    """Living API tokens of a person, the newest first."""
    rows = session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.made_at.desc())
    )
    return [TokenView(row.id, row.name, row.made_at, row.last_used_at, row.expires_at) for row in rows]


def never_signed_in() -> ColumnElement[bool]:
    """Condition that an enabled person waits for a first one-time password, or has one and has not used it."""
    return and_(UserAccount.must_change_password, UserAccount.disabled_at.is_(None), ~_signed_in())


def _signed_in() -> ColumnElement[bool]:
    return select(WebSession.id).where(WebSession.user_id == UserAccount.id).exists()


def user_import(session: WorkSession, import_id: UUID) -> ImportView:
    """A list of people that was taken over.

    :raises NotFound: there is no such list.
    """
    found = _imports(session, UserImport.id == import_id, 1)
    if not found:
        raise NotFound(_("There is no such list of people"))
    return found[0]


def user_imports(session: WorkSession, limit: int = 10) -> list[ImportView]:
    """The lists that were taken over last."""
    return _imports(session, true(), limit)


def _imports(session: WorkSession, where: ColumnElement[bool], limit: int) -> list[ImportView]:
    waiting = (select(func.count()).where(UserAccount.import_id == UserImport.id, never_signed_in())).scalar_subquery()
    rows = session.execute(select(UserImport, waiting).where(where).order_by(UserImport.made_at.desc()).limit(limit))
    return [
        ImportView(
            row.id, row.made_at, row.made_by_name, row.added, row.differing, row.unchanged, still,
            tuple(Difference(**difference) for difference in row.differences),
        )
        for row, still in rows
    ]  # fmt: skip
