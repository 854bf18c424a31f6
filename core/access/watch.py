"""Three administrators watch each other: who got a new password from another is told to all of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from core import clock
from core.access.models import Grant, UserAccount
from core.access.roles import EXCLUSIVE
from core.audit.queries import entries_since
from core.audit.recorder import record
from core.db.session import WorkSession

RESET: Final = "administrator.password_reset"
ADMINISTRATOR: Final = "core.administrator"
TOLD_FOR: Final = dt.timedelta(days=14)


@dataclass(frozen=True)
class AdministratorReset:
    """An administrator whose password somebody else replaced."""

    name: str
    by: str
    at: dt.datetime


def note_reset(session: WorkSession, row: UserAccount) -> None:
    """Write it down when the person about to get a new password is an administrator with a password of their own."""
    if row.must_change_password:
        return
    held = session.scalars(
        select(Grant.role).where(Grant.user_id == row.id, Grant.revoked_at.is_(None), Grant.role.in_(EXCLUSIVE))
    ).all()
    if held:
        after = {"login": row.login, "name": row.name, "roles": sorted(set(held))}
        record(session, RESET, ADMINISTRATOR, str(row.id), after=after)


def administrators_reset(session: WorkSession) -> list[AdministratorReset]:
    """Whose password was replaced lately, for administrators; nothing for anybody else."""
    if not session.actor.roles & EXCLUSIVE:
        return []
    found = entries_since(session, ADMINISTRATOR, clock.now() - TOLD_FOR)
    return [AdministratorReset((entry.after or {}).get("name", ""), entry.actor_name, entry.at) for entry in found]
