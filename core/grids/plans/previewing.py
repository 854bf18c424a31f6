"""What a plan would do to whom, before it does: it is applied for real, looked at, and rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from core.access.policy import require
from core.db.session import WorkSession
from core.errors import DomainError, Objection
from core.grids.plans.checking import CheckedPlan
from core.grids.plans.holding import checked_plan
from core.grids.plans.outcome import Outcome
from core.grids.plans.remarks import PlanFinding, find_in
from core.grids.plans.working import Node
from core.grids.proof import prove_change
from core.grids.reading import coverage_version
from core.grids.rehoming import located_rows, rows_below
from core.grids.writing import hold_coverage, trial
from gis.measure import area_m2


@dataclass(frozen=True)
class GridEffect:
    """One grid before and after.

    :param before_m2: its area; ``None`` for one that is born, ``after_m2`` for one that ends.
    :param before: open rows located in it or below it, by table; ``after`` those it would have.
    :param old_code: the code that it bears now (``old_name`` likewise); of one that is born, the one it is to bear.
    """

    code: str
    name: str
    level: str
    before_m2: float | None
    after_m2: float | None
    before: Mapping[str, int]
    after: Mapping[str, int]
    old_code: str
    old_name: str


@dataclass(frozen=True)
class Following:
    """What lies below grids that go under another parent: it keeps its grid, but not what that belongs to.

    :param tops: ids of the grids that go under another parent.
    :param grids: how many grids lie below them, without those that the plan changes themselves.
    :param rows: table → rows located in or below them.
    """

    tops: tuple[int, ...]
    grids: int
    rows: Mapping[str, int]


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
    :param following: what changes its place in the tree with a grid above it.
    :param objections: of plugins; the plan cannot be submitted or applied with them.
    """

    grids: tuple[GridEffect, ...]
    flows: tuple[Flow, ...]
    following: Following
    ended: Mapping[str, int]
    copied: Mapping[str, int]
    objections: tuple[Objection, ...]
    findings: tuple[PlanFinding, ...]
    exact: bool


def preview_plan(session: WorkSession, plan_id: UUID) -> PlanPreview:
    """Apply a plan inside a savepoint, look at the city, and take it back.

    Other changes of the grids wait for the savepoint alone. One that came before it lets the plan be looked at once
    more, while all others wait.

    :raises NotFound: where there is no such plan, or the actor may not know of it.
    :raises Refused: when an operation does not fit.
    """
    require(session.actor, "grid.see")
    version = coverage_version(session)
    try:
        return _preview(session, plan_id, version)
    except DomainError:
        if coverage_version(session) == version:
            raise
        return _preview(session, plan_id, hold_coverage(session))


def _preview(session: WorkSession, plan_id: UUID, version: int) -> PlanPreview:
    checked = checked_plan(session, plan_id)
    found = find_in(checked)
    ids = [int(grid_id) for grid_id in checked.drawn_on]
    then, held = located_rows(session, ids), rows_below(session, ids, only_open=True)
    tops, grids = _following(session, checked.outcome)
    act = checked.outcome.act(version, checked.operations, "")
    with trial(session, act) as (change, objections):
        exact = prove_change(session, change.id)
        codes = _codes(session, change.id)
        now, holds = located_rows(session, [*ids, *codes]), rows_below(session, [*ids, *codes], only_open=True)
        ended, copied, followed = (dict(change.counts[name]) for name in ("ended", "copied", "followed"))
    codes |= {node.grid_id: node.code for node in _before(checked.outcome) if node.grid_id is not None}
    effects, flows = _effects(checked, held, holds, codes), _flows(then, now, codes)
    following = Following(tops, grids, followed)
    return PlanPreview(effects, flows, following, ended, copied, objections, found, exact)


def _following(session: WorkSession, outcome: Outcome) -> tuple[tuple[int, ...], int]:
    """Ids of the grids that go under another parent, and how many lie below them that do not change themselves."""
    moves = [before.grid_id for before, after in outcome.changed if before.parent != after.parent]
    moved = tuple(grid_id for grid_id in moves if grid_id is not None)
    if not moved:
        return (), 0
    sql = text(
        "select count(distinct s.grid_id) from core.grid_state m join core.grid_state s on s.path <@ m.path"
        " where m.grid_id = any(:moved) and upper_inf(m.valid) and upper_inf(s.valid) and s.grid_id <> all(:own)"
    )
    own = [node.grid_id for node in _before(outcome)]
    return moved, session.scalar(sql, {"moved": list(moved), "own": own}) or 0


def _codes(session: WorkSession, change_id: UUID) -> dict[int, str]:
    sql = text("select grid_id, code from core.grid_state where change_id = :change and not noded")
    return {row[0]: row[1] for row in session.execute(sql, {"change": change_id})}


def _before(outcome: Outcome) -> list[Node]:
    return [*outcome.retired, *outcome.divided, *(before for before, _after in outcome.changed)]


Rows = Mapping[str, Mapping[str, int]]
"""Table → id of a row → its grid."""
Counts = Mapping[str, Mapping[int, int]]
"""Table → id of a grid → rows in it or below it."""


def _effects(checked: CheckedPlan, then: Counts, now: Counts, codes: Mapping[int, str]) -> tuple[GridEffect, ...]:
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
                (before or node).code,
                (before or node).name,
            )
        )
    return tuple(sorted(effects, key=lambda effect: effect.code))


def _counted(rows: Counts, grid_id: int) -> dict[str, int]:
    return {table: counts.get(grid_id, 0) for table, counts in rows.items()}


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
