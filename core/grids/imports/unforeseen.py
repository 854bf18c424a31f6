"""Failures that no refusal foresaw: the cause in words for the person, a number by which the log tells the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from traceback import format_exception
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from core.db.session import WorkSession
from core.disk import disk_fault
from core.grids.models import GridImport
from core.text import Text
from core.text import noop as _

log = structlog.get_logger("wangge.imports")
FAILED: Final = _(
    "It failed: %(cause)s. Nothing was written. Check it again; if it fails again, give the administrator the number"
    " %(number)s, under which `wangge doctor` and the log say more"
)
BY_STATE: Final = {
    "57014": _("the database took too long"),
    "40P01": _("other work on the grids stood in the way"),
    "55P03": _("other work on the grids stood in the way"),
    "42501": _("the database did not allow it"),
}
"""Causes by the database's SQLSTATE."""


@dataclass(frozen=True)
class FailedImport:
    """An import that ended by such a failure, and was not tried again since."""

    file_name: str
    number: str
    cause: Text


def failed_imports(session: WorkSession, since: dt.datetime) -> list[FailedImport]:
    """Those of which the file came after a moment, the newest first."""
    wanted = select(GridImport).where(GridImport.state == "failed", GridImport.made_at > since)
    rows = session.scalars(wanted.order_by(GridImport.made_at.desc()))
    told = [(row.file_name, Text.from_json((row.report or {})["reason"])) for row in rows]
    return [
        FailedImport(name, why.params["number"], why.params["cause"]) for name, why in told if why.message == FAILED
    ]


def explain_failure(key: UUID, error: Exception) -> Text:
    """Write the failure into the log under a number that can be read out, and give it as a text for the person."""
    number = key.hex[-8:]
    log.error("import failed", number=number, import_id=str(key), trace="".join(format_exception(error)))
    fault = disk_fault(error)
    return fault.text if fault else Text(FAILED, {"cause": _cause(error), "number": number})


def _cause(error: Exception) -> Text:
    if isinstance(error, MemoryError):
        return Text(_("the server ran out of memory"))
    if isinstance(error, DBAPIError):
        known = BY_STATE.get(str(getattr(error.orig, "pgcode", "")))
        if known is not None:
            return Text(known)
        if isinstance(error, OperationalError) or error.connection_invalidated:
            return Text(_("the connection to the database was lost"))
    if isinstance(error, SQLAlchemyError):
        return Text(_("the database answered with a fault"))
    return Text(_("a fault in the program (%(kind)s)"), {"kind": type(error).__name__})
