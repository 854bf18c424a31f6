"""One-time passwords for the people of a list who never signed in: made anew each time, kept nowhere."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ScalarSelect, select

from core.access import passwords
from core.access.commands import NewUser
from core.access.models import Grant, UserAccount
from core.access.outside import GRID_STATE, holds_now
from core.access.policy import require
from core.access.queries import never_signed_in, user_import
from core.audit.recorder import record
from core.db.session import WorkSession


def issue_slips(session: WorkSession, import_id: UUID) -> list[NewUser]:
    """A one-time password for each who waits for one, grid by grid as they are handed out; former ones fit no longer.

    So slips that were lost, on paper or on their way, are made again until everybody has signed in. Whose role holds
    in no grid comes last.

    :raises NotFound: there is no such list.
    """
    require(session.actor, "user.manage")
    user_import(session, import_id)
    waiting = select(UserAccount).where(UserAccount.import_id == import_id, never_signed_in())
    ordered = waiting.order_by(_first_grid().nulls_last(), UserAccount.login).with_for_update(of=UserAccount)
    made = []
    for row in session.scalars(ordered).all():
        plain, row.password_hash = passwords.one_time_password()
        made.append(NewUser(row.id, row.login, row.name, plain))
    record(session, "user.slips", "core.user_import", str(import_id), after={"people": len(made)})
    return made


def _first_grid() -> ScalarSelect[str]:
    """Path of the first grid in which a person has a role."""
    grids = select(GRID_STATE.c.path).join(Grant, Grant.grid_id == GRID_STATE.c.grid_id)
    living = grids.where(Grant.user_id == UserAccount.id, Grant.revoked_at.is_(None), holds_now())
    return living.order_by(GRID_STATE.c.path).limit(1).correlate(UserAccount).scalar_subquery()
