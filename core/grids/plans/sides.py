"""Both sides of a plan for maps: what it changes, before and after, with what lies around."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import shapely
from sqlalchemy import text

from core.db.session import WorkSession
from core.grids.levels import depth
from core.grids.models import GridChange
from core.grids.moments import TICK
from core.grids.plans.operations import parse_operation
from core.grids.plans.outcome import Outcome, outcome_of
from core.grids.plans.queries import CHANGED_PAIRS, plan_by_id
from core.grids.plans.replaying import replay
from core.grids.plans.views import PlanView
from core.grids.plans.working import Node, WorkingCopy
from core.grids.reading import LEAF
from gis.lattice import as_array, from_degrees

MOST_AROUND: Final = 300
"""Grids around that are shown beside those that change."""

Fate = Literal["kept", "changed", "born", "retired", "divided"]

ABOVE_THEN = """array(
  select u.name from unnest(string_to_array(s.path::text, '.')::bigint[]) with ordinality up(id, depth)
  join core.grid_state u on u.grid_id = up.id and u.valid @> cast(:at as timestamptz)
  where u.grid_id <> s.grid_id order by up.depth desc)"""
LEAVES_THEN = f"""
with pair as ({CHANGED_PAIRS}), own as (
  select s.grid_id, sh.geom from pair join core.grid_state s on s.id in (pair.before_id, pair.after_id)
  join core.grid_shape sh on sh.id = s.shape_id
  where not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and c.valid @> lower(s.valid))
    or not exists (
      select 1 from core.grid_state c where c.parent_id = s.grid_id and c.valid @> cast(:after as timestamptz))
)
select s.code, s.name, g.level, g.born_by = :change as born, coalesce(g.retired_by = :change, false) as retired,
  exists (select 1 from core.grid_state c where c.parent_id = s.grid_id and c.valid @> cast(:after as timestamptz))
    as divided,
  exists (select 1 from pair where pair.grid_id = s.grid_id) as changed,
  {ABOVE_THEN} as above, st_asbinary(sh.geom)
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
where s.valid @> cast(:at as timestamptz)
  and {LEAF.format(holds="c.valid @> cast(:at as timestamptz)")}
  and sh.geom && (select st_expand(st_setsrid(st_extent(geom)::geometry, 4490), 0.0005) from own)
order by (exists (select 1 from pair where pair.grid_id = s.grid_id)) desc, s.code
limit :most
"""
UPPERS_THEN = f"""
with pair as ({CHANGED_PAIRS}), own as (
  select pair.* from pair
  join core.grid_state b on b.id = pair.before_id join core.grid_state a on a.id = pair.after_id
  where (b.code, b.name, b.kind, b.parent_id) is distinct from (a.code, a.name, a.kind, a.parent_id)
    and exists (
      select 1 from core.grid_state c where c.parent_id = b.grid_id and c.valid @> cast(:before as timestamptz))
    and exists (
      select 1 from core.grid_state c where c.parent_id = a.grid_id and c.valid @> cast(:after as timestamptz))
), shown as (
  select grid_id from own union select pair.grid_id from pair, pair moved
  where moved.old_parent <> moved.new_parent and pair.grid_id in (moved.old_parent, moved.new_parent)
)
select s.code, s.name, g.level, s.grid_id in (select grid_id from shown) as changed,
  {ABOVE_THEN} as above, st_asbinary(sh.geom)
from core.grid_state s
join core.grid g on g.id = s.grid_id
join core.grid_shape sh on sh.id = s.shape_id
where s.valid @> cast(:at as timestamptz) and (s.grid_id in (select grid_id from shown)
  or s.parent_id not in (select grid_id from shown) and s.parent_id in (
    select up.parent_id from core.grid_state up where up.grid_id in (select grid_id from shown)
      and up.valid @> cast(:at as timestamptz)))
order by 4 desc, nlevel(s.path), s.code
limit :most
"""


@dataclass(frozen=True)
class SideGrid:
    """A grid before or after a plan.

    :param above: names of the grids above it on that side, the nearest first.
    """

    code: str
    name: str
    level: str
    fate: Fate
    above: tuple[str, ...]
    polygon: Any


Side = list[SideGrid]


def plan_sides(session: WorkSession, plan_id: UUID) -> tuple[Side, Side]:
    """What a plan changes, before and after, with what lies around: leaves, and the grids above them that get another
    name, code or parent, which come first. Of an applied plan as they were then.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    """
    plan = plan_by_id(session, plan_id)
    return _sides_then(session, plan.change_id) if plan.change_id is not None else _sides_drawn(session, plan)


def _sides_drawn(session: WorkSession, plan: PlanView) -> tuple[Side, Side]:
    copy, _done, _misfits = replay(session, [parse_operation(value) for value in plan.operations])
    outcome = outcome_of(copy)
    uppers = _uppers(outcome)
    then = {node.code: node for node in copy.origins.values()}
    now = ChainMap(copy.nodes, then)
    before = [
        *(_side(node, "retired", then) for node in outcome.retired if node.leaf),
        *(_side(node, "divided", then) for node in outcome.divided),
        *(_side(node, "changed", then) for node, _after in outcome.changed if node.leaf),
    ]
    after = [
        *(_side(node, "born", now) for node in outcome.born if node.leaf),
        *(_side(node, "changed", now) for _before, node in outcome.changed if node.leaf),
    ]
    own = {grid.code for grid in (*before, *after)} | {node.code for pair in uppers for node in pair}
    near = [*_around(copy, [*before, *after]), *_beside(copy, uppers)]
    rest = list({node.code: _side(node, "kept", now) for node in near if node.code not in own}.values())[:MOST_AROUND]
    olds, news = ([_side(pair[i], "changed", (then, now)[i]) for pair in uppers] for i in (0, 1))
    return [*olds, *before, *rest], [*news, *after, *rest]


def _uppers(outcome: Outcome) -> list[tuple[Node, Node]]:
    """(before, after) of the grids above leaves that are not only redrawn because leaves below them are; with one that
    goes under another parent both parents. The highest come first.
    """
    above = [(before, after) for before, after in outcome.changed if not before.leaf]
    own = [pair for pair in above if _facts(pair[0]) != _facts(pair[1])]
    moved = [pair for pair in outcome.changed if pair[0].parent != pair[1].parent]
    left, entered = {before.parent for before, _after in moved}, {after.parent for _before, after in moved}
    shown = [pair for pair in above if pair in own or pair[0].code in left or pair[1].code in entered]
    return sorted(shown, key=lambda pair: (depth(pair[1].level), pair[1].code))


def _facts(node: Node) -> tuple[str | None, ...]:
    return node.code, node.name, node.kind, node.parent


def _around(copy: WorkingCopy, sides: Side) -> list[Node]:
    return copy.around([grid.polygon for grid in sides]) if sides else []


def _beside(copy: WorkingCopy, uppers: Sequence[tuple[Node, Node]]) -> list[Node]:
    """The grids beside those that change above the leaves, without what lies in them."""
    nodes = [node for pair in uppers for node in pair]
    parents = {node.parent for node in nodes if node.parent} - {node.code for node in nodes}
    return [node for code in sorted(parents) for node in copy.below(code)]


def _side(node: Node, fate: Fate, known: Mapping[str, Node]) -> SideGrid:
    above = []
    upper = known.get(node.parent or "")
    while upper is not None:
        above.append(upper.name)
        upper = known.get(upper.parent or "")
    return SideGrid(node.code, node.name, node.level, fate, tuple(above), node.polygon)


def _sides_then(session: WorkSession, change_id: UUID) -> tuple[Side, Side]:
    change = session.get_one(GridChange, change_id)
    before = change.at - TICK
    values = {"change": change.id, "before": before, "after": change.at, "most": 2 * MOST_AROUND}
    return (
        _side_at(session, {**values, "at": before}, "retired"),
        _side_at(session, {**values, "at": change.at}, "born"),
    )


def _side_at(session: WorkSession, values: dict[str, Any], own: Fate) -> Side:
    uppers = session.execute(text(UPPERS_THEN), values).all()
    leaves = session.execute(text(LEAVES_THEN), values).all()
    fates: list[Fate] = ["changed" if row.changed else "kept" for row in uppers]
    fates += [_fate_then(row, own) for row in leaves]
    rows = [*uppers, *leaves]
    polygons = from_degrees(shapely.from_wkb([bytes(row[-1]) for row in rows])) if rows else as_array([])
    found: dict[str, SideGrid] = {}
    for row, fate, polygon in zip(rows, fates, polygons, strict=True):
        if row.code not in found or fate != "kept":
            found[row.code] = SideGrid(row.code, row.name, row.level, fate, tuple(row.above), polygon)
    return list(found.values())


def _fate_then(row: Any, own: Fate) -> Fate:
    if own == "retired":
        return "retired" if row.retired else "divided" if row.divided else "changed" if row.changed else "kept"
    return "born" if row.born else "changed" if row.changed else "kept"
