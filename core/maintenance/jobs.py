"""What is done every night: the backup, and forgetting what need not be kept."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from core import clock
from core.errors import Unusable
from core.jobs.queue import Job
from core.maintenance import pruning
from core.maintenance.backup import backup
from core.settings import Settings, get_settings

PATTERN = "wangge-*.tar"


def backup_url(settings: Settings) -> str:
    """DSN of the role that may read everything."""
    url = settings.backup_url or settings.owner_url or settings.database_url
    if url is None:
        raise Unusable("No database is named for the backup")
    return url.get_secret_value()


def nightly_backup(timestamp: int) -> None:  # noqa: ARG001 given by the queue
    """Write tonight's backup and drop the oldest ones."""
    settings = get_settings()
    folder = settings.folder("backups")
    name = f"{clock.now().astimezone(ZoneInfo(settings.timezone)):wangge-%Y%m%d-%H%M%S}.tar"
    backup(backup_url(settings), settings.home, folder / name)
    for old in sorted(folder.glob(PATTERN))[: -settings.backup_keep]:
        old.unlink()


def _cron(settings: Settings, minute: int) -> str:
    """Every night in the hour ``backup_hour`` of the shown time zone; the queue counts in UTC."""
    night = dt.datetime.now(ZoneInfo(settings.timezone)).replace(hour=settings.backup_hour, minute=minute)
    utc = night.astimezone(dt.UTC)
    return f"{utc.minute} {utc.hour} * * *"


JOBS = (
    Job("maintenance.backup", nightly_backup, _cron(get_settings(), 10)),
    Job(pruning.NAME, pruning.prune, _cron(get_settings(), 40)),
)
