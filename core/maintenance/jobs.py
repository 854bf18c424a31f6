"""What is done every night: the backup, and forgetting what need not be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Final
from zoneinfo import ZoneInfo

from core import clock
from core.actor import job
from core.db.session import reading
from core.errors import Unusable
from core.instance import instance_values
from core.jobs.queue import Job
from core.maintenance import pruning
from core.maintenance.backup import backup
from core.settings import Settings, get_settings

PATTERN = "wangge-*.tar"
BACKUP: Final = "maintenance.backup"
HOUR: Final = dt.timedelta(hours=1)


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
    name = f"{clock.now().astimezone(_zone()):wangge-%Y%m%d-%H%M%S}.tar"
    backup(backup_url(settings), settings.home, folder / name)
    for old in sorted(folder.glob(PATTERN))[: -settings.backup_keep]:
        old.unlink()


def nightly(run: Callable[[int], None]) -> Callable[[int], None]:
    """A job that is called every hour and runs in the hour ``backup_hour`` of the instance's time zone alone.

    The zone is read each time, so that one chosen on the settings page holds from the next hour on.
    """

    @wraps(run)
    def at_night(timestamp: int) -> None:
        if is_night(dt.datetime.fromtimestamp(timestamp, dt.UTC), _zone(), get_settings().backup_hour):
            run(timestamp)

    return at_night


def is_night(moment: dt.datetime, zone: ZoneInfo, hour: int) -> bool:
    """Whether the day's hour for nightly work has come: once a day, also where clocks are put on or back."""
    begins = dt.datetime.combine(moment.astimezone(zone).date(), dt.time(hour), zone).astimezone(dt.UTC)
    return begins <= moment < begins + HOUR


def _zone() -> ZoneInfo:
    with reading(job(BACKUP)) as session:
        return instance_values(session).zone


JOBS = (
    Job(BACKUP, nightly(nightly_backup), "10 * * * *"),
    Job(pruning.NAME, nightly(pruning.prune), "40 * * * *"),
)
