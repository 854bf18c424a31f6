"""Codes of the leaves that own places, as the product answers."""

from __future__ import annotations

import datetime as dt

from core.db.session import reading
from core.grids.locating import locate_many
from core.grids.queries import grids_by_ids
from gis.lattice import Integers
from tests.integration.grids.bringing import TESTER


def located(points: Integers, as_of: dt.datetime | None = None) -> list[str | None]:
    """Of each lattice point the code of its leaf; ``None`` outside the city."""
    with reading(TESTER) as session:
        owners = locate_many(session, points, as_of).tolist()
        known = grids_by_ids(session, {owner for owner in owners if owner >= 0}, as_of)
    return [known[owner].code if owner in known else None for owner in owners]
