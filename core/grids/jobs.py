"""Background work on grids: what follows a change, and checks and applies of large uploads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from core import actor as actors
from core.access.recognising import actor_of_user
from core.actor import Actor
from core.db.session import reading, work
from core.errors import DomainError, Refused
from core.grids.imports.uploads import APPLY_JOB, CHECK_JOB, give_up
from core.grids.imports.uploadwork import apply_upload, check_upload
from core.grids.locating import current_index
from core.grids.plans.due import apply_due
from core.grids.plans.service import APPLY_JOB as PLAN_JOB
from core.grids.proof import check_coverage, keep_verdict
from core.grids.reading import coverage_version
from core.grids.repairs.keeping import DIAGNOSE_JOB, look_by_job
from core.grids.tiles import TileKey, render_ahead
from core.grids.writing import REFRESH
from core.jobs.queue import Job
from core.text import noop as _


def refresh() -> None:
    """Index, proof and tiles of the newest coverage version; harmless when they are there already."""
    actor = actors.job(REFRESH)
    with reading(actor) as session:
        version = coverage_version(session)
        if version:
            current_index(session)
    with work(actor, statement_timeout_s=0) as session:
        keep_verdict(session, check_coverage(session))
    frontier = [TileKey(0, 0, 0)]
    while frontier:
        with work(actor, statement_timeout_s=0) as session:
            frontier = render_ahead(session, version, frontier)


def check_import(import_id: str, user_id: str | None) -> None:
    """Check a large upload as the person who asked."""
    _as_person(check_upload, CHECK_JOB, UUID(import_id), user_id)


def apply_import(import_id: str, user_id: str | None) -> None:
    """Apply a large upload as the person who approved it."""
    _as_person(apply_upload, APPLY_JOB, UUID(import_id), user_id)


def diagnose_city(under: str | None, user_id: str | None) -> None:
    """List the defects of a large city for the person who asked."""
    look_by_job(asking_person(user_id, DIAGNOSE_JOB), under)


def _as_person(run: Callable[[Actor, UUID], None], name: str, key: UUID, user_id: str | None) -> None:
    """Where the person may no longer do this, the import ends as failed."""
    try:
        run(asking_person(user_id, name), key)
    except DomainError as error:
        give_up(actors.job(name), key, error.text)


def asking_person(user_id: str | None, name: str) -> Actor:
    """Who asked, with the rights that they hold now; the command line's own work runs as the job."""
    if user_id is None:
        return actors.job(name)
    with reading(actors.job(name)) as session:
        found = actor_of_user(session, UUID(user_id))
    if found is None:
        raise Refused(_("The person who asked for this can no longer sign in"))
    return found


def apply_due_plan(plan_id: str, version: int) -> None:
    """Apply a plan whose moment has come, or give it back."""
    apply_due(UUID(plan_id), version)


JOBS: Final = (
    Job(REFRESH, refresh),
    Job(CHECK_JOB, check_import),
    Job(APPLY_JOB, apply_import),
    Job(DIAGNOSE_JOB, diagnose_city),
    Job(PLAN_JOB, apply_due_plan),
)
