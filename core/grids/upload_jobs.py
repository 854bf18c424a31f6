"""Checks and applies of large uploads, as the person who asked."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core import actor as actors
from core.access.queries import actor_of_user
from core.actor import Actor
from core.db.session import reading
from core.errors import Refused
from core.grids.uploads import APPLY_JOB, CHECK_JOB, apply_upload, check_upload
from core.jobs.queue import Job
from core.text import noop as _


def check_import(import_id: str, user_id: str | None) -> None:
    """Check a large upload."""
    check_upload(_person(user_id, CHECK_JOB), UUID(import_id))


def apply_import(import_id: str, user_id: str | None) -> None:
    """Apply a large upload that was approved."""
    apply_upload(_person(user_id, APPLY_JOB), UUID(import_id))


def _person(user_id: str | None, name: str) -> Actor:
    """Who asked, with the rights that they hold now; the command line's own work runs as the job."""
    if user_id is None:
        return actors.job(name)
    with reading(actors.job(name)) as session:
        found = actor_of_user(session, UUID(user_id))
    if found is None:
        raise Refused(_("The person who asked for this import can no longer sign in"))
    return found


UPLOAD_JOBS: Final = (Job(CHECK_JOB, check_import), Job(APPLY_JOB, apply_import))
