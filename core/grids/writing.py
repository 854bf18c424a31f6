"""The one way in which grids are written: a recorded change, under the lock of the coverage, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from sqlalchemy import text

from core import clock
from core.db.base import new_id
from core.db.copying import copy_rows
from core.db.session import WorkSession
from core.errors import Conflict, Objection, Refused
from core.grids import hanging, voices
from core.grids.acts import Act, Renewal
from core.grids.heirs import heirs_of
from core.grids.models import GridChange
from core.grids.moments import moment_of
from core.grids.paths import Paths
from core.grids.reading import LEAF_NOW, load_shapes
from core.grids.rehoming import rehome, rows_below
from core.grids.spelling import search_text
from core.grids.storing import StateRow, copy_states, new_ids, write_shapes
from core.grids.voiding import mark, touched_tiles
from core.jobs.queue import enqueue
from core.text import noop as _
from gis.coverage import is_valid
from gis.lattice import as_array

REFRESH = "grids.refresh"


class Above(NamedTuple):
    """A grid under which something is born."""

    id: int
    path: str


class Kept(NamedTuple):
    """The present state of a grid that goes on otherwise."""

    grid_id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    path: str
    shape_id: int
    search: str


def apply_change(session: WorkSession, act: Act) -> GridChange:
    """Write a decided change: births, renewals, closures with what hangs on them, rows re-homed, tiles voided.

    :raises Conflict: when the tree changed since it was decided.
    :raises Refused: when an outline is no valid polygon, or somebody with a say objects or cannot follow.
    """
    change, facts = _write(session, act)
    against = voices.objections(session, facts)
    if against:
        raise Refused(_("There are objections to this change of the grids"), objections=against)
    voices.carry(session, facts)
    enqueue(session, REFRESH, once=REFRESH)
    return change


@contextmanager
def trial(session: WorkSession, act: Act) -> Iterator[tuple[GridChange, tuple[Objection, ...]]]:
    """Write a change, let the caller look at the city with it, and take it back.

    :raises Conflict: as `apply_change`; so does Refused, but objections are given beside the change.
    """
    savepoint = session.begin_nested()
    try:
        change, facts = _write(session, act)
        against = voices.objections(session, facts)
        voices.carry(session, facts)
        yield change, against
    finally:
        savepoint.rollback()


def hold_coverage(session: WorkSession) -> int:
    """Let every other change of the grids wait until this transaction ends; the version that stands now."""
    return int(session.scalar(text("select version from core.coverage for update")) or 0)


def _write(session: WorkSession, act: Act) -> tuple[GridChange, voices.GridChangeView]:
    _check_outlines(session, act)
    change = _open_change(session, act)
    above = _living_parents(session, act)
    kept = _kept_states(session, act)
    _lock_touched(session, [*kept, *(parent.id for parent in above.values()), *act.closures, *act.asked_again])
    ids = dict(zip((birth.code for birth in act.births), new_ids(session, "grid", len(act.births)), strict=True))
    heirs = heirs_of(session, act, ids)
    followed = _followed(session, act)
    _close(session, change, [*kept, *act.closures])
    _retire(session, change, act.closures)
    copy_rows(session, "grid(id, level, born_by)", ((ids[birth.code], birth.level, change.id) for birth in act.births))
    copy_states(session, _states(session, change, act, ids, above, kept))
    root = next((birth for birth in act.births if birth.parent is None), None)
    if root is not None:
        session.execute(text("update core.coverage set root_id = :id"), {"id": ids[root.code]})
    passed = hanging.pass_on(session, heirs) if heirs else {}
    change.counts = {
        "born": len(ids),
        "renewed": len(kept),
        "retired": len(act.closures),
        "ended": {name: ended for name, (ended, _copied) in passed.items()},
        "copied": {name: copied for name, (_ended, copied) in passed.items()},
        "rehomed": _rehome(session, act, ids, above, change.version),
        "followed": followed,
    }
    session.flush()
    renewed = tuple(renewal.grid_id for renewal in act.renewals if not renewal.noded)
    born = tuple(ids.values())
    retired = {grid_id: heirs.get(grid_id, ()) for grid_id in act.closures}
    facts = voices.GridChangeView(
        change.id, change.version, change.kind, change.reason, born, renewed, tuple(act.closures), retired
    )
    return change, facts


def _followed(session: WorkSession, act: Act) -> dict[str, int]:
    """How many rows lie in or below grids that go under another parent, by table."""
    moving = [renewal.grid_id for renewal in act.renewals if renewal.parent is not None]
    return {table: sum(rows.values()) for table, rows in rows_below(session, moving).items()} if moving else {}


def _check_outlines(session: WorkSession, act: Act) -> None:
    """Refuse what crosses or touches itself: a spike cancels out in every sum, so no proof would tell of it."""
    drawn = [renewal for renewal in act.renewals if renewal.polygon is not None]
    outlines = [*(birth.polygon for birth in act.births), *(renewal.polygon for renewal in drawn)]
    broken = np.flatnonzero(~is_valid(outlines)).tolist()
    if not broken:
        return
    births = len(act.births)
    if broken[0] < births:
        code = act.births[broken[0]].code
    else:
        sql = text("select code from core.grid_state where grid_id = :id and upper_inf(valid)")
        code = session.scalar(sql, {"id": drawn[broken[0] - births].grid_id})
    raise Refused(_("The outline of %(code)s is no valid polygon: mend where it crosses or touches itself"), code=code)


def _rehome(
    session: WorkSession, act: Act, ids: Mapping[str, int], above: Mapping[str, Above], version: int
) -> dict[str, int]:
    """Rows of touched grids go to the leaves that now stand there; those at a border that moved are asked for again."""
    parents = {birth.parent for birth in act.births}
    leaves = {ids[birth.code]: birth.polygon for birth in act.births if birth.code not in parents}
    renewed = {renewal.grid_id: renewal.polygon for renewal in act.renewals if renewal.polygon is not None}
    still = session.scalars(
        text(
            "select g from unnest(cast(:ids as bigint[])) g"
            " where not exists (select 1 from core.grid_state c where c.parent_id = g and upper_inf(c.valid))"
        ),
        {"ids": list(renewed)},
    ).all()
    leaves |= {grid_id: renewed[grid_id] for grid_id in still}
    asked = set(act.asked_again) - leaves.keys()
    if asked:
        where = f"s.grid_id = any(:ids) and {LEAF_NOW}"
        standing = load_shapes(session, where, {"ids": sorted(asked)})
        leaves |= dict(zip(standing.grid_ids.tolist(), standing.polygons, strict=True))
    left = [*still, *(parent.id for parent in above.values()), *act.closures, *asked]
    return rehome(session, left, as_array(list(leaves.values())), list(leaves), version)


def _open_change(session: WorkSession, act: Act) -> GridChange:
    """Lock the coverage, refuse what was decided on another version, count the version up."""
    version = hold_coverage(session)
    if version != act.base_version:
        raise Conflict(
            _("The grids changed while this was looked at; look at it again"),
            theirs={"version": version},
            mine={"version": act.base_version},
        )
    tiles = touched_tiles(session, act)
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
        all_tiles=tiles is None,
    )
    session.add(change)
    session.flush()
    mark(session, change.version, tiles or ())
    session.execute(text("update core.coverage set version = :version"), {"version": change.version})
    return change


def _living_parents(session: WorkSession, act: Act) -> dict[str, Above]:
    """The living grids under which something goes, by code."""
    own = {birth.code for birth in act.births}
    named = [*(birth.parent for birth in act.births), *(renewal.parent for renewal in act.renewals)]
    wanted = {code for code in named if code is not None} - own
    rows = session.execute(
        text("select code, grid_id, path::text from core.grid_state where code = any(:codes) and upper_inf(valid)"),
        {"codes": sorted(wanted)},
    )
    return {row[0]: Above(row[1], row[2]) for row in rows}


def _kept_states(session: WorkSession, act: Act) -> dict[int, Kept]:
    """The present states of all grids that go on otherwise: those renewed, and those below one that moves."""
    moved = [renewal.grid_id for renewal in act.renewals if renewal.parent is not None]
    rows = session.execute(
        text(
            "select s.grid_id, s.code, s.name, s.kind, s.parent_id, s.path::text, s.shape_id, s.search"
            " from core.grid_state s where upper_inf(s.valid) and s.grid_id <> all(:closures)"
            " and s.grid_id = any(array("
            "   select unnest(cast(:ids as bigint[])) union"
            "   select below.grid_id from core.grid_state m join core.grid_state below on below.path <@ m.path"
            "   where m.grid_id = any(:moved) and upper_inf(m.valid) and upper_inf(below.valid)))"
        ),
        {"ids": [renewal.grid_id for renewal in act.renewals], "moved": moved, "closures": list(act.closures)},
    )
    return {row[0]: Kept(*row) for row in rows}


def _lock_touched(session: WorkSession, touched: Sequence[int]) -> None:
    """Wait for reports that located into a touched grid (they hold it FOR KEY SHARE) and keep new ones out."""
    sql = text("select id from core.grid where id = any(:ids) order by id for update")
    session.execute(sql, {"ids": list(touched)})


def _close(session: WorkSession, change: GridChange, ids: Sequence[int]) -> None:
    """End the present states of grids with the change."""
    if ids:
        session.execute(
            text(
                "update core.grid_state set valid = tstzrange(lower(valid), :at), closed_by = :change"
                " where grid_id = any(:ids) and upper_inf(valid)"
            ),
            {"at": change.at, "change": change.id, "ids": list(ids)},
        )


def _retire(session: WorkSession, change: GridChange, ids: Sequence[int]) -> None:
    if ids:
        sql = text("update core.grid set retired_by = :change where id = any(:ids)")
        session.execute(sql, {"change": change.id, "ids": list(ids)})


def _states(
    session: WorkSession,
    change: GridChange,
    act: Act,
    ids: Mapping[str, int],
    above: Mapping[str, Above],
    kept: Mapping[int, Kept],
) -> list[StateRow]:
    """The states that begin with the change: of grids that go on, then of those born."""
    renewals = {renewal.grid_id: renewal for renewal in act.renewals}
    drawn = [renewal for renewal in act.renewals if renewal.polygon is not None]
    outlines = [*(renewal.polygon for renewal in drawn), *(birth.polygon for birth in act.births)]
    shapes = write_shapes(session, as_array(outlines)) if outlines else []
    shape_of = dict(zip((renewal.grid_id for renewal in drawn), shapes[: len(drawn)], strict=True))
    known = {code: parent.id for code, parent in above.items()} | dict(ids)
    paths = Paths(
        {parent.id: parent.path for parent in above.values()} | {grid_id: old.path for grid_id, old in kept.items()},
        {ids[birth.code]: None if birth.parent is None else known[birth.parent] for birth in act.births}
        | {renewal.grid_id: known[renewal.parent] for renewal in act.renewals if renewal.parent is not None},
    )
    span = f"[{change.at.isoformat()},)"
    states = []
    for old in kept.values():
        new = renewals.get(old.grid_id, Renewal(old.grid_id))
        code, name = new.code or old.code, new.name or old.name
        search = old.search if (code, name) == (old.code, old.name) else search_text(code, name)
        own = old.grid_id
        states.append(
            StateRow(
                own, code, name, new.kind or old.kind, paths.parent(own), paths.path(own),
                shape_of.get(own, old.shape_id), search, new.noded, span, change.id,
            )
        )  # fmt: skip
    for birth, shape in zip(act.births, shapes[len(drawn) :], strict=True):
        own = ids[birth.code]
        states.append(
            StateRow(
                own, birth.code, birth.name, birth.kind, paths.parent(own), paths.path(own), shape,
                search_text(birth.code, birth.name), False, span, change.id,
            )
        )  # fmt: skip
    return states
