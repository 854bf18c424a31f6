"""What happens after a change, out of the way of people: the locate index and the tiles of the new version."""

from __future__ import annotations

from core.actor import job
from core.db.session import reading, work
from core.grids.locating import current_index
from core.grids.proof import check_coverage
from core.grids.reading import coverage_version
from core.grids.tiles import TileKey, render_ahead
from core.grids.writing import REFRESH
from core.jobs.queue import Job

ACTOR = job(REFRESH)


def refresh() -> None:
    """Build the index of the newest version, prove the coverage, render its tiles; harmless when done already."""
    with reading(ACTOR) as session:
        version = coverage_version(session)
        if version:
            current_index(session)
    with work(ACTOR) as session:
        check_coverage(session)
    frontier = [TileKey(0, 0, 0)]
    while frontier:
        with work(ACTOR) as session:
            frontier = render_ahead(session, version, frontier)


JOBS = (Job(REFRESH, refresh),)
