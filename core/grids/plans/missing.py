"""Codes that no living grid bears when an operation's turn comes: which grid bore them, and where its area went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from core.errors import NotFound
from core.grids.called import called
from core.grids.heirs import chosen_heirs
from core.grids.plans.operating import Operation
from core.grids.plans.operations import Load
from core.grids.plans.unfit import Unfit
from core.grids.plans.working import Absent, Node, WorkingCopy, lattice_polygons
from core.grids.queries import last_bearer
from core.grids.retired import retired_grid
from core.text import Text, listed
from core.text import noop as _

FORMER: Final = """
select code, grid_id from (
  select distinct on (code) code, grid_id, upper_inf(valid) as lives from core.grid_state
  where code = any(:codes) order by code, upper(valid) desc nulls first) last
where not lives
"""
"""Codes that a grid bore and none bears now, with the last that did."""
MOST_NAMED: Final = 5
_STANDING: Final = ("grid", "parent", "into", "grids", "sources")
"""Fields of an operation that name grids which live already."""


def present_codes(copy: WorkingCopy, operation: Operation) -> dict[str, str]:
    """Of each grid that the operation names by a code that it bore before, the code that it bears now."""
    asked = _standing(operation) - copy.nodes.keys()
    rows = copy.session.execute(text(FORMER), {"codes": list(asked)}).all() if asked else []
    return {code: node.code for code, grid_id in rows if (node := _living(copy, grid_id)) is not None}


def refusal_of_absent(copy: WorkingCopy, absent: Absent) -> Unfit:
    """The refusal with what became of the grid, where that is known."""
    grid_id = last_bearer(copy.session, absent.code)
    if grid_id is None:
        return Unfit(absent.text)
    living = _living(copy, grid_id)
    if living is not None:
        return Unfit(_("%(why)s; it is %(now)s now"), why=absent.text, now=called(living.code, living.name))
    inside = _inside(copy, grid_id)
    if inside:
        return Unfit(_("%(why)s: an earlier step of the plan puts it into %(heirs)s"), why=absent.text, heirs=inside)
    heirs = _since(copy, absent.code)
    if heirs:
        return Unfit(_("%(why)s: it ended, and its area went to %(heirs)s"), why=absent.text, heirs=heirs)
    return Unfit(absent.text)


def _standing(operation: Operation) -> set[str]:
    found: set[str] = set()
    for field in _STANDING:
        value: Any = getattr(operation, field, None)
        found |= {value} if isinstance(value, str) else set(value or ())
    if isinstance(operation, Load):
        found |= {code for row in operation.polygons for code in (row.code, row.parent) if code}
    return found


def _living(copy: WorkingCopy, grid_id: int) -> Node | None:
    """A grid as the plan has it; ``None`` where it ended."""
    copy.load([grid_id])
    return next((node for node in copy.nodes.values() if node.grid_id == grid_id), None)


def _inside(copy: WorkingCopy, grid_id: int) -> Text | None:
    """The grids of the plan that have the area of one that the city has and the plan has not."""
    gone = copy.origins.get(grid_id)
    if gone is None:
        return None
    nodes = list(copy.nodes.values())
    alike, leaves = [node.level == gone.level for node in nodes], [node.leaf for node in nodes]
    chosen = chosen_heirs(gone.polygon, lattice_polygons(nodes), alike, leaves)
    return _named([(nodes[i].code, nodes[i].name) for i in chosen])


def _since(copy: WorkingCopy, code: str) -> Text | None:
    """The grids that got the area of one that ended in the city."""
    try:
        return _named(retired_grid(copy.session, code).heirs)
    except NotFound:
        return None


def _named(heirs: Sequence[tuple[str, str]]) -> Text | None:
    names = [called(code, name) for code, name in heirs]
    if not names:
        return None
    if len(names) <= MOST_NAMED:
        return listed(names)
    some: Any = listed(names[:MOST_NAMED])
    return Text(_("%(names)s and %(n)s more"), {"names": some, "n": len(names) - MOST_NAMED})
