"""Jobs whose worker was killed are put back into the queue, but not for ever."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from core.actor import job
from core.db.session import reading, work
from core.grids.writing import REFRESH
from core.jobs.queue import MOST_ATTEMPTS, SCHEMA, Job, enqueue, register, retry_stalled, worker_app

ACTOR = job("tests")


def rescued(database: str) -> int:
    app = worker_app(database)

    async def run() -> int:
        async with app.open_async():
            return await retry_stalled(app)

    with ThreadPoolExecutor(1) as apart:  # the browser tests keep a loop in this thread
        return apart.submit(asyncio.run, run()).result()


@pytest.mark.parametrize(("attempts", "state"), [(1, "todo"), (MOST_ATTEMPTS - 1, "todo"), (MOST_ATTEMPTS, "failed")])
def test_the_job_of_a_killed_worker_runs_again_until_it_was_tried_too_often(
    database: str, attempts: int, state: str
) -> None:
    with work(ACTOR) as session:
        enqueue(session, REFRESH)
        enqueue(session, REFRESH)
        first = session.scalar(text(f"select min(id) from {SCHEMA}.procrastinate_jobs"))
        session.execute(
            text(f"update {SCHEMA}.procrastinate_jobs set status = 'doing', attempts = :n where id = :id"),
            {"n": attempts, "id": first},
        )
    assert rescued(database) == 1
    assert rescued(database) == 0
    with reading(ACTOR) as session:
        states = session.execute(text(f"select status::text from {SCHEMA}.procrastinate_jobs order by id")).scalars()
        assert states.all() == [state, "todo"]


def test_the_job_of_a_killed_worker_gives_way_to_its_twin_that_waits(database: str) -> None:
    with work(ACTOR) as session:
        enqueue(session, REFRESH, once=REFRESH)
    with work(ACTOR) as session:
        session.execute(text(f"update {SCHEMA}.procrastinate_jobs set status = 'doing'"))
        enqueue(session, REFRESH, once=REFRESH)
        enqueue(session, REFRESH)
        session.execute(
            text(f"update {SCHEMA}.procrastinate_jobs set status = 'doing', attempts = 1 where queueing_lock is null")
        )
    assert rescued(database) == 2
    with reading(ACTOR) as session:
        left = session.execute(text(f"select queueing_lock, status::text from {SCHEMA}.procrastinate_jobs order by id"))
        assert left.all() == [(REFRESH, "todo"), (None, "todo")]


def test_a_job_that_fails_gives_way_to_its_twin_that_waits(database: str) -> None:
    runs: list[str] = []

    def fails() -> None:
        runs.append("run")
        if len(runs) == 1:
            with work(ACTOR) as session:
                enqueue(session, "tests.fails", once="tests.fails")
            raise ConnectionError("gone")

    register(Job("tests.fails", fails))
    with work(ACTOR) as session:
        enqueue(session, "tests.fails", once="tests.fails")

    async def until_idle() -> None:
        app = worker_app(database)
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, until_idle()).result()
    assert runs == ["run", "run"]
