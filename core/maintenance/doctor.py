"""What is amiss on this machine, and how to mend it."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import text

from core import clock
from core.calendars.queries import known_years
from core.db.migrate import current, newest
from core.db.roles import EXTENSIONS
from core.db.session import WorkSession
from core.grids.imports.unforeseen import failed_imports
from core.maintenance.backup import last_backup
from core.notices.deliveries import count_dead
from core.settings import Settings
from core.text import Text
from core.text import noop as _

Verdict = Literal["ok", "warn", "bad"]

DISK_BAD_BYTES: Final = 500_000_000
DISK_WARN_BYTES: Final = 5_000_000_000
BACKUP_AGE: Final = dt.timedelta(hours=24)
FAILURES_AGE: Final = dt.timedelta(days=7)
CALENDAR_AHEAD: Final = dt.timedelta(days=21)
"""How long before a year its holidays should be known: the notice comes in November."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    :param mend: what to do, when it is not well.
    """

    name: str
    verdict: Verdict
    text: Text
    mend: Text | None = None


def examine(session: WorkSession, settings: Settings) -> Iterator[Finding]:
    """Look at versions, database, migrations, disk and backups."""
    yield Finding("python", "ok", Text(_("Python %(version)s"), {"version": sys.version.split()[0]}))
    yield from _database(session)
    yield _disk(settings)
    yield _backup(session, settings)
    yield from _imports(session)
    yield _calendar(session)
    yield _deliveries(session)


def _database(session: WorkSession) -> Iterator[Finding]:
    server = session.scalar(text("show server_version"))
    yield Finding("postgresql", "ok", Text(_("PostgreSQL %(version)s"), {"version": server}))
    found = {
        str(name): str(number) for name, number in session.execute(text("select extname, extversion from pg_extension"))
    }
    for name in EXTENSIONS:
        if name in found:
            yield Finding(name, "ok", Text(_("%(name)s %(version)s"), {"name": name, "version": found[name]}))
        else:
            yield Finding(
                name, "bad", Text(_("The extension %(name)s is missing"), {"name": name}),
                Text(_("As a superuser: create extension %(name)s"), {"name": name}),
            )  # fmt: skip
    have, want = current(session.connection()), newest()
    if have == want:
        yield Finding("migrations", "ok", Text(_("The tables are at revision %(revision)s"), {"revision": have}))
    else:
        yield Finding(
            "migrations", "bad", _expected(have, want),
            Text(_("Run: wangge db upgrade")),
        )  # fmt: skip
    if session.scalar(text("show fsync")) != "on":
        yield Finding(
            "durability", "bad", Text(_("fsync is off: a power cut can lose acknowledged reports")),
            Text(_("Set fsync = on on the database server")),
        )  # fmt: skip


def _expected(have: str | None, want: str | None) -> Text:
    return Text(_("The tables are at %(have)s, the code expects %(want)s"), {"have": have, "want": want})


def _imports(session: WorkSession) -> Iterator[Finding]:
    """Imports that failed by what nobody foresaw, under the number that the person was told."""
    for failed in failed_imports(session, clock.now() - FAILURES_AGE):
        values = {"file": failed.file_name, "number": failed.number, "cause": failed.cause}
        text_ = Text(_("The import of %(file)s failed under the number %(number)s: %(cause)s"), values)
        yield Finding("imports", "warn", text_, Text(_("Look for %(number)s in the log of `wangge up`"), values))


def _calendar(session: WorkSession) -> Finding:
    """Whether the holidays of the time that comes next are known."""
    ahead = (clock.now() + CALENDAR_AHEAD).year
    if ahead in known_years(session):
        return Finding("calendar", "ok", Text(_("The holidays of %(year)s are known"), {"year": ahead}))
    text_ = Text(_("The holidays of %(year)s are not known: due dates in it are provisional"), {"year": ahead})
    mend = Text(_("Once the State Council's notice is out, run: wangge calendar import FILE"))
    return Finding("calendar", "warn", text_, mend)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    values = {"free": f"{free / 1e9:.1f}", "folder": str(settings.home)}
    text_ = Text(_("%(free)s GB free below %(folder)s"), values)
    if free >= DISK_WARN_BYTES:
        return Finding("disk", "ok", text_)
    return Finding("disk", "bad" if free < DISK_BAD_BYTES else "warn", text_, Text(_("Free some space on this disk")))


def _backup(session: WorkSession, settings: Settings) -> Finding:
    mend = Text(_("Run: wangge backup FILE (the nightly job needs `wangge up` or `wangge work` to run)"))
    found = last_backup(settings.home)
    if found is None:
        made_at = session.scalar(text("select made_at from core.instance"))
        assert isinstance(made_at, dt.datetime)
        young = clock.now() - made_at < BACKUP_AGE
        return Finding("backup", "ok" if young else "warn", Text(_("There is no backup yet")), None if young else mend)
    age = clock.now() - found[1]
    values = {"file": found[0].name, "hours": round(age.total_seconds() / 3600)}
    text_ = Text(_("The newest backup is %(file)s, %(hours)s hours old"), values)
    return Finding("backup", "ok" if age < BACKUP_AGE else "warn", text_, None if age < BACKUP_AGE else mend)


def _deliveries(session: WorkSession) -> Finding:
    """Whether notices were given up that should have left."""
    n = count_dead(session)
    if not n:
        return Finding("deliveries", "ok", Text(_("No notice that should leave was given up")))
    said = Text(_("%(n)s deliveries of notices were given up"), {"n": n})
    return Finding("deliveries", "warn", said, Text(_("See why: wangge notice deliveries --state dead")))
