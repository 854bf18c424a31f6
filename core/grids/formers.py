"""Codes and names that a grid bore before: they lead to the grid, and the search says so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from core.db.session import WorkSession
from core.errors import NotFound
from core.grids.asof import AsOf, bound, holds
from core.grids.queries import NO_SUCH_GRID, grid_by_code, grid_by_id, grids_by_ids, last_bearer
from core.grids.search import escaped, search_grids
from core.grids.views import GridView
from core.text import storable

FORMERLY = """
with formerly as (
  select distinct on (q.grid_id) q.grid_id, q.code
  from core.grid_state q join core.grid_state s on s.grid_id = q.grid_id and s.code <> q.code and {holds_s}
  where q.search like :start and upper(q.valid) <= lower(s.valid)
  order by q.grid_id, lower(q.code) = :whole desc, upper(q.valid) desc
)
select grid_id, code from formerly
where starts_with(lower(code), :whole) order by lower(code) = :whole desc, code collate "C" limit :limit
"""
NAMED_FORMERLY = """
with formerly as (
  select distinct on (q.grid_id) q.grid_id, q.name
  from core.grid_state q join core.grid_state s on s.grid_id = q.grid_id and s.name <> q.name and {holds_s}
  where q.search like :part and strpos(lower(q.name), :whole) > 0 and upper(q.valid) <= lower(s.valid)
  order by q.grid_id, upper(q.valid) desc
)
select grid_id, name from formerly
order by lower(name) = :whole desc, starts_with(lower(name), :whole) desc, name, grid_id limit :limit
"""
SHORTEST_NAME = 2
"""Characters of a former name from which on it is sought: one alone stands in too many."""


@dataclass(frozen=True)
class GridHit:
    """A grid that was found.

    :param former: the code it bore before, where it was found by that; ``former_name`` likewise its name.
    """

    grid: GridView
    former: str | None = None
    former_name: str | None = None


def bearer(session: WorkSession, code: str, as_of: AsOf = None) -> GridView | None:
    """The grid that bears ``code`` at that moment, else the one that bore it last, where it lives at that moment."""
    found = grid_by_code(session, code, as_of)
    if found is not None:
        return found
    last = last_bearer(session, code)
    return None if last is None else grid_by_id(session, last, as_of)


def known_bearer(session: WorkSession, code: str, as_of: AsOf = None) -> GridView:
    """The same, where there must be one.

    :raises NotFound: where there is none.
    """
    found = bearer(session, code, as_of)
    if found is None:
        raise NotFound(NO_SUCH_GRID, code=code)
    return found


def find_grids(session: WorkSession, typed: str, limit: int = 20, as_of: AsOf = None) -> list[GridHit]:
    """What `search_grids` finds, and the grids that bore a code beginning with ``typed``, or a name with it, before.

    One whose whole former code was typed comes first, unless a grid bears that code; the others come last.
    """
    present = search_grids(session, typed, limit, as_of)
    whole = "".join(storable(typed).casefold().split())
    formers = _formers(session, whole, limit, as_of) if whole else []
    taken = any(grid.code.casefold() == whole for grid in present)
    exact = [] if taken else [hit for hit in formers if hit.former and hit.former.casefold() == whole]
    named = _named(session, whole, limit, as_of) if len(whole) >= SHORTEST_NAME and len(present) < limit else []
    hits: dict[int, GridHit] = {}
    for hit in (*exact, *map(GridHit, present), *formers, *named):
        hits.setdefault(hit.grid.id, hit)
    return list(hits.values())[:limit]


def _formers(session: WorkSession, whole: str, limit: int, as_of: AsOf) -> list[GridHit]:
    values = {"start": f"{escaped(whole)}%", "whole": whole, "limit": limit, **bound(session, as_of)}
    rows = session.execute(text(FORMERLY.format(holds_s=holds("s", as_of))), values).all()
    grids = grids_by_ids(session, (grid_id for grid_id, _ in rows), as_of)
    return [GridHit(grids[grid_id], code) for grid_id, code in rows]


def _named(session: WorkSession, whole: str, limit: int, as_of: AsOf) -> list[GridHit]:
    values = {"part": f"%{escaped(whole)}%", "whole": whole, "limit": limit, **bound(session, as_of)}
    rows = session.execute(text(NAMED_FORMERLY.format(holds_s=holds("s", as_of))), values).all()
    grids = grids_by_ids(session, (grid_id for grid_id, _ in rows), as_of)
    return [GridHit(grids[grid_id], former_name=name) for grid_id, name in rows]
