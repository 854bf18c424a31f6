"""The one door to the job queue, behind which procrastinate stands.

A job is a function of ids; it is enqueued inside ``work(actor)`` and vanishes with a rolled-back transaction. A
job may run twice (a killed worker's jobs are run again, at most ``MOST_ATTEMPTS`` times), so every job is idempotent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.contrib.sqlalchemy import SQLAlchemyPsycopg2Connector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job as Task
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from core.db.session import WorkSession

SCHEMA = "procrastinate"
MOST_ATTEMPTS = 8
RETRIES = RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=5)
RESCUE = "jobs.rescue"


@dataclass(frozen=True)
class Job:
    """A named piece of background work.

    :param name: stable slug; a plugin's is prefixed with its name.
    :param run: called with the enqueued values, in a thread, outside any transaction.
    :param cron: minute-hour-day-month-weekday, for periodic jobs (called with ``timestamp``).
    """

    name: str
    run: Callable[..., None]
    cron: str | None = None


_jobs: dict[str, Job] = {}


def register(job: Job) -> Job:
    """Make a job known to this process; a name stands once."""
    known = _jobs.get(job.name)
    if known is not None and known.run is not job.run:
        raise ValueError(f"two jobs are named {job.name}")
    _jobs[job.name] = job
    return job


def enqueue(
    session: WorkSession,
    name: str,
    *,
    once: str | None = None,
    after_s: int = 0,
    at: dt.datetime | None = None,
    **values: Any,
) -> None:
    """Let a job run after this transaction commits.

    :param after_s: seconds to wait before it may run.
    :param at: a moment before which it may not run.
    :param once: while a job with the same ``once`` still waits, no second one is added.
    """
    if name not in _jobs:
        raise ValueError(f"no job is named {name}")
    options: dict[str, Any] = {"connection": session.connection()}
    if once is not None:
        options["queueing_lock"] = once
        if _waits(session, once):
            return
    if at is not None:
        options["schedule_at"] = at
    if after_s:
        options["schedule_in"] = {"seconds": after_s}
    _defer_app.configure_task(name, **options).defer(**values)


def _waits(session: WorkSession, once: str) -> bool:
    """Whether such a job waits already; asking first keeps our transaction free of a unique violation."""
    sql = f"select 1 from {SCHEMA}.procrastinate_jobs where queueing_lock = %s and status = 'todo'"
    return session.connection().exec_driver_sql(sql, (once,)).first() is not None


class _Manager(JobManager):
    """Procrastinate's own, which knows that a job may have a twin waiting in its queueing lock."""

    async def retry_job(self, job: Task, *args: Any, **options: Any) -> None:
        """Let a job run again; where its twin waits already, that one does the work and this one goes."""
        try:
            await super().retry_job(job, *args, **options)
        except UniqueViolation:
            await self.finish_job(job, Status.SUCCEEDED, delete_job=True)


_defer_app = App(connector=SQLAlchemyPsycopg2Connector(dsn="postgresql+psycopg2://"))


def worker_app(url: str) -> App:
    """The application that ``wangge work`` runs, with every registered job."""
    app = App(connector=PsycopgConnector(conninfo=url, kwargs={"options": f"-c search_path={SCHEMA},public"}))
    app.job_manager = _Manager(app.connector)
    for job in _jobs.values():
        task = app.task(name=job.name, retry=RETRIES, queueing_lock=job.name if job.cron else None)(job.run)
        if job.cron:
            app.periodic(cron=job.cron)(task)

    async def rescue(timestamp: int) -> None:  # noqa: ARG001 given to every periodic job
        await retry_stalled(app)

    app.periodic(cron="* * * * *")(app.task(name=RESCUE, queueing_lock=RESCUE)(rescue))
    return app


async def retry_stalled(app: App) -> int:
    """Put the jobs of workers that were killed back into the queue; returns how many.

    A job that was with a killed worker too often is likely what kills it, and ends as failed.
    """
    stalled = [job for job in await app.job_manager.get_stalled_jobs() if job.task_name != RESCUE]
    for job in stalled:
        if job.attempts < MOST_ATTEMPTS:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    return len(stalled)
