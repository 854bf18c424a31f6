"""Grids as features for other programs: by place, moment and property, page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import RowMapping, text

from core import clock
from core.db.session import WorkSession
from core.grids.queries import last_bearer
from core.text import storable
from gis.lattice import SRID, Geometries

LEAVES: Final = "leaves"
FILTERS: Final = ("code", "name", "level", "parent", "kind")
"""Properties that can be asked for, each by the whole value."""
LARGEST_ID: Final = 2**63 - 1

ROWS: Final = """
with held as (
  select distinct on (s.grid_id) s.*, s.valid * cast(:during as tstzrange) as then
  from core.grid_state s where s.valid && cast(:during as tstzrange) {one}
  order by s.grid_id, lower(s.valid) desc
), parents as materialized (
  select distinct c.parent_id from core.grid_state c where c.valid && cast(:during as tstzrange)
), told as (
  select s.grid_id, s.code, s.name, g.level, s.kind, lower(s.valid) as valid_from, s.shape_id, (
      select p.code from core.grid_state p where p.grid_id = s.parent_id and p.valid && s.then
      order by lower(p.valid) desc limit 1) as parent,
    not exists (select 1 from parents u where u.parent_id = s.grid_id) as leaf
  from held s join core.grid g on g.id = s.grid_id
)
"""
PAGE: Final = (
    ROWS
    + """
select t.grid_id, t.code, t.name, t.level, t.kind, t.parent, t.leaf, t.valid_from,
  round(sh.area_m2::numeric, 3)::float8 as area_m2, st_asbinary(sh.geom) as shape
from told t join core.grid_shape sh on sh.id = t.shape_id
where {where} and t.grid_id > :after order by t.grid_id limit :limit
"""
)
COUNT: Final = ROWS + "select count(*) from told t join core.grid_shape sh on sh.id = t.shape_id where {where}"


@dataclass(frozen=True)
class FeatureQuery:
    """Which grids.

    :param level: one level, ``LEAVES``, or unset: all levels.
    :param area: in degrees of EPSG:4490; grids that touch it.
    :param during: first and last moment: of each grid the latest state inside; unset: now.
    :param equal: property of ``FILTERS`` → its value.
    :param after: id of the grid after which the page begins.
    """

    level: str | None = None
    area: shapely.Geometry | None = None
    during: tuple[dt.datetime | None, dt.datetime | None] | None = None
    equal: Mapping[str, str] = field(default_factory=dict)
    after: int = 0
    limit: int = 500


@dataclass(frozen=True)
class FeaturePage:
    """Some grids, by id.

    :param rows: id, code, name, level, kind, parent, leaf, valid_from and area_m2 of each.
    :param geometries: their outlines in degrees, object[n].
    :param matched: how many there are in all.
    :param following: where the next page begins; ``None`` at the end.
    """

    rows: tuple[RowMapping, ...]
    geometries: Geometries
    matched: int
    following: int | None


def find_features(session: WorkSession, query: FeatureQuery) -> FeaturePage:
    """The page that is asked for."""
    where, values = _conditions(query)
    values |= {"after": query.after, "limit": query.limit + 1}
    rows = session.execute(text(PAGE.format(where=where, one="")), values).mappings().all()
    matched = int(session.scalar(text(COUNT.format(where=where, one="")), values) or 0)
    page = tuple(rows[: query.limit])
    more = page[-1]["grid_id"] if len(rows) > query.limit else None
    return FeaturePage(page, _shapes(page), matched, more)


def find_feature(session: WorkSession, key: str, query: FeatureQuery) -> FeaturePage:
    """The one grid that bears a code, or bore it, or has that id; at most one, none where the query excludes it."""
    ids = [last_bearer(session, storable(key))]
    if key.isascii() and key.isdecimal() and len(key) <= len(str(LARGEST_ID)) and int(key) <= LARGEST_ID:
        ids.append(int(key))
    grid_id = next((found for found in ids if found is not None), -1)
    where, values = _conditions(query)
    values |= {"after": 0, "limit": 1, "grid": grid_id}
    rows = session.execute(text(PAGE.format(where=where, one="and s.grid_id = :grid")), values).mappings().all()
    return FeaturePage(tuple(rows), _shapes(rows), len(rows), None)


def first_change(session: WorkSession) -> dt.datetime | None:
    """The moment of the first change of the city."""
    found: dt.datetime | None = session.scalar(text("select min(at) from core.grid_change"))
    return found


def _conditions(query: FeatureQuery) -> tuple[str, dict[str, Any]]:
    """SQL and its values; every name in the SQL is ours."""
    start, end = query.during or (clock.now(),) * 2
    values: dict[str, Any] = {"during": f"[{_edge(start)},{_edge(end)}]"}
    conditions = ["true"]
    if query.level == LEAVES:
        conditions.append("t.leaf")
    elif query.level:
        conditions.append("t.level = :at_level")
        values["at_level"] = query.level
    for name, value in query.equal.items():
        assert name in FILTERS
        conditions.append(f"t.{name} = :is_{name}")
        values[f"is_{name}"] = storable(value)
    if query.area is not None:
        conditions.append("st_intersects(sh.geom, st_geomfromwkb(:area, :srid))")
        values |= {"area": shapely.to_wkb(query.area), "srid": SRID}
    return " and ".join(conditions), values


def _edge(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _shapes(rows: Any) -> Geometries:
    return np.asarray(shapely.from_wkb(np.array([bytes(row["shape"]) for row in rows], dtype=object)), dtype=object)
