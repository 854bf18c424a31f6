"""Background work on grids: what follows a change, and checks and applies of large uploads."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from core import actor as actors
from core.access.recognising import asking_person
from core.db.session import reading, work
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
from core.intake.jobs import work_for
from core.jobs.queue import Job


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
    work_for(CHECK_JOB, user_id, check_upload, give_up, import_id=import_id)


def apply_import(import_id: str, user_id: str | None) -> None:
    """Apply a large upload as the person who approved it."""
    work_for(APPLY_JOB, user_id, apply_upload, give_up, import_id=import_id)


def diagnose_city(under: str | None, user_id: str | None) -> None:
    """List the defects of a large city for the person who asked."""
    look_by_job(asking_person(user_id, DIAGNOSE_JOB), under)


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
