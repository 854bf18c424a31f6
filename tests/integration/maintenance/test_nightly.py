"""The nightly backup is made by the job worker at its hour, without being asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs.queue import register, worker_app
from core.maintenance.archive import digests_inside, refuse_damage
from core.maintenance.jobs import JOBS

EVERY_SECOND = "* * * * * */1"
PATIENCE = 60


@pytest.fixture
def hurried() -> Iterator[None]:
    """The backup's hour comes each second."""
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
