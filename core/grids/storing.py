"""Rows of grids in bulk: identities, shapes and states, by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import shapely
from sqlalchemy import text

from core.db.copying import copy_rows
from core.db.session import WorkSession
from core.grids.labels import label_points
from gis.chain import MIXER, fingerprints
from gis.lattice import SCALE, SRID, Geometries, Integers, to_degrees
from gis.measure import area_m2

AT_ONCE = 5_000
"""Outlines turned into text at a time."""


class StateRow(NamedTuple):
    """A state as it is written; ``valid`` is a range of PostgreSQL."""

    grid_id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    path: str
    shape_id: int
    search: str
    noded: bool
    valid: str
    change_id: UUID


def new_ids(session: WorkSession, table: str, count: int) -> list[int]:
    """Ids for new rows of a table of schema ``core``."""
    sql = "select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)"
    return [int(n) for n in session.scalars(text(sql), {"name": f"core.{table}", "count": count})]


def copy_states(session: WorkSession, states: Iterable[StateRow]) -> None:
    """Write states in one statement: each has the whole change checked anew."""
    columns = "grid_state(grid_id, code, name, kind, parent_id, path, shape_id, search, noded, valid, change_id)"
    copy_rows(session, columns, states)


def write_shapes(session: WorkSession, polygons: Geometries) -> list[int]:
    """Rows of shapes for lattice polygons; returns their ids."""
    ids = new_ids(session, "grid_shape", len(polygons))
    labels = _hex(shapely.points(_degrees(label_points(polygons))))
    numbers = fingerprints(polygons).tolist()
    areas = area_m2(polygons).tolist()
    rows = zip(ids, _outlines(polygons), numbers, [MIXER] * len(ids), areas, labels, strict=True)
    copy_rows(session, "grid_shape(id, geom, fingerprint, mixer, area_m2, label)", rows)
    return ids


def _degrees(points: Integers) -> Any:
    return points / SCALE


def _outlines(polygons: Geometries) -> Iterator[str]:
    """The outlines as the database reads them, made as they are asked for: together they take more than all else."""
    for at in range(0, len(polygons), AT_ONCE):
        yield from _hex(to_degrees(polygons[at : at + AT_ONCE]))


def _hex(geometries: Any) -> list[str]:
    return list(shapely.to_wkb(shapely.set_srid(geometries, SRID), hex=True, include_srid=True))
