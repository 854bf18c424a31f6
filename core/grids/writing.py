"""The one way in which grids are written: a recorded change, under the lock of the coverage, in one transaction."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from sqlalchemy import text

from core import clock
from core.db.base import new_id
from core.db.session import WorkSession
from core.errors import Conflict, Refused
from core.grids.acts import Act, Birth, Renewal
from core.grids.ending import end_with
from core.grids.labels import label_points
from core.grids.models import GridChange
from core.grids.moments import moment_of
from core.grids.rehoming import rehome
from core.grids.spelling import search_text
from core.jobs.queue import enqueue
from core.text import noop as _
from gis.chain import MIXER, fingerprints
from gis.coverage import is_valid
from gis.lattice import SCALE, SRID, Geometries, Integers, to_degrees
from gis.measure import area_m2

REFRESH = "grids.refresh"


class Above(NamedTuple):
    """A grid under which something is born."""

    id: int
    path: str


def apply_change(session: WorkSession, act: Act) -> GridChange:
    """Write a decided change: births, renewed outlines, closures with what hangs on them, rows re-homed, tiles voided.

    :raises Conflict: when the tree changed since it was decided.
    :raises Refused: when an outline is no valid polygon.
    """
    _check_outlines(session, act)
    change = _open_change(session, act)
    above = _living_parents(session, act)
    _lock_touched(session, act, above)
    if act.closures:
        _close(session, change, act.closures)
        session.execute(
            text("update core.grid set retired_by = :change where id = any(:ids)"),
            {"change": change.id, "ids": list(act.closures)},
        )
    ended = end_with(session, act.closures) if act.closures else {}
    if act.renewals:
        _renew(session, change, act.renewals)
    ids = _write_births(session, change, act.births, above)
    root = next((birth for birth in act.births if birth.parent is None), None)
    if root is not None:
        session.execute(text("update core.coverage set root_id = :id"), {"id": ids[root.code]})
    change.counts = {
        "born": len(ids),
        "renewed": len(act.renewals),
        "retired": len(act.closures),
        "ended": ended,
        "rehomed": _rehome(session, act, ids, above, change.version),
    }
    enqueue(session, REFRESH, once=REFRESH)
    return change


def _check_outlines(session: WorkSession, act: Act) -> None:
    """Refuse what crosses or touches itself: a spike cancels out in every sum, so no proof would tell of it."""
    outlines = [*(birth.polygon for birth in act.births), *(renewal.polygon for renewal in act.renewals)]
    broken = np.flatnonzero(~is_valid(outlines)).tolist()
    if not broken:
        return
    births = len(act.births)
    if broken[0] < births:
        code = act.births[broken[0]].code
    else:
        sql = text("select code from core.grid_state where grid_id = :id and upper_inf(valid)")
        code = session.scalar(sql, {"id": act.renewals[broken[0] - births].grid_id})
    raise Refused(_("The outline of %(code)s is no valid polygon: mend where it crosses or touches itself"), code=code)


def _rehome(
    session: WorkSession, act: Act, ids: Mapping[str, int], above: Mapping[str, Above], version: int
) -> dict[str, int]:
    """Rows of touched grids go to the leaves that now stand there; those at a border that moved are asked for again."""
    parents = {birth.parent for birth in act.births}
    leaves = {ids[birth.code]: birth.polygon for birth in act.births if birth.code not in parents}
    renewed = {renewal.grid_id: renewal.polygon for renewal in act.renewals}
    still = session.scalars(
        text(
            "select g from unnest(cast(:ids as bigint[])) g"
            " where not exists (select 1 from core.grid_state c where c.parent_id = g and upper_inf(c.valid))"
        ),
        {"ids": list(renewed)},
    ).all()
    leaves |= {grid_id: renewed[grid_id] for grid_id in still}
    left = [*still, *(parent.id for parent in above.values()), *act.closures]
    return rehome(session, left, np.array(list(leaves.values()), dtype=object), list(leaves), version)


def _open_change(session: WorkSession, act: Act) -> GridChange:
    """Lock the coverage, refuse what was decided on another version, count the version up."""
    version = session.scalar(text("select version from core.coverage for update"))
    if version != act.base_version:
        raise Conflict(
            _("The grids changed while this was looked at; look at it again"),
            theirs={"version": version},
            mine={"version": act.base_version},
        )
    change = GridChange(
        id=new_id(),
        version=act.base_version + 1,
        kind=act.kind,
        at=moment_of(session, act.valid_from),
        recorded_at=clock.now(),
        actor=session.actor.id,
        actor_name=session.actor.name,
        reason=act.reason,
        effective_on=act.effective_on,
        operations=[dict(operation) for operation in act.operations],
        counts={},
        all_tiles=True,
    )
    session.add(change)
    session.flush()
    session.execute(text("update core.coverage set version = :version"), {"version": change.version})
    return change


def _living_parents(session: WorkSession, act: Act) -> dict[str, Above]:
    """The living grids under which something is born, by code."""
    own = {birth.code for birth in act.births}
    wanted = {birth.parent for birth in act.births if birth.parent is not None} - own
    rows = session.execute(
        text("select code, grid_id, path::text from core.grid_state where code = any(:codes) and upper_inf(valid)"),
        {"codes": sorted(wanted)},
    )
    return {row[0]: Above(row[1], row[2]) for row in rows}


def _lock_touched(session: WorkSession, act: Act, above: Mapping[str, Above]) -> None:
    """Wait for reports that located into a touched grid (they hold it FOR KEY SHARE) and keep new ones out."""
    renewed = (renewal.grid_id for renewal in act.renewals)
    touched = [*renewed, *(parent.id for parent in above.values()), *act.closures]
    session.execute(text("select id from core.grid where id = any(:ids) order by id for update"), {"ids": touched})


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
    _close(session, change, list(rows))
    shapes = _write_shapes(session, np.array([renewal.polygon for renewal in renewals], dtype=object))
    states = []
    for renewal, shape in zip(renewals, shapes, strict=True):
        old = rows[renewal.grid_id]
        states.append(
            (
                renewal.grid_id, old.code, old.name, old.kind, old.parent_id, old.path, shape, old.search,
                renewal.noded, *_span(change),
            )
        )  # fmt: skip
    _copy_states(session, states)


def _close(session: WorkSession, change: GridChange, ids: Sequence[int]) -> None:
    """End the present states of grids with the change."""
    session.execute(
        text(
            "update core.grid_state set valid = tstzrange(lower(valid), :at), closed_by = :change"
            " where grid_id = any(:ids) and upper_inf(valid)"
        ),
        {"at": change.at, "change": change.id, "ids": list(ids)},
    )


def _write_births(
    session: WorkSession, change: GridChange, births: Sequence[Birth], above: Mapping[str, Above]
) -> dict[str, int]:
    """Rows of new grids; returns the id of each code."""
    ids = dict(zip((birth.code for birth in births), _new_ids(session, "grid", len(births)), strict=True))
    _copy(session, "grid(id, level, born_by)", ((ids[birth.code], birth.level, change.id) for birth in births))
    shapes = _write_shapes(session, np.array([birth.polygon for birth in births], dtype=object))
    known = dict(above)
    states = []
    for birth, shape in zip(births, shapes, strict=True):
        own = ids[birth.code]
        parent_id, path = known[birth.parent] if birth.parent is not None else (None, "")
        known[birth.code] = Above(own, f"{path}.{own}" if path else str(own))
        words = search_text(birth.code, birth.name)
        path = known[birth.code].path
        states.append((own, birth.code, birth.name, "base", parent_id, path, shape, words, False, *_span(change)))
    _copy_states(session, states)
    return ids


def _span(change: GridChange) -> tuple[str, Any]:
    return f"[{change.at.isoformat()},)", change.id


def _copy_states(session: WorkSession, states: Iterable[tuple[Any, ...]]) -> None:
    columns = "grid_state(grid_id, code, name, kind, parent_id, path, shape_id, search, noded, valid, change_id)"
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
