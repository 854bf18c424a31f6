"""Reads of the roles that are granted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, and_, any_, cast, func, or_, select

from core.access.models import Grant, UserAccount
from core.access.outside import GRID_STATE, holds_now
from core.access.roles import ROLES
from core.access.views import GrantRow
from core.db.session import WorkSession

COLUMNS: Final = (Grant, UserAccount.login, UserAccount.name, GRID_STATE.c.code, GRID_STATE.c.name)


def grants_of(
    session: WorkSession,
    user_id: UUID | None = None,
    *,
    text: str = "",
    role: str = "",
    after: int = 0,
    limit: int = 1000,
) -> list[GrantRow]:
    """Living grants, of one person or of all, by login and role.

    :param text: part of the login or name, or of the grid's code or name.
    :param after: how many to skip.
    """
    order = (UserAccount.login, Grant.role, GRID_STATE.c.code, Grant.id)
    found = _living(select(*COLUMNS), user_id, text, role).order_by(*order).offset(after).limit(limit)
    return [_row(*row) for row in session.execute(found)]


def grants_of_people(session: WorkSession, user_ids: Collection[UUID]) -> dict[UUID, list[GrantRow]]:
    """Living grants of several people, by person."""
    found: dict[UUID, list[GrantRow]] = {user_id: [] for user_id in user_ids}
    asked = _living(select(*COLUMNS), None, "", "").where(Grant.user_id.in_(found))
    for row in session.execute(asked.order_by(Grant.role, GRID_STATE.c.code, Grant.id)):
        found[row[0].user_id].append(_row(*row))
    return found


def holders_in(text: str) -> Select[UUID]:
    """Ids of the people with a living grant in a grid whose code or name holds a text."""
    named = or_(*(column.icontains(text, autoescape=True) for column in (GRID_STATE.c.code, GRID_STATE.c.name)))
    joined = select(Grant.user_id).join(GRID_STATE, GRID_STATE.c.grid_id == Grant.grid_id)
    return joined.where(Grant.revoked_at.is_(None), holds_now(), named)


def held_in(session: WorkSession, grid_ids: Collection[int]) -> set[tuple[UUID, int]]:
    """Who holds a role in these very grids: person and id of the grid."""
    asked = select(Grant.user_id, Grant.grid_id).where(
        Grant.grid_id == any_(cast(list(grid_ids), ARRAY(BigInteger))), Grant.revoked_at.is_(None)
    )
    return {(person, grid_id) for person, grid_id in session.execute(asked) if grid_id is not None}


def roles_held_in(session: WorkSession, places: Collection[int | None]) -> set[tuple[UUID, int | None, str]]:
    """Who holds which role in these very grids, ``None`` for the whole instance: person, id of the grid, role."""
    asked = select(Grant.user_id, Grant.grid_id, Grant.role).where(Grant.revoked_at.is_(None))
    there = Grant.grid_id == any_(cast([place for place in places if place is not None], ARRAY(BigInteger)))
    asked = asked.where(or_(there, Grant.grid_id.is_(None)) if None in places else there)
    return {(person, grid_id, role) for person, grid_id, role in session.execute(asked)}


def people_who_may(session: WorkSession, action: str, path: str) -> list[UUID]:
    """Whom a role lets do something in a grid, be it given there, above it or for the whole instance.

    :param path: ``ltree`` path of the grid.
    """
    roles = [slug for slug, role in ROLES.items() if action in role.actions]
    there = or_(Grant.grid_id.is_(None), Grant.grid_id.in_([int(label) for label in path.split(".")]))
    asked = select(Grant.user_id).where(Grant.role.in_(roles), Grant.revoked_at.is_(None), there)
    return list(session.scalars(asked.distinct()))


def staff_who_may(session: WorkSession, action: str, department_ids: Collection[UUID]) -> set[UUID]:
    """Who of some departments has a role, wherever it was granted, that lets them do something."""
    if not department_ids:
        return set()
    roles = [slug for slug, role in ROLES.items() if action in role.actions]
    held = select(Grant.user_id).where(Grant.role.in_(roles), Grant.revoked_at.is_(None))
    here = UserAccount.department_id.in_(department_ids), UserAccount.disabled_at.is_(None)
    return set(session.scalars(select(UserAccount.id).where(*here, UserAccount.id.in_(held))))


def count_grants(session: WorkSession, *, text: str = "", role: str = "") -> int:
    """How many living grants fit."""
    return session.scalar(_living(select(func.count(Grant.id)), None, text, role)) or 0


def _living(statement: Select[Any], user_id: UUID | None, text: str, role: str) -> Select[Any]:
    current = and_(GRID_STATE.c.grid_id == Grant.grid_id, holds_now())
    wanted: list[ColumnElement[bool]] = [Grant.revoked_at.is_(None)]
    if text:
        columns = (UserAccount.login, UserAccount.name, GRID_STATE.c.code, GRID_STATE.c.name)
        wanted.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if user_id:
        wanted.append(Grant.user_id == user_id)
    if role:
        wanted.append(Grant.role == role)
    joined = statement.select_from(Grant).join(UserAccount, UserAccount.id == Grant.user_id)
    return joined.outerjoin(GRID_STATE, current).where(*wanted)


def _row(grant: Grant, login: str, name: str, code: str | None, grid_name: str | None) -> GrantRow:
    return GrantRow(
        id=grant.id,
        user_id=grant.user_id,
        login=login,
        name=name,
        role=grant.role,
        grid_code=code or "",
        grid_name=grid_name or "",
        lost=grant.grid_id is not None and code is None,
        granted_by=grant.granted_by,
        granted_at=grant.granted_at,
    )
