"""Background work on reference layers: large files, and small ones whose own process died."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core import actor as actors
from core.errors import DomainError
from core.grids.jobs import asking_person
from core.jobs.queue import Job
from core.layers.uploads import IMPORT_JOB, give_up, run_upload


def import_upload(upload_id: str, user_id: str | None) -> None:
    """Read a file as the person who sent it; where they may no longer do this, it ends as failed."""
    try:
        run_upload(asking_person(user_id, IMPORT_JOB), UUID(upload_id))
    except DomainError as error:
        give_up(actors.job(IMPORT_JOB), UUID(upload_id), error.text)


JOBS: Final = (Job(IMPORT_JOB, import_upload),)
