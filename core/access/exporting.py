"""People and their roles as lists that leave the house, noted in the journal."""

from __future__ import annotations

from typing import Final

from core.access import queries
from core.access.granted import grants_of
from core.access.policy import require
from core.access.views import GrantRow, UserView
from core.audit.recorder import record
from core.db.session import WorkSession

MOST: Final = 100_000


def export_users(
    session: WorkSession, ending: str, *, text: str = "", role: str = "", state: str = ""
) -> list[UserView]:
    """Everybody whom the filters fit, by login.

    :param ending: the kind of file that is made of them, for the journal.
    """
    require(session.actor, "user.manage")
    found = queries.users(session, text=text, role=role, state=state, limit=MOST)
    after = {"rows": len(found), "format": ending, "text": text, "role": role, "state": state}
    record(session, "user.export", "core.user_account", "*", after=after)
    return found


def export_grants(session: WorkSession, ending: str, *, text: str = "", role: str = "") -> list[GrantRow]:
    """The living grants that the filters fit, by login and role."""
    require(session.actor, "grant.manage")
    found = grants_of(session, text=text, role=role, limit=MOST)
    after = {"rows": len(found), "format": ending, "text": text, "role": role}
    record(session, "grant.export", "core.grant", "*", after=after)
    return found
