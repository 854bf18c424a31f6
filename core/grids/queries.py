"""Reads of the coverage: one grid, its children, the tree, its history, today or as of any past moment.

A grid bears a code, or bore it last; functions that begin with ``known_`` refuse where the same without it gives none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.asof import AsOf, bound, holds
from core.grids.views import ChangeView, CoverageView, GridView, StateView, TreeRow
from core.text import noop as _
from core.text import storable

VIEW = """
select s.grid_id, s.id, s.code, s.name, g.level, s.kind, s.parent_id, s.path::text, up.codes, up.names,
  sh.area_m2, st_x(sh.label), st_y(sh.label),
  (select count(*) = 0 from core.grid_state c where c.parent_id = s.grid_id and {holds_c}),
  lower(s.valid), {version}
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
cross join lateral (
  select array_agg(a.code order by step.n) as codes, array_agg(a.name order by step.n) as names
  from unnest(string_to_array(s.path::text, '.')::bigint[]) with ordinality as step(id, n)
  join core.grid_state a on a.grid_id = step.id and {holds_a}
) up
where {where} and {holds_s}
{tail}
"""
NO_SUCH_GRID: Final = _("There is no grid with the code %(code)s")
VERSION_NOW = "(select version from core.coverage)"
VERSION_THEN = "(select coalesce(max(version), 0) from core.grid_change where at <= :at)"

LINES = """
select s.grid_id, s.code, s.name, g.level, p.code, {leaves}, s.parent_id
from core.grid_state s
join core.grid g on g.id = s.grid_id
left join core.grid_state p on p.grid_id = s.parent_id and {holds_p}
where {where} and {holds_s}
order by s.code collate "C"
"""
LEAVES = """
case when (select count(*) = 0 from core.grid_state c where c.parent_id = s.grid_id and {holds_c}) then 0 else (
  select count(*) - count(distinct b.parent_id) filter (where b.grid_id <> s.grid_id)
  from core.grid_state b where b.path <@ s.path and {holds_b}) end
"""
"""How many leaves lie below: all at and below it but the parents among them. Nought for a leaf.

Nowhere an ``exists``: PostgreSQL expects it to find something early on, and reads all states for each leaf.
"""

HISTORY = """
select s.id, s.code, s.name, s.kind, sh.area_m2, lower(s.valid), upper(s.valid),
  c.version, c.id, c.kind, c.reason, c.actor, c.actor_name, s.noded, c.effective_on, p.id,
  (select count(*) from core.grid_state b join core.grid g on g.id = b.grid_id
   where b.parent_id = s.grid_id and b.change_id = c.id and g.born_by = c.id),
  (select count(*) from core.grid_state b join core.grid g on g.id = b.grid_id
   where b.parent_id = s.grid_id and upper(b.valid) = lower(s.valid) and g.retired_by = c.id)
from core.grid_state s
join core.grid_shape sh on sh.id = s.shape_id
join core.grid_change c on c.id = s.change_id
left join core.grid_plan p on p.change_id = c.id
where s.grid_id = :id
order by lower(s.valid) desc
"""
LATEST = """
select c.id, c.version, c.at, c.kind, c.reason, p.id, p.title
from core.grid_change c left join core.grid_plan p on p.change_id = c.id
order by c.version desc limit :limit
"""


def grid_by_code(session: WorkSession, code: str, as_of: AsOf = None) -> GridView | None:
    """The grid that bears ``code`` at that moment."""
    return _first(read_views(session, "s.code = :code", {"code": storable(code)}, as_of))


def known_grid(session: WorkSession, code: str, as_of: AsOf = None) -> GridView:
    """The grid that bears ``code`` at that moment.

    :raises NotFound: where there is none.
    """
    found = grid_by_code(session, code, as_of)
    if found is None:
        raise NotFound(NO_SUCH_GRID, code=code)
    return found


def grid_by_id(session: WorkSession, grid_id: int, as_of: AsOf = None) -> GridView | None:
    """The grid of that identity, when it lives at that moment."""
    return _first(read_views(session, "s.grid_id = :id", {"id": grid_id}, as_of))


def grids_by_ids(session: WorkSession, ids: Iterable[int], as_of: AsOf = None) -> dict[int, GridView]:
    """The living grids among ``ids``, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    views = read_views(session, "s.grid_id = any(:ids)", {"ids": wanted}, as_of)
    return {view.id: view for view in views}


def children(session: WorkSession, code: str | None, as_of: AsOf = None) -> list[GridView]:
    """The grids right below ``code``, by code; with ``None`` the root alone."""
    tail = 'order by s.code collate "C"'
    if code is None:
        return read_views(session, "s.parent_id is null", {}, as_of, tail)
    return read_views(session, f"s.parent_id = {_id_of_code(as_of)}", {"code": storable(code)}, as_of, tail)


def tree(session: WorkSession, code: str | None = None, as_of: AsOf = None) -> list[TreeRow]:
    """The grid and all below it (without ``code`` all), parents before children, siblings by code."""
    where = "true"
    if code is not None:
        where = f"s.path <@ (select q.path from core.grid_state q where q.code = :code and {holds('q', as_of)})"
    rows = _lines(session, code, as_of, where, "0")
    below: dict[int | None, list[TreeRow]] = {}
    for row, parent_id in rows:
        below.setdefault(parent_id, []).append(row)
    ids = {row.id for row, _ in rows}
    waiting = [row for row, parent_id in reversed(rows) if parent_id not in ids]
    ordered = []
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting.extend(reversed(below.get(row.id, [])))
    leaves: dict[int, int] = {}
    for row in reversed(ordered):
        leaves[row.id] = sum(leaves[child.id] for child in below.get(row.id, [])) or 1
    return [replace(row, leaves=leaves[row.id], leaf=row.id not in below) for row in ordered]


def branches(session: WorkSession, code: str | None, as_of: AsOf = None) -> list[TreeRow]:
    """The lines right below ``code`` with their leaves counted; with ``None`` the root's line."""
    where = "s.parent_id is null" if code is None else f"s.parent_id = {_id_of_code(as_of)}"
    return [row for row, _ in _lines(session, code, as_of, where, LEAVES)]


def numbers_below(session: WorkSession, code: str, as_of: AsOf = None) -> tuple[int, int]:
    """How many children the grid has, and how many leaves lie at or below it."""
    sql = f"""
        with top as (select q.grid_id, q.path from core.grid_state q where q.code = :code and {holds("q", as_of)})
        select count(*) filter (where s.parent_id = top.grid_id),
          count(*) - count(distinct s.parent_id) filter (where s.grid_id <> top.grid_id)
        from core.grid_state s, top where s.path <@ top.path and {holds("s", as_of)}
    """
    row = session.execute(text(sql), {"code": storable(code), **bound(session, as_of)}).one()
    return row[0], row[1]


def root_id(session: WorkSession) -> int | None:
    """The id of the root; ``None`` while there is no grid."""
    found: int | None = session.scalar(text("select root_id from core.coverage"))
    return found


def is_empty(session: WorkSession) -> bool:
    """Whether there is no grid yet."""
    return root_id(session) is None


def coverage_state(session: WorkSession, as_of: AsOf = None) -> CoverageView:
    """Version, root, grids by level, leaves, extent, and what the last full proof said, which is of now alone."""
    values = bound(session, as_of)
    known = VERSION_NOW if as_of is None else VERSION_THEN
    version, proof = session.execute(text(f"select {known}, proof from core.coverage"), values).one()
    sql = f"""
        select g.level, count(*), count(*) filter (where (
          select count(*) = 0 from core.grid_state c where c.parent_id = s.grid_id and {holds("c", as_of)}))
        from core.grid_state s join core.grid g on g.id = s.grid_id where {holds("s", as_of)} group by 1
    """
    counts = session.execute(text(sql), values).all()
    root = _first(children(session, None, as_of))
    return CoverageView(
        version=version,
        root=root,
        levels={level: n for level, n, _ in counts},
        leaves=sum(n for _, _, n in counts),
        extent=extent_of(session, root.code, as_of) if root else None,
        proof=proof if as_of is None else None,
    )


def extent_of(session: WorkSession, code: str, as_of: AsOf = None) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees of a grid; ``None`` where there is no such grid."""
    sql = f"""
        select st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b) from (
          select st_envelope(sh.geom) as b from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id
          where s.code = :code and {holds("s", as_of)}) as box
    """
    row = session.execute(text(sql), {"code": storable(code), **bound(session, as_of)}).first()
    return (row[0], row[1], row[2], row[3]) if row else None


def extent_below(session: WorkSession, paths: Iterable[str]) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees of all living grids at these ``ltree`` paths together."""
    sql = """
        select st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b) from (
          select st_extent(sh.geom) as b from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id
          where s.path = any(cast(:paths as ltree[])) and upper_inf(s.valid)) as box where b is not null
    """
    row = session.execute(text(sql), {"paths": sorted(set(paths))}).first()
    return (row[0], row[1], row[2], row[3]) if row else None


def tops(session: WorkSession, paths: Iterable[str]) -> list[GridView]:
    """The living grids at these ``ltree`` paths that lie under no other of them, by code."""
    wanted = set(paths)
    ids = (int(path.rpartition(".")[2]) for path in wanted if not any(path.startswith(f"{top}.") for top in wanted))
    return sorted(grids_by_ids(session, ids).values(), key=lambda grid: grid.code)


def outline(session: WorkSession, code: str, as_of: AsOf = None) -> dict[str, Any] | None:
    """The exact outline as a GeoJSON geometry, seven decimals; ``None`` where there is no such grid."""
    sql = f"""
        select st_asgeojson(sh.geom, 7, 0) from core.grid_state s join core.grid_shape sh on sh.id = s.shape_id
        where s.code = :code and {holds("s", as_of)}
    """
    found = session.scalar(text(sql), {"code": storable(code), **bound(session, as_of)})
    return json.loads(found) if found else None


def last_bearer(session: WorkSession, code: str) -> int | None:
    """Id of the grid that bears the code, else of the one that bore it last."""
    sql = "select grid_id from core.grid_state where code = :code order by upper(valid) desc nulls first limit 1"
    found: int | None = session.scalar(text(sql), {"code": storable(code)})
    return found


def known_last_bearer(session: WorkSession, code: str) -> int:
    """The grid that bears the code, else the one that bore it last.

    :raises NotFound: when no grid ever bore it.
    """
    found = last_bearer(session, code)
    if found is None:
        raise NotFound(NO_SUCH_GRID, code=code)
    return found


def history(session: WorkSession, grid_id: int) -> list[StateView]:
    """Every period of the grid's life, newest first."""
    return [StateView(*row) for row in session.execute(text(HISTORY), {"id": grid_id})]


def latest_changes(session: WorkSession, limit: int) -> list[ChangeView]:
    """The latest changes of the coverage, the oldest of them first."""
    rows = session.execute(text(LATEST), {"limit": limit}).all()
    return [ChangeView(*row) for row in reversed(rows)]


def read_views(
    session: WorkSession, where: str, values: dict[str, Any], as_of: AsOf = None, tail: str = ""
) -> list[GridView]:
    """Views of the states ``s`` that hold then and meet the condition ``where`` (our own SQL, never input)."""
    sql = VIEW.format(
        where=where,
        tail=tail,
        version=VERSION_NOW if as_of is None else VERSION_THEN,
        holds_s=holds("s", as_of),
        holds_a=holds("a", as_of),
        holds_c=holds("c", as_of),
    )
    rows = session.execute(text(sql), {**values, **bound(session, as_of)})
    return [_view(*row) for row in rows]


def _view(*values: Any) -> GridView:
    fields = list(values)
    fields[8:10] = tuple(values[8]), tuple(values[9])
    return GridView(*fields)


def _id_of_code(as_of: AsOf) -> str:
    """SQL of the grid that bears ``:code`` at that moment."""
    return f"(select q.grid_id from core.grid_state q where q.code = :code and {holds('q', as_of)})"


def _lines(
    session: WorkSession, code: str | None, as_of: AsOf, where: str, counted: str
) -> list[tuple[TreeRow, int | None]]:
    """Lines by code, each with the id of its parent; without leaves ``counted`` all look like leaves."""
    values = bound(session, as_of) if code is None else {"code": storable(code), **bound(session, as_of)}
    then = {f"holds_{alias}": holds(alias, as_of) for alias in "sbcp"}
    sql = LINES.format(where=where, leaves=counted.format(**then), **then)
    rows = session.execute(text(sql), values)
    return [(TreeRow(row[0], row[1], row[2], row[3], row[4], row[5] or 1, not row[5]), row[6]) for row in rows]


def _first(views: Sequence[GridView]) -> GridView | None:
    return views[0] if views else None
