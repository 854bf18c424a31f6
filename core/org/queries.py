"""Reads of departments, posts and who holds them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.access.logins import mask_phone
from core.db.session import WorkSession
from core.org.views import POST_KINDS, DepartmentView, PostView

POSTS: Final = """
select p.id, p.kind, p.title, p.grid_id, p.department_id, u.id, coalesce(u.name, ''), coalesce(u.phone, ''),
  coalesce(h.deputy, false)
from core.post p
left join core.post_holder h on h.post_id = p.id and h.valid @> now()
left join core.user_account u on u.id = h.user_id and u.disabled_at is null
where p.closed_at is null and {where}
order by array_position(array['grid_head', 'deputy', 'worker', 'seat'], p.kind), h.deputy, u.name
"""


def posts_of_grids(session: WorkSession, grid_ids: Collection[int]) -> dict[int, list[PostView]]:
    """The posts in grids, heads first."""
    found: dict[int, list[PostView]] = {}
    for view in _posts(session, "p.grid_id = any(:ids)", {"ids": list(grid_ids)}):
        assert view.grid_id is not None
        found.setdefault(view.grid_id, []).append(view)
    return found


def posts_of_department(session: WorkSession, department_id: UUID) -> list[PostView]:
    """The seats of a department."""
    return _posts(session, "p.department_id = :id", {"id": department_id})


def all_posts(session: WorkSession, *, limit: int = 500) -> list[PostView]:
    """Every open post."""
    return _posts(session, "true", {})[:limit]


def departments(session: WorkSession) -> list[DepartmentView]:
    """All open departments, by code."""
    sql = """
        select d.id, d.code, d.name, d.parent_id, d.phone,
          (select count(*) from core.user_account u where u.department_id = d.id and u.disabled_at is null)
        from core.department d where d.closed_at is null order by d.code
    """
    return [DepartmentView(*row) for row in session.execute(text(sql))]


def department_by_code(session: WorkSession, code: str) -> DepartmentView | None:
    """The open department of that code."""
    return next((found for found in departments(session) if found.code == code), None)


def _posts(session: WorkSession, where: str, values: dict[str, Any]) -> list[PostView]:
    return [_view(*row) for row in session.execute(text(POSTS.format(where=where)), values)]


def _view(*values: Any) -> PostView:
    fields = list(values)
    fields[2] = fields[2] or POST_KINDS[fields[1]]
    fields[7] = mask_phone(fields[7]) if fields[7] else ""
    return PostView(*fields)
