"""Jobs whose worker was killed are put back into the queue, but not for ever."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from core.actor import job
from core.db.session import reading, work
from core.grids.writing import REFRESH
from core.jobs.queue import MOST_ATTEMPTS, SCHEMA, enqueue, retry_stalled, worker_app

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
