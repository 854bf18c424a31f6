"""Where the rooms of the core meet: every door assembles it once, so that tables, journal and jobs are known."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData

from core.access import granted
from core.access import models as access
from core.access import passing as grants
from core.audit import recorder
from core.calendars import jobs as calendar_jobs
from core.calendars import models as calendars
from core.db import models as instance
from core.db.base import Base
from core.files import models as files
from core.grids import hanging as on_grids
from core.grids import jobs as grid_jobs
from core.grids import models as grids
from core.jobs.queue import register
from core.layers import jobs as layer_jobs
from core.layers import models as layers
from core.maintenance import jobs as maintenance_jobs
from core.matters import jobs as matter_jobs
from core.matters import ladder
from core.matters import models as matters
from core.matters import reckoned as matter_clocks
from core.matters import rehomed as matter_moves
from core.matters import sensitive as matter_veil
from core.notices import models as notices
from core.notices import veil
from core.org import models as org
from core.org import passing as posts
from core.org import queries as org_reads
from core.plugin import models as plugins
from core.responsibility import models as responsibility
from core.responsibility import passing as claims

ROOMS: Final = (
    access,
    calendars,
    files,
    grids,
    instance,
    layers,
    matter_clocks,
    matter_moves,
    matters,
    notices,
    org,
    plugins,
    recorder,
    responsibility,
)
"""Modules whose tables, or whose part in every transaction, are there once they are imported."""
JOBS: Final = (
    *calendar_jobs.JOBS,
    *grid_jobs.JOBS,
    *ladder.JOBS,
    *layer_jobs.JOBS,
    *maintenance_jobs.JOBS,
    *matter_jobs.JOBS,
)

HANGINGS: Final = (
    on_grids.Hanging("core.grant", grants.pass_on_grants, granted.held_in),
    on_grids.Hanging("core.post", posts.pass_on_posts, org_reads.held_in),
    on_grids.Hanging("core.responsibility", claims.pass_on_claims, claims.nobody_holds),
)
"""What passes with a grid that is retired to those that come in its place."""


def assemble() -> MetaData:
    """Make the core whole in this process; twice is the same as once.

    :returns: all tables of the host.
    """
    for job in JOBS:
        register(job)
    for hanging in HANGINGS:
        on_grids.register(hanging)
    veil.register("matter", matter_veil.sensitive_matters)
    return Base.metadata
