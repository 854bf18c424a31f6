"""Background work on matters: photos that no matter took are removed."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import delete, exists, select

from core import actor as actors
from core import clock
from core.db.session import work
from core.files.models import File
from core.files.service import remove_bytes
from core.jobs.queue import Job
from core.matters.models import MatterFile

SWEEP: Final = "matters.sweep-files"
KEPT: Final = dt.timedelta(hours=24)
BATCH: Final = 500


def sweep_files(timestamp: int) -> None:  # noqa: ARG001 given by the queue
    """Remove what was uploaded a day ago and never came with a report or a step."""
    while _sweep_batch():
        pass


def _sweep_batch() -> int:
    """Rows first, bytes after the commit, so that no row ever lacks its bytes; gives how many went."""
    taken = exists().where(MatterFile.file_id == File.id)
    old = select(File.id).where(File.uploaded_at < clock.now() - KEPT, ~taken).order_by(File.id).limit(BATCH)
    with work(actors.job(SWEEP)) as session:
        locked = session.scalars(old.with_for_update(skip_locked=True)).all()
        # Asked again: a report may have taken a photo between the search and the lock.
        gone = session.scalars(delete(File).where(File.id.in_(locked), ~taken).returning(File.id)).all()
    for file_id in gone:
        remove_bytes(file_id)
    return len(gone)


JOBS: Final = (Job(SWEEP, sweep_files, "23 * * * *"),)
