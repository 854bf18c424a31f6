"""Outlines out of the database as lattice polygons, with what is known of their grids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.asof import holds
from gis.lattice import Geometries, Integers, from_degrees

NO_PARENT = -1

SHAPES = """
select s.grid_id, s.id, coalesce(s.parent_id, -1), s.code, g.level, sh.fingerprint, sh.area_m2, st_asbinary(sh.geom)
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
where {holds} and {where}
order by s.grid_id
"""
LEAF = "not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and {holds})"
LEAF_NOW: Final = LEAF.format(holds="upper_inf(c.valid)")
"""That a state ``s`` has no living grids below it."""


@dataclass(frozen=True)
class Shapes:
    """States and their outlines, position by position.

    :param parent_ids: int64[n], ``NO_PARENT`` for the root.
    :param polygons: lattice polygons, object[n].
    """

    grid_ids: Integers
    state_ids: Integers
    parent_ids: Integers
    codes: tuple[str, ...]
    levels: tuple[str, ...]
    fingerprints: Integers
    areas: Any
    polygons: Geometries

    def __len__(self) -> int:
        return len(self.grid_ids)


def load_shapes(
    session: WorkSession, where: str = "true", values: Mapping[str, Any] | None = None, at: dt.datetime | None = None
) -> Shapes:
    """The states ``s`` (shape ``sh``, grid ``g``) that hold at ``at`` and meet ``where`` (our own SQL)."""
    sql = SHAPES.format(holds=holds("s", at), where=where)
    rows = session.execute(text(sql), {**(values or {}), **({"at": at} if at else {})}).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    numbers = [np.array(columns[i], np.int64) for i in (0, 1, 2, 5)]
    wkb = np.array([bytes(value) for value in columns[7]], dtype=object)
    return Shapes(
        grid_ids=numbers[0],
        state_ids=numbers[1],
        parent_ids=numbers[2],
        codes=tuple(columns[3]),
        levels=tuple(columns[4]),
        fingerprints=numbers[3],
        areas=np.array(columns[6], np.float64),
        polygons=from_degrees(shapely.from_wkb(wkb)),
    )


def load_leaves(session: WorkSession, at: dt.datetime | None = None, where: str = "true") -> Shapes:
    """The leaves of the whole coverage at ``at``."""
    return load_shapes(session, f"{LEAF.format(holds=holds('c', at))} and {where}", at=at)


def coverage_version(session: WorkSession) -> int:
    """The version of the coverage as it stands now; 0 before the first change."""
    return int(session.scalar(text("select version from core.coverage")) or 0)
