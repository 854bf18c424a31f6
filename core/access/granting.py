"""Giving and taking roles, and what no grant may break: three administrators apart, one system administrator left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from core import clock
from core.access.commands import GrantRole
from core.access.models import Grant, UserAccount
from core.access.outside import GRID_STATE, holds_now
from core.access.policy import require
from core.access.roles import EXCLUSIVE, ROLES, Role
from core.access.rows import account
from core.db.session import WorkSession
from core.errors import Invalid, NotFound, Objection, Refused
from core.text import Text
from core.text import noop as _


@dataclass(frozen=True)
class Place:
    """Where a role holds: in a grid and all below it.

    :param grid_id: ``None`` together with ``path``: in the whole city.
    :param name: the grid's name, to be shown.
    """

    grid_id: int | None
    path: str | None
    name: str = field(default="", compare=False)


CITY: Final = Place(None, None)


def grant_role(session: WorkSession, command: GrantRole) -> UUID:
    """Give a role; the same again gives the grant that stands.

    :raises Refused: to oneself; a second administrator role; a city-wide role for a part.
    """
    role = ROLES.get(command.role)
    if role is None:
        raise Invalid(
            _("There is no role %(role)s; the roles are %(roles)s"), role=command.role, roles=", ".join(ROLES)
        )
    place = place_of(session, command.grid_code) if command.grid_code else CITY
    check_giving(session, role, place)
    if command.user_id == session.actor.user_id:
        raise Refused(_("Nobody can grant a role to themselves; ask another administrator"))
    row = account(session, command.user_id, lock=True)
    if row.disabled_at is not None:
        raise Refused(_("%(name)s is disabled"), name=row.name)
    standing = session.scalar(
        select(Grant).where(
            Grant.user_id == row.id,
            Grant.role == role.slug,
            Grant.grid_id.is_not_distinct_from(place.grid_id),
            Grant.revoked_at.is_(None),
        )
    )
    if standing is not None:
        return standing.id
    _refuse_second_administrator(session, row.id, role.slug)
    grant = new_grant(session, row.id, role, place)
    session.flush()
    return grant.id


def check_giving(session: WorkSession, role: Role, place: Place) -> None:
    """Refuse unless the actor may give this role there, to whomever."""
    require(session.actor, "grant.manage", place.path)
    if role.whole_city and place.grid_id is not None:
        raise Refused(_("%(role)s is a role for the whole city; leave the grid out"), role=Text(role.title))


def new_grant(session: WorkSession, user_id: UUID, role: Role, place: Place) -> Grant:
    """The row of a new grant; the caller has asked for the right and whether the person may hold the role."""
    grant = Grant(
        user_id=user_id,
        role=role.slug,
        grid_id=place.grid_id,
        granted_by=session.actor.id,
        granted_at=clock.now(),
    )
    session.add(grant)
    return grant


def revoke_grant(session: WorkSession, grant_id: UUID) -> None:
    """Take a role back; it is gone at the person's next request."""
    require(session.actor, "grant.manage")
    row = session.get(Grant, grant_id)
    if row is None:
        raise NotFound(_("There is no such grant"))
    if row.user_id == session.actor.user_id:
        raise Refused(_("Nobody can take a role from themselves; ask another administrator"))
    if row.revoked_at is None:
        if row.role == "system_admin":
            keep_one_system_admin(session, row.user_id)
        row.revoked_at = clock.now()


def keep_one_system_admin(session: WorkSession, leaving: UUID) -> None:
    """The instance never loses its last system administrator; the caller has asked for the right."""
    holders = set(
        session.scalars(
            select(Grant.user_id)
            .join(UserAccount, UserAccount.id == Grant.user_id)
            .where(
                Grant.role == "system_admin",
                Grant.revoked_at.is_(None),
                UserAccount.disabled_at.is_(None),
            )
            .order_by(Grant.id)
            .with_for_update(of=(Grant, UserAccount))
        )
    )
    if holders == {leaving}:
        raise Refused(_("This is the last system administrator; appoint another one first"))


def places(session: WorkSession, codes: Iterable[str]) -> dict[str, Place]:
    """The living grids among these codes as places; none of them is retired until commit."""
    columns = select(GRID_STATE.c.code, GRID_STATE.c.grid_id, GRID_STATE.c.path, GRID_STATE.c.name)
    living = columns.where(GRID_STATE.c.code.in_(set(codes)), holds_now())
    held = {row.grid_id for row in session.execute(living)}
    session.execute(
        text("select 1 from core.grid where id = any(:ids) order by id for key share"), {"ids": sorted(held)}
    )
    # looked up again: one of them may have been retired while its lock was waited for
    return {row.code: Place(row.grid_id, row.path, row.name) for row in session.execute(living) if row.grid_id in held}


def place_of(session: WorkSession, code: str) -> Place:
    """One living grid as a place, as ``places``.

    :raises NotFound: where there is none.
    """
    found = places(session, [code])
    if not found:
        unknown = _("There is no grid %(code)s")
        fault = Objection(Text(unknown, {"code": code}), Text(_("Choose one from the list")), pointer="/grid")
        raise NotFound(unknown, objections=[fault], code=code)
    return found[code]


def _refuse_second_administrator(session: WorkSession, user_id: UUID, role: str) -> None:
    """One person holds at most one of the three administrator roles."""
    held = set(
        session.scalars(
            select(Grant.role).where(Grant.user_id == user_id, Grant.revoked_at.is_(None), Grant.role.in_(EXCLUSIVE))
        )
    )
    if role in EXCLUSIVE and held - {role}:
        other = ROLES[next(iter(held - {role}))]
        raise Refused(
            _(
                "This person is already %(other)s. System, security and audit administrators must be three"
                " different people; grant %(role)s to somebody else or take the other role back first"
            ),
            other=Text(other.title),
            role=Text(ROLES[role].title),
        )
