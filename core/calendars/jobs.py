"""Background work on the calendars: years that a new release of the library knows are taken over."""

from __future__ import annotations

from typing import Final

from core import actor as actors
from core.calendars.service import seed_years
from core.db.session import work
from core.jobs.queue import Job

SEED: Final = "calendars.seed"


def seed(timestamp: int) -> None:  # noqa: ARG001 given by the queue
    """Take over what the library knows and nobody entered."""
    with work(actors.job(SEED)) as session:
        seed_years(session)


JOBS: Final = (Job(SEED, seed, "11 4 * * *"),)
