"""The nightly backup is made by the job worker at its hour in the instance's time zone, without being asked."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core import clock
from core.actor import command_line
from core.db.session import work
from core.instance import InstanceValues, save_instance_values
from core.jobs.queue import register, worker_app
from core.maintenance.archive import digests_inside, refuse_damage
from core.maintenance.jobs import JOBS, nightly
from core.settings import get_settings

EVERY_SECOND = "* * * * * */1"
PATIENCE = 60
HONOLULU = ZoneInfo("Pacific/Honolulu")


def choose(zone: ZoneInfo) -> None:
    """As on the settings page."""
    with work(command_line("test")) as session:
        save_instance_values(session, InstanceValues(timezone=zone.key))


@pytest.fixture
def hurried(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is the backup's hour, and its minute comes each second."""
    choose(HONOLULU)
    monkeypatch.setenv("WANGGE_BACKUP_HOUR", str(clock.now().astimezone(HONOLULU).hour))
    get_settings.cache_clear()
    (backup,) = (job for job in JOBS if job.name == "maintenance.backup")
    register(replace(backup, cron=EVERY_SECOND))
    yield
    register(backup)


@pytest.mark.usefixtures("hurried")
def test_the_worker_makes_a_whole_backup_by_itself(database: str, home: Path) -> None:
    app = worker_app(database)

    async def run() -> None:
        async with app.open_async():
            working = asyncio.create_task(app.run_worker_async(install_signal_handlers=False))
            deadline = time.monotonic() + PATIENCE
            while not list((home / "backups").glob("*.tar")) and time.monotonic() < deadline:
                await asyncio.sleep(0.1)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    with ThreadPoolExecutor(1) as apart:  # the browser tests keep a loop in this thread
        apart.submit(asyncio.run, run()).result()
    first = min((home / "backups").glob("wangge-*.tar"))
    refuse_damage(*digests_inside(first))
    assert first.name.startswith(f"wangge-{clock.now().astimezone(HONOLULU):%Y%m%d-%H}")


def nights(zone: ZoneInfo, first: dt.datetime, hours: int) -> list[dt.datetime]:
    """Of so many hours those, by the clocks of a zone that the instance has, in which nightly work is done."""
    choose(zone)
    runs: list[int] = []
    job = nightly(runs.append)
    for passed in range(hours):
        job(round((first + dt.timedelta(hours=passed, minutes=10)).timestamp()))
    return [dt.datetime.fromtimestamp(run, zone).replace(tzinfo=None) for run in runs]


@pytest.mark.parametrize(
    "zone", [HONOLULU, ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Berlin")]
)
def test_nightly_work_is_done_once_a_night_by_the_clock_of_the_instance(database: str, zone: ZoneInfo) -> None:
    first = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    found = nights(zone, first, 72)
    assert [(night.hour, len(found)) for night in found] == [(2, 3)] * 3


@pytest.mark.parametrize("day", [dt.datetime(2026, 3, 29, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, tzinfo=dt.UTC)])
def test_where_clocks_are_put_on_or_back_it_is_done_once_too(database: str, day: dt.datetime) -> None:
    found = nights(ZoneInfo("Europe/Berlin"), day - dt.timedelta(hours=3), 24)
    assert len(found) == 1
