"""One-time passwords for the people of a list who never signed in: made anew each time, kept nowhere."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.access import passwords
from core.access.commands import NewUser
from core.access.models import UserAccount
from core.access.policy import require
from core.access.queries import never_signed_in, user_import
from core.audit.recorder import record
from core.db.session import WorkSession


def issue_slips(session: WorkSession, import_id: UUID) -> list[NewUser]:
    """A one-time password for each who waits for one, in the order of the list; former ones fit no longer.

    So slips that were lost, on paper or on their way, are made again until everybody has signed in.

    :raises NotFound: there is no such list.
    """
    require(session.actor, "user.manage")
    user_import(session, import_id)
    waiting = select(UserAccount).where(UserAccount.import_id == import_id, never_signed_in())
    made = []
    for row in session.scalars(waiting.order_by(UserAccount.id).with_for_update()).all():
        plain, row.password_hash = passwords.one_time_password()
        made.append(NewUser(row.id, row.login, row.name, plain))
    record(session, "user.slips", "core.user_import", str(import_id), after={"people": len(made)})
    return made
