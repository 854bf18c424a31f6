"""Faults of the disk on which an instance keeps its files, as refusals that say how to mend them."""

from __future__ import annotations

import errno
from typing import Final

from core.errors import DomainError, NoRoom, Unusable
from core.text import noop as _

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
DATABASE_FULL: Final = "53100"
"""SQLSTATE of a database whose disk is full."""
NO_ROOM: Final = _("The disk of the server is full: this could not be kept. Make room on it, then do the same again")
CLOSED: Final = (errno.EROFS, errno.EACCES, errno.EPERM)


def disk_fault(error: BaseException) -> DomainError | None:
    """The refusal that an error of the disk means; ``None`` where it is something else."""
    if getattr(getattr(error, "orig", error), "pgcode", None) == DATABASE_FULL:
        return NoRoom(NO_ROOM)
    if not isinstance(error, OSError):
        return None
    if error.errno in FULL:
        return NoRoom(NO_ROOM)
    if error.errno in CLOSED:
        return Unusable(
            _("The server may not write %(file)s. Give its user the right to write there, then do the same again"),
            file=error.filename or "?",
        )
    return None
