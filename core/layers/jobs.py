"""Background work on reference layers: large files, and small ones whose own process died."""

from __future__ import annotations

from typing import Final

from core.intake.jobs import work_for
from core.jobs.queue import Job
from core.layers.uploads import IMPORT_JOB, give_up, run_upload


def import_upload(upload_id: str, user_id: str | None) -> None:
    """Read a file as the person who sent it."""
    work_for(IMPORT_JOB, user_id, run_upload, give_up, upload_id=upload_id)


JOBS: Final = (Job(IMPORT_JOB, import_upload),)
