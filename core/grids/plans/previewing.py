"""What a plan would do to whom, before it does: it is applied for real, looked at, and rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import Objection
from core.grids.plans.checking import CheckedPlan
from core.grids.plans.findings import PlanFinding, find_in
from core.grids.plans.outcome import Outcome
from core.grids.plans.service import check_plan
from core.grids.plans.working import Node
from core.grids.proof import prove_change
from core.grids.rehoming import located_rows
from core.grids.writing import hold_coverage, trial
from gis.measure import area_m2


@dataclass(frozen=True)
class GridEffect:
    """One grid before and after.

    :param before_m2: its area; ``None`` for one that is born, ``after_m2`` for one that ends.
    :param before: its located rows by table; ``after`` those it would have.
    """

    code: str
    name: str
    level: str
    before_m2: float | None
    after_m2: float | None
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True)
class Flow:
    """Rows of a table that would go from one grid to another; ``None`` is outside the city."""

    table: str
    source: str | None
    target: str | None
    rows: int


@dataclass(frozen=True)
class PlanPreview:
    """What a plan would do.

    :param grids: those that change, end or begin, by code; grids that only get vertices are left out.
    :param ended: table → rows that end with the retired grids, such as posts and grants; ``copied`` those that begin
        in the grids that come in their place.
    :param objections: of plugins; the plan cannot be submitted or applied with them.
    """

    grids: tuple[GridEffect, ...]
    flows: tuple[Flow, ...]
    ended: Mapping[str, int]
    copied: Mapping[str, int]
    objections: tuple[Objection, ...]
    findings: tuple[PlanFinding, ...]
    exact: bool


def preview_plan(session: WorkSession, plan_id: UUID) -> PlanPreview:
    """Apply a plan inside a savepoint, look at the city, and take it back.

    :raises Refused: when an operation does not fit.
    """
    version = hold_coverage(session)
    checked = check_plan(session, plan_id)
    found = find_in(checked)
    ids = [int(grid_id) for grid_id in checked.drawn_on]
    then = located_rows(session, ids)
    act = checked.outcome.act("plan", version, checked.operations, "")
    with trial(session, act) as (change, objections):
        exact = prove_change(session, change.id)
        codes = _codes(session, change.id)
        now = located_rows(session, [*ids, *codes])
        ended, copied = (dict(change.counts[name]) for name in ("ended", "copied"))
    codes |= {node.grid_id: node.code for node in _before(checked.outcome) if node.grid_id is not None}
    effects, flows = _effects(checked, then, now, codes), _flows(then, now, codes)
    return PlanPreview(effects, flows, ended, copied, objections, found, exact)


def _codes(session: WorkSession, change_id: UUID) -> dict[int, str]:
    sql = text("select grid_id, code from core.grid_state where change_id = :change and not noded")
    return {row[0]: row[1] for row in session.execute(sql, {"change": change_id})}


def _before(outcome: Outcome) -> list[Node]:
    return [*outcome.retired, *(before for before, _after in outcome.changed)]


Rows = Mapping[str, Mapping[str, int]]
"""Table → id of a row → its grid."""


def _effects(checked: CheckedPlan, then: Rows, now: Rows, codes: Mapping[int, str]) -> tuple[GridEffect, ...]:
    outcome = checked.outcome
    pairs: list[tuple[Node | None, Node | None]] = [
        *((node, None) for node in outcome.retired),
        *outcome.changed,
        *((None, node) for node in outcome.born),
    ]
    ids = {code: grid_id for grid_id, code in codes.items()}
    effects = []
    for before, after in pairs:
        node = after or before
        assert node is not None
        grid_id = node.grid_id if node.grid_id is not None else ids[node.code]
        effects.append(
            GridEffect(
                node.code,
                node.name,
                node.level,
                None if before is None else float(area_m2([before.polygon])[0]),
                None if after is None else float(area_m2([after.polygon])[0]),
                _counted(then, grid_id),
                _counted(now, grid_id),
            )
        )
    return tuple(sorted(effects, key=lambda effect: effect.code))


def _counted(rows: Rows, grid_id: int) -> dict[str, int]:
    return {table: sum(owner == grid_id for owner in homes.values()) for table, homes in rows.items()}


def _flows(then: Rows, now: Rows, codes: Mapping[int, str]) -> tuple[Flow, ...]:
    found: Counter[tuple[str, str | None, str | None]] = Counter()
    for table, homes in then.items():
        after = now.get(table, {})
        for row, source in homes.items():
            target = after.get(row)
            if target != source:
                found[table, codes.get(source), None if target is None else codes.get(target)] += 1
    ordered: Sequence[tuple[str, str | None, str | None]] = sorted(found, key=str)
    return tuple(Flow(*key, found[key]) for key in ordered)
