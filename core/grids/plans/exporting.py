"""The grids that a plan changes as a file: as they are, and as they would be, or were and are where it was applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import RowMapping, text

from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.gistext import explained
from core.grids.exporting import ExportOptions, export_grids
from core.grids.plans.holding import checked_plan, place_of
from core.grids.plans.queries import plan_by_id, plan_row
from core.grids.writing import hold_coverage, trial
from gis.formats import write_layer
from gis.formats.draft import drafted

COLUMNS: Final = ("code", "name", "level", "parent", "area_m2", "change")
ROWS: Final = """
select st_asbinary(sh.geom) as shape, s.code, s.name, g.level, p.code as parent,
  round(sh.area_m2::numeric, 3)::float8 as area_m2, {change} as change
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
left join lateral (
  select up.code from core.grid_state up where up.grid_id = s.parent_id and {above}
  order by upper(up.valid) desc nulls first limit 1
) p on true
where {where}
order by s.path
"""
AFTER: Final = ROWS.format(
    change="case when g.born_by = :change then 'born' when s.noded then 'noded' else 'changed' end",
    above="up.closed_by is distinct from :change",
    where="s.change_id = :change",
)
DIVIDED: Final = """(exists (
    select 1 from core.grid_state c join core.grid b on b.id = c.grid_id
    where c.parent_id = s.grid_id and c.change_id = :change and b.born_by = :change)
  and not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and c.change_id <> :change))"""
"""It had no grids below it before the change, and goes on as the parent of those born."""
BEFORE: Final = ROWS.format(
    change=f"""case when g.retired_by = :change then 'retired' when {DIVIDED} then 'divided'
      when exists (select 1 from core.grid_state n where n.grid_id = s.grid_id and n.change_id = :change and n.noded)
      then 'noded' else 'changed' end""",
    above="up.change_id <> :change",
    where=f"s.closed_by = :change or (s.change_id <> :change and upper_inf(s.valid) and {DIVIDED})",
)


def export_plan(session: WorkSession, plan_id: UUID, target: Path) -> tuple[int, int]:
    """Write the layers ``before`` and ``after`` into a GeoPackage; returns how many grids each has.

    Of a plan that is not applied yet it is what applying it now would make: done inside a savepoint and taken back.
    Objections to it stop nothing: whoever discusses them needs the file.

    :raises NotFound: where there is no such plan.
    :raises Refused: when an operation does not fit, or the file cannot be written.
    """
    require(session.actor, "grid.export")
    with _applied(session, plan_id) as change:
        layers = {name: _rows(session, sql, change) for name, sql in (("before", BEFORE), ("after", AFTER))}
    with explained(), drafted(target) as draft:
        for number, (name, rows) in enumerate(layers.items()):
            geometries = shapely.from_wkb(np.array([bytes(row["shape"]) for row in rows], dtype=object))
            fields = {column: [row[column] for row in rows] for column in COLUMNS}
            write_layer(draft, name, geometries, fields, append=number > 0)
    after = {name: len(rows) for name, rows in layers.items()}
    record(session, "plan.export", "core.grid_plan", str(plan_id), after={**after, "file": target.name})
    return len(layers["before"]), len(layers["after"])


def export_leaves(session: WorkSession, plan_id: UUID, target: Path) -> str:
    """Write the leaves of a plan's grid as the city has them; returns the code of that grid.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    :raises Refused: when that grid is retired, or the file cannot be written.
    """
    require(session.actor, "grid.export")
    code = place_of(session, plan_row(session, plan_id)).code
    export_grids(session, code, target, ExportOptions())
    return code


def _rows(session: WorkSession, sql: str, change: UUID) -> Sequence[RowMapping]:
    return session.execute(text(sql), {"change": change}).mappings().all()


@contextmanager
def _applied(session: WorkSession, plan_id: UUID) -> Iterator[UUID]:
    """The change that the plan became, else one that is taken back after the block."""
    plan = plan_by_id(session, plan_id)
    if plan.change_id is not None:
        yield plan.change_id
        return
    checked = checked_plan(session, plan_id)
    act = checked.outcome.act(hold_coverage(session), checked.operations, "")
    with trial(session, act) as (change, _against):
        yield change.id
