"""Background work on reference layers: large files, and small ones whose own process died."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core import actor as actors
from core.db.session import work
from core.errors import DomainError
from core.grids.imports.uploads import GRACE_S
from core.grids.jobs import asking_person
from core.jobs.queue import Job, enqueue
from core.layers.uploads import IMPORT_JOB, give_up, run_upload


def import_upload(upload_id: str, user_id: str | None) -> None:
    """Read a file as the person who sent it; where they may no longer do this, it ends as failed.

    While it is another's turn the job comes back later: it keeps no place from the others that wait to be run.
    """
    try:
        settled = run_upload(asking_person(user_id, IMPORT_JOB), UUID(upload_id))
    except DomainError as error:
        give_up(actors.job(IMPORT_JOB), UUID(upload_id), error.text)
        return
    if not settled:
        with work(actors.job(IMPORT_JOB)) as session:
            once = f"{IMPORT_JOB} {upload_id}"
            enqueue(session, IMPORT_JOB, once=once, after_s=GRACE_S, upload_id=upload_id, user_id=user_id)


JOBS: Final = (Job(IMPORT_JOB, import_upload),)
