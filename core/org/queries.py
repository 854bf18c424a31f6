"""Reads of departments, posts and who holds them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.access.logins import mask_phone
from core.db.session import WorkSession
from core.errors import Invalid
from core.org.views import POST_KINDS, DepartmentView, PostView
from core.text import noop as _

POSTS: Final = """
select p.id, p.kind, p.title, p.grid_id, p.department_id, u.id, coalesce(u.name, ''), coalesce(u.phone, ''),
  coalesce(h.deputy, false), lower(h.valid)
from core.post p
left join core.post_holder h on h.post_id = p.id and upper_inf(h.valid)
left join core.user_account u on u.id = h.user_id and u.disabled_at is null
where p.closed_at is null and {where}
order by array_position(array['grid_head', 'deputy', 'worker', 'seat'], p.kind), h.deputy, u.name, p.id
"""


def posts_of_grids(session: WorkSession, grid_ids: Collection[int]) -> dict[int, list[PostView]]:
    """The posts in grids, heads first."""
    found: dict[int, list[PostView]] = {}
    for view in _posts(session, "p.grid_id = any(:ids)", {"ids": list(grid_ids)}):
        assert view.grid_id is not None
        found.setdefault(view.grid_id, []).append(view)
    return found


def all_posts(
    session: WorkSession, *, search: str = "", kind: str = "", after: int = 0, limit: int = 500
) -> list[PostView]:
    """Open posts, heads first.

    :param search: part of the holder's name, the post's title, or of its grid's code or name.
    :param kind: slug of a kind of post; empty: all.
    :param after: how many to skip.
    """
    where = """(:search = '' or u.name ilike :part or p.title ilike :part or exists (
        select from core.grid_state s where s.grid_id = p.grid_id and upper_inf(s.valid)
        and (s.code ilike :part or s.name ilike :part))) and (:kind = '' or p.kind = :kind)"""
    escaped = search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    values = {"search": search, "kind": kind, "part": f"%{escaped}%", "after": after, "limit": limit}
    return _posts(session, where, values, "limit :limit offset :after")


def departments(session: WorkSession) -> list[DepartmentView]:
    """All open departments, by code."""
    sql = """
        select d.id, d.code, d.name, d.parent_id, d.phone,
          (select count(*) from core.user_account u where u.department_id = d.id and u.disabled_at is null)
        from core.department d where d.closed_at is null order by d.code
    """
    return [DepartmentView(*row) for row in session.execute(text(sql))]


def department_id(session: WorkSession, code: str) -> UUID:
    """The id of an open department.

    :raises Invalid: for a code that none bears.
    """
    found: UUID | None = session.scalar(
        text("select id from core.department where code = :code and closed_at is null"), {"code": code}
    )
    if found is None:
        raise Invalid(_("There is no department with code %(code)s"), code=code)
    return found


def _posts(session: WorkSession, where: str, values: dict[str, Any], page: str = "") -> list[PostView]:
    return [_view(*row) for row in session.execute(text(POSTS.format(where=where) + page), values)]


def _view(*values: Any) -> PostView:
    fields = list(values)
    fields[2] = fields[2] or POST_KINDS[fields[1]]
    fields[7] = mask_phone(fields[7]) if fields[7] else ""
    return PostView(*fields)
