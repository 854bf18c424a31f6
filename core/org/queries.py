"""Reads of departments, posts and who holds them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from core.access.logins import mask_phone
from core.db.session import WorkSession
from core.errors import Invalid
from core.org.views import POST_KINDS, DepartmentView, Office, PostGroup, PostView
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


HELD: Final = """
select distinct h.user_id, p.grid_id from core.post p join core.post_holder h on h.post_id = p.id and upper_inf(h.valid)
where p.grid_id = any(:ids) and p.closed_at is null
"""
HELD_AS: Final = """
select distinct h.user_id, p.grid_id, p.kind
from core.post p join core.post_holder h on h.post_id = p.id and upper_inf(h.valid)
where p.grid_id = any(:ids) and p.closed_at is null
"""
FITS: Final = """(:search = '' or u.name ilike :part or p.title ilike :part or exists (
    select from core.grid_state s where s.grid_id = p.grid_id and upper_inf(s.valid)
    and (s.code ilike :part or s.name ilike :part))) and (:kind = '' or p.kind = :kind)"""


def posts_of_grids(session: WorkSession, grid_ids: Collection[int]) -> dict[int, list[PostView]]:
    """The posts in grids, heads first."""
    found: dict[int, list[PostView]] = {}
    for view in _posts(session, "p.grid_id = any(:ids)", {"ids": list(grid_ids)}):
        assert view.grid_id is not None
        found.setdefault(view.grid_id, []).append(view)
    return found


def held_in(session: WorkSession, grid_ids: Collection[int]) -> set[tuple[UUID, int]]:
    """Who holds an open post in these very grids, or stands in for its holder: person and id of the grid."""
    return {(row[0], row[1]) for row in session.execute(text(HELD), {"ids": list(grid_ids)})}


def posts_held_in(session: WorkSession, grid_ids: Collection[int]) -> set[tuple[UUID, int, str]]:
    """Who holds which open post in these very grids, or stands in: person, id of the grid, kind of post."""
    return {(row[0], row[1], row[2]) for row in session.execute(text(HELD_AS), {"ids": list(grid_ids)})}


def posts_by_ids(session: WorkSession, ids: Collection[UUID]) -> list[PostView]:
    """The open posts among ``ids``, heads first; one that somebody stands in for comes twice."""
    return _posts(session, "p.id = any(:ids)", {"ids": list(ids)})


def all_posts(
    session: WorkSession, *, search: str = "", kind: str = "", after: int = 0, limit: int = 500
) -> list[PostView]:
    """Open posts, heads first.

    :param search: part of the holder's name, the post's title, or of its grid's code or name.
    :param kind: slug of a kind of post; empty: all.
    :param after: how many to skip.
    """
    values = {**_wanted(search, kind), "after": after, "limit": limit}
    return _posts(session, FITS, values, "limit :limit offset :after")


def _wanted(search: str, kind: str) -> dict[str, Any]:
    """The values of ``FITS``."""
    escaped = search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {"search": search, "kind": kind, "part": f"%{escaped}%"}


GROUPS: Final = """
select p.kind, p.title, p.department_id, u.id, coalesce(u.name, ''), coalesce(u.phone, ''), coalesce(h.deputy, false),
  min(lower(h.valid)), array_agg(p.id order by p.grid_id, p.id), array_agg(p.grid_id order by p.grid_id, p.id),
  count(*) over ()
from core.post p
left join core.post_holder h on h.post_id = p.id and upper_inf(h.valid)
left join core.user_account u on u.id = h.user_id and u.disabled_at is null
where p.closed_at is null and {where}
group by p.kind, p.title, p.department_id, u.id, h.deputy, case when u.id is null then p.id end
order by array_position(array['grid_head', 'deputy', 'worker', 'seat'], p.kind), coalesce(h.deputy, false), u.name,
  min(p.id::text)
limit :limit offset :after
"""


def post_groups(
    session: WorkSession, *, search: str = "", kind: str = "", after: int = 0, limit: int = 500
) -> tuple[list[PostGroup], int]:
    """Open posts, one row for all grids in which a person holds the same post, heads first; and how many rows fit.

    :param search: part of the holder's name, the post's title, or of its grid's code or name.
    :param after: how many rows to skip.
    """
    values = {**_wanted(search, kind), "after": after, "limit": limit}
    rows = session.execute(text(GROUPS.format(where=FITS)), values).all()
    return [_group(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _group(*values: Any) -> PostGroup:
    kind, title, office, holder_id, holder, phone, deputy, since, ids, grids = values
    shown = title or POST_KINDS[kind]
    return PostGroup(
        kind, shown, office, holder_id, holder, mask_phone(phone) if phone else "", deputy, since,
        tuple(zip(ids, grids, strict=True)),
    )  # fmt: skip


def departments(session: WorkSession) -> list[DepartmentView]:
    """All open departments, by code."""
    sql = """
        select d.id, d.code, d.name, d.parent_id, d.phone,
          (select count(*) from core.user_account u where u.department_id = d.id and u.disabled_at is null)
        from core.department d where d.closed_at is null order by d.code
    """
    return [DepartmentView(*row) for row in session.execute(text(sql))]


def offices(session: WorkSession, ids: Collection[UUID]) -> dict[UUID, Office]:
    """Departments by id, closed ones too."""
    sql = "select id, code, name, closed_at is not null from core.department where id = any(:ids)"
    return {row[0]: Office(*row) for row in session.execute(text(sql), {"ids": list(ids)})}


def department_ids(session: WorkSession, codes: Collection[str]) -> dict[str, UUID]:
    """The ids of open departments by their codes; codes that none bears are left out."""
    sql = "select code, id from core.department where code = any(:codes) and closed_at is null"
    return {row[0]: row[1] for row in session.execute(text(sql), {"codes": list(codes)})}


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
