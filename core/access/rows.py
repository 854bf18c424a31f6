"""Rows that several services of this room fetch, and how they name faults."""

from __future__ import annotations

from uuid import UUID

from core.access.models import UserAccount
from core.db.session import WorkSession
from core.errors import Invalid, NotFound, Objection
from core.text import Text
from core.text import noop as _


def account(session: WorkSession, user_id: UUID, *, lock: bool = False) -> UserAccount:
    """The row of a person.

    :raises NotFound: there is nobody with this id.
    """
    row = session.get(UserAccount, user_id, with_for_update=True if lock else None)
    if row is None:
        raise NotFound(_("There is no such person"))
    return row


def fault(pointer: str, code: str, message: str) -> Objection:
    """One fault of the input."""
    return Objection(Text(message), pointer=pointer, code=code)


def refuse(faults: list[Objection], message: str = _("Nothing was changed")) -> None:
    """Raise the faults together, if there are any."""
    if faults:
        raise Invalid(message, objections=faults)
