"""`wangge work`: the job worker, which starts itself anew when plugins came or went."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import Final

import click
from sqlalchemy.exc import SQLAlchemyError

from core.db.session import connect, disconnect, reading
from core.jobs.queue import register, retry_stalled, worker_app
from core.notices import wording
from core.notices.postman import deliver_until
from core.plugin import loading
from core.settings import get_settings
from web import demo_job
from web.cli.context import database_url
from web.hooks import SPECS
from web.notice_wording import Worded

LOOK_SECONDS: Final = 2.0


@click.command("work")
@click.option("--concurrency", default=2, show_default=True)
def work_command(concurrency: int) -> None:
    """The job worker alone (production)."""
    settings = get_settings()
    register(demo_job.JOB)
    wording.use(Worded())
    with database_url(settings, migrate=False) as url:
        connect(url)
        epoch = _epoch()
        loading.load(settings, SPECS)
        changed = asyncio.run(_work(url, concurrency, epoch))
        disconnect()
    if changed:
        # Python cannot unload a plugin: the same process begins anew, and its supervisor sees no death
        os.execv(sys.executable, sys.orig_argv)


async def _work(url: str, concurrency: int, epoch: int) -> bool:
    """Do jobs and send notices until told to stop, or until plugins changed (``True``); what is in hand is finished."""
    app = worker_app(url)
    stop = threading.Event()
    async with app.open_async():
        await retry_stalled(app)
        working = asyncio.create_task(
            app.run_worker_async(concurrency=concurrency, install_signal_handlers=True, delete_jobs="successful")
        )
        watching = asyncio.create_task(_until_plugins_change(epoch))
        posting = asyncio.create_task(asyncio.to_thread(deliver_until, stop))
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        changed = not working.done()
        stop.set()
        for task in (working, watching):
            task.cancel()
        ended = await asyncio.gather(working, watching, posting, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]
    return changed


async def _until_plugins_change(epoch: int) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            if await asyncio.to_thread(_epoch) != epoch:
                return
        except SQLAlchemyError:  # the database is away; the worker itself says so
            continue


def _epoch() -> int:
    with reading(loading.LOADER) as session:
        return loading.epoch(session)
