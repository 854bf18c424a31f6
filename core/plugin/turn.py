"""Plugins change one at a time, whatever shells, browsers and machines ask at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.db.session import engines
from core.errors import Refused
from core.text import noop as _

KEY: Final = 0x57616E67
WAIT_SECONDS: Final = 120
LOCK_NOT_AVAILABLE: Final = "55P03"


@contextmanager
def own_turn() -> Iterator[None]:
    """Hold every other install, enable and disable of this instance back; given up when the process dies.

    :raises Refused: when another one takes longer than two minutes.
    """
    with engines().write.begin() as connection:
        connection.execute(text(f"set local lock_timeout = '{WAIT_SECONDS}s'"))
        try:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": KEY})
        except OperationalError as error:
            if getattr(error.orig, "pgcode", "") != LOCK_NOT_AVAILABLE:
                raise
            raise Refused(_("Another plugin is being installed or switched; try again when that is done")) from error
        yield
