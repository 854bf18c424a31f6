"""The one way in which grids are written: a recorded change, under the lock of the coverage, in one transaction."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from core import clock
from core.audit.recorder import record
from core.db.base import new_id
from core.db.session import WorkSession
from core.errors import Conflict, Refused
from core.grids.draft import Prepared, Renewal
from core.grids.labels import label_points
from core.grids.models import SRID, GridChange
from core.grids.rehoming import rehome
from core.grids.spelling import search_text
from core.jobs.queue import enqueue
from core.text import noop as _
from gis.chain import MIXER, fingerprints
from gis.lattice import SCALE, Geometries, Integers, to_degrees
from gis.measure import area_m2

REFRESH = "grids.refresh"
TICK = dt.timedelta(microseconds=1)


def write_import(session: WorkSession, prepared: Prepared) -> GridChange:
    """Write a prepared import: births, renewed outlines, rows re-homed, tiles voided."""
    change = _open_change(session, prepared)
    _lock_touched(session, prepared)
    ids = dict(
        zip((birth.code for birth in prepared.births), _new_ids(session, "grid", len(prepared.births)), strict=True)
    )
    if prepared.renewals:
        _renew(session, change, prepared.renewals)
    paths = _write_births(session, change, prepared, ids)
    if prepared.parent_id is None:
        root = prepared.births[0]
        session.execute(text("update core.coverage set root_id = :id"), {"id": ids[root.code]})
    moved = _rehome(session, prepared, ids)
    change.counts = {"born": len(paths), "renewed": len(prepared.renewals), "rehomed": moved}
    record(
        session, "grid.import", "core.grid_change", str(change.id), after={**change.counts, "version": change.version}
    )
    enqueue(session, REFRESH, once=REFRESH)
    return change


def _rehome(session: WorkSession, prepared: Prepared, ids: dict[str, int]) -> dict[str, int]:
    """Rows of the parent go to the new leaves; those at a border that got vertices are asked for again."""
    parents = {birth.parent for birth in prepared.births}
    leaves = {ids[birth.code]: birth.polygon for birth in prepared.births if birth.code not in parents}
    renewed = {renewal.grid_id: renewal.polygon for renewal in prepared.renewals}
    still = session.scalars(
        text(
            "select g from unnest(cast(:ids as bigint[])) g"
            " where not exists (select 1 from core.grid_state c where c.parent_id = g and upper_inf(c.valid))"
        ),
        {"ids": list(renewed)},
    ).all()
    leaves |= {grid_id: renewed[grid_id] for grid_id in still}
    left = [*still, *([prepared.parent_id] if prepared.parent_id is not None else [])]
    return rehome(session, left, np.array(list(leaves.values()), dtype=object), list(leaves))


def _open_change(session: WorkSession, prepared: Prepared) -> GridChange:
    """Lock the coverage, refuse what was decided on another version, count the version up."""
    version = session.scalar(text("select version from core.coverage for update"))
    if version != prepared.base_version:
        raise Conflict(
            _("The grids changed while this import was looked at; look at it again"),
            theirs={"version": version},
            mine={"version": prepared.base_version},
        )
    options = prepared.options
    change = GridChange(
        id=new_id(),
        version=prepared.base_version + 1,
        kind="load",
        at=_moment(session, options.valid_from),
        recorded_at=clock.now(),
        actor=session.actor.id,
        actor_name=session.actor.name,
        reason=options.reason,
        operations=[{"op": "load", **options.as_json(), "method": prepared.method, "rows": prepared.rows}],
        counts={},
        all_tiles=True,
    )
    session.add(change)
    session.flush()
    session.execute(text("update core.coverage set version = :version, proof = null"), {"version": change.version})
    return change


def _lock_touched(session: WorkSession, prepared: Prepared) -> None:
    """Wait for reports that located into a touched grid (they hold it FOR KEY SHARE) and keep new ones out."""
    touched = [renewal.grid_id for renewal in prepared.renewals]
    if prepared.parent_id is not None:
        touched.append(prepared.parent_id)
    session.execute(text("select id from core.grid where id = any(:ids) order by id for update"), {"ids": touched})


def _moment(session: WorkSession, wanted: dt.datetime | None) -> dt.datetime:
    """From when the new states hold: always later than the latest change of the tree."""
    latest = session.scalar(text("select max(at) from core.grid_change"))
    if wanted is None:
        return max(clock.now(), latest + TICK) if latest else clock.now()
    if latest is not None and wanted <= latest:
        raise Refused(
            _("The grids can only hold from later than the latest change of the tree, %(latest)s"),
            latest=latest.isoformat(),
        )
    return wanted


def _new_ids(session: WorkSession, table: str, count: int) -> list[int]:
    sql = "select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)"
    return [int(n) for n in session.scalars(text(sql), {"name": f"core.{table}", "count": count})]


def _renew(session: WorkSession, change: GridChange, renewals: Sequence[Renewal]) -> None:
    """Close the states of grids whose outline got vertices, and open the same with the new shape."""
    rows = {
        row.grid_id: row
        for row in session.execute(
            text(
                "select grid_id, code, name, kind, parent_id, path::text as path, search from core.grid_state"
                " where grid_id = any(:ids) and upper_inf(valid) for update"
            ),
            {"ids": [renewal.grid_id for renewal in renewals]},
        )
    }
    session.execute(
        text(
            "update core.grid_state set valid = tstzrange(lower(valid), :at), closed_by = :change"
            " where grid_id = any(:ids) and upper_inf(valid)"
        ),
        {"at": change.at, "change": change.id, "ids": list(rows)},
    )
    shapes = _write_shapes(session, np.array([renewal.polygon for renewal in renewals], dtype=object))
    states = []
    for renewal, shape in zip(renewals, shapes, strict=True):
        old = rows[renewal.grid_id]
        states.append(
            (renewal.grid_id, old.code, old.name, old.kind, old.parent_id, old.path, shape, old.search, *_span(change))
        )
    _copy_states(session, states)


def _write_births(session: WorkSession, change: GridChange, prepared: Prepared, ids: dict[str, int]) -> dict[str, str]:
    """Rows of new grids; returns the path of each code."""
    births = prepared.births
    above: dict[str, tuple[int, str]] = {}
    if prepared.parent_id is not None:
        row = session.execute(
            text("select code, path::text from core.grid_state where grid_id = :id and upper_inf(valid) for update"),
            {"id": prepared.parent_id},
        ).one()
        above[row[0]] = (prepared.parent_id, row[1])
    _copy(session, "grid(id, level, born_by)", ((ids[birth.code], birth.level, change.id) for birth in births))
    shapes = _write_shapes(session, np.array([birth.polygon for birth in births], dtype=object))
    states = []
    for birth, shape in zip(births, shapes, strict=True):
        own = ids[birth.code]
        parent_id, path = above[birth.parent] if birth.parent is not None else (None, "")
        above[birth.code] = (own, f"{path}.{own}" if path else str(own))
        words = search_text(birth.code, birth.name)
        states.append(
            (own, birth.code, birth.name, "base", parent_id, above[birth.code][1], shape, words, *_span(change))
        )
    _copy_states(session, states)
    return {birth.code: above[birth.code][1] for birth in births}


def _span(change: GridChange) -> tuple[str, Any]:
    return f"[{change.at.isoformat()},)", change.id


def _copy_states(session: WorkSession, states: Iterable[tuple[Any, ...]]) -> None:
    columns = "grid_state(grid_id, code, name, kind, parent_id, path, shape_id, search, valid, change_id)"
    _copy(session, columns, states)


def _write_shapes(session: WorkSession, polygons: Geometries) -> list[int]:
    """Rows of shapes for lattice polygons; returns their ids."""
    ids = _new_ids(session, "grid_shape", len(polygons))
    outlines = _hex(to_degrees(polygons))
    labels = _hex(shapely.points(_degrees(label_points(polygons))))
    numbers = fingerprints(polygons).tolist()
    areas = area_m2(polygons).tolist()
    rows = zip(ids, outlines, numbers, [MIXER] * len(ids), areas, labels, strict=True)
    _copy(session, "grid_shape(id, geom, fingerprint, mixer, area_m2, label)", rows)
    return ids


def _degrees(points: Integers) -> Any:
    return points / SCALE


def _hex(geometries: Any) -> list[str]:
    return list(shapely.to_wkb(shapely.set_srid(geometries, SRID), hex=True, include_srid=True))


def _copy(session: WorkSession, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Bulk insert by COPY into a table of schema ``core``."""
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(_field(value) for value in row))
        buffer.write("\n")
    buffer.seek(0)
    raw = session.connection().connection.cursor()
    raw.copy_expert(f"copy core.{target} from stdin", buffer)
    raw.close()


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    text_ = str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text_ = text_.replace(plain, escaped)
    return text_
