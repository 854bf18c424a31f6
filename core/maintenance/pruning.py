"""What an instance need not keep: old answers, notices read and sent long ago, and the files of past imports."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Final

from core import clock, once
from core.actor import job
from core.db.session import work
from core.grids.imports.uploads import past_uploads
from core.layers.uploads import past_uploads as past_layers
from core.notices import service as notices
from core.notices.deliveries import forget_deliveries

NAME: Final = "maintenance.prune"
ANSWERS: Final = dt.timedelta(days=30)
IMPORTS: Final = dt.timedelta(days=30)
NOTICES: Final = dt.timedelta(days=180)
DELIVERIES: Final = dt.timedelta(days=90)


def prune(timestamp: int) -> None:  # noqa: ARG001 given by the queue
    """Forget it: rows first, then bytes; running twice does no harm."""
    now = clock.now()
    with work(job(NAME)) as session:
        once.forget(session, now - ANSWERS)
        forget_deliveries(session, now - DELIVERIES)
        notices.forget(session, now - NOTICES)
        past = [*past_uploads(session, now - IMPORTS), *past_layers(session, now - IMPORTS)]
    for folder in past:
        shutil.rmtree(folder, ignore_errors=True)
