"""Background work on matters: photos that no matter took are removed."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import select

from core import actor as actors
from core import clock
from core.db.session import work
from core.files.service import forget_unused, remove_bytes, stray_bytes
from core.jobs.queue import Job
from core.matters.models import MatterFile

SWEEP: Final = "matters.sweep-files"
KEPT: Final = dt.timedelta(hours=24)
LOOKED_BACK: Final = dt.timedelta(days=7)
"""Bytes without a row are sought no further back: a data folder put to another database keeps its photos."""
BATCH: Final = 500


def sweep_files(timestamp: int) -> None:  # noqa: ARG001 given by the queue
    """Remove what was uploaded a day ago and never came with a report or a step, and bytes whose row was never kept."""
    while _sweep_batch():
        pass
    end = clock.now() - KEPT
    with work(actors.job(SWEEP)) as session:
        strays = stray_bytes(session, end - LOOKED_BACK, end)
    for file_id in strays:
        remove_bytes(file_id)


def _sweep_batch() -> int:
    """Rows first, bytes after the commit, so that no row ever lacks its bytes; gives how many went."""
    with work(actors.job(SWEEP)) as session:
        gone = forget_unused(session, select(MatterFile.file_id), clock.now() - KEPT, BATCH)
    for file_id in gone:
        remove_bytes(file_id)
    return len(gone)


JOBS: Final = (Job(SWEEP, sweep_files, "23 * * * *"),)
