"""Grids that went from one parent to another, as the history of either parent tells it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from core.db.session import WorkSession

HANDED: Final = """
select c.change_id, now.code, now.name, now.parent_id = :id, o.code, o.name
from core.grid_state c
join core.grid_state was on was.closed_by = c.change_id
join core.grid_state now on now.grid_id = was.grid_id and lower(now.valid) = upper(was.valid)
  and now.parent_id <> was.parent_id and :id in (now.parent_id, was.parent_id)
cross join lateral (
  select p.code, p.name from core.grid_state p
  where p.grid_id = case when now.parent_id = :id then was.parent_id else now.parent_id end
    and lower(p.valid) <= lower(now.valid)
  order by lower(p.valid) desc limit 1
) o
where c.grid_id = :id
order by now.code collate "C"
"""


@dataclass(frozen=True)
class HandedGrid:
    """A grid that a change gave another parent.

    :param came: it came from ``other``; else it went there.
    :param other: name of the other parent, with ``other_code``.
    """

    code: str
    name: str
    came: bool
    other_code: str
    other: str


def handed_over(session: WorkSession, grid_id: int) -> dict[UUID, list[HandedGrid]]:
    """The grids that came to lie right below the grid, or no longer do, by the change that did it."""
    found: defaultdict[UUID, list[HandedGrid]] = defaultdict(list)
    for change, *facts in session.execute(text(HANDED), {"id": grid_id}):
        found[change].append(HandedGrid(*facts))
    return dict(found)
