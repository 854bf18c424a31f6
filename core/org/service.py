"""Departments, posts and who holds them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from core import clock
from core.access.granting import place_of
from core.access.policy import require
from core.access.queries import count_staff, people
from core.db.base import new_id
from core.db.session import WorkSession, take_turn
from core.errors import Invalid, NotFound, Objection, Refused
from core.grids.queries import grid_by_id
from core.org.models import Department, Post, PostHolder
from core.org.views import POST_KINDS
from core.text import Text, is_blank
from core.text import noop as _

MANAGE: Final = "org.manage"
LONGEST: Final = 100
CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True)
class SaveDepartment:
    """A department, new or changed; ``code`` says which."""

    code: str
    name: str
    parent_code: str | None = None
    phone: str = ""


@dataclass(frozen=True)
class CreatePost:
    """A new post in a grid or in a department.

    :param grid_code: for ``grid_head``, ``worker`` and ``deputy``; ``department_code`` for ``seat``.
    """

    kind: str
    title: str = ""
    grid_code: str | None = None
    department_code: str | None = None


@dataclass(frozen=True)
class FillPost:
    """Somebody takes a post, from now on.

    :param deputy: stands in beside the holder, who stays.
    """

    post_id: UUID
    user_id: UUID
    deputy: bool = False


def save_department(session: WorkSession, command: SaveDepartment) -> UUID:
    """Make a department, or change the one that bears the code."""
    require(session.actor, MANAGE)
    faults = []
    if not CODE.fullmatch(command.code):
        faults.append(_fault("/code", _("A code has letters, digits, - and _, at most 40")))
    if is_blank(command.name):
        faults.append(_fault("/name", _("A department needs a name")))
    faults += _too_long("/name", command.name) + _too_long("/phone", command.phone)
    if faults:
        raise Invalid(_("Nothing was changed"), objections=faults)
    _one_at_a_time(session)
    parent = _department(session, command.parent_code) if command.parent_code else None
    row = session.scalar(select(Department).where(Department.code == command.code))
    if row is None:
        row = Department(code=command.code, made_at=clock.now(), closed_at=None)
        session.add(row)
    elif parent is not None and _is_below(session, parent, row):
        raise Refused(_("A department cannot lie below itself"))
    row.name, row.phone = command.name.strip(), command.phone.strip()
    row.parent_id, row.closed_at = parent.id if parent else None, None
    session.flush()
    return row.id


def _one_at_a_time(session: WorkSession) -> None:
    """Two changes of departments at once could each put the other below itself, or fill what is being closed."""
    take_turn(session, "core.department")


def close_department(session: WorkSession, code: str) -> None:
    """Close a department that has no people, posts or departments below it; its history stays."""
    require(session.actor, MANAGE)
    _one_at_a_time(session)
    row = session.get_one(Department, _department(session, code).id, with_for_update=True, populate_existing=True)
    staff = count_staff(session, row.id)
    seats = session.scalar(select(func.count()).where(Post.department_id == row.id, Post.closed_at.is_(None)))
    below = session.scalar(select(func.count()).where(Department.parent_id == row.id, Department.closed_at.is_(None)))
    if staff or seats or below:
        raise Refused(
            _(
                "%(name)s still has %(people)s people, %(posts)s posts and %(below)s departments below it;"
                " move or close them first"
            ),
            name=row.name,
            people=staff,
            posts=seats,
            below=below,
        )
    row.closed_at = clock.now()


def create_post(session: WorkSession, command: CreatePost) -> UUID:
    """Make a post."""
    if command.kind not in POST_KINDS:
        raise Invalid(_("There is no kind of post named %(kind)s"), kind=command.kind)
    grid = place_of(session, command.grid_code) if command.grid_code else None
    require(session.actor, MANAGE, grid.path if grid else None)
    if command.department_code:
        _one_at_a_time(session)
    department = _department(session, command.department_code) if command.department_code else None
    if (grid is None) == (department is None) or (command.kind == "seat") != (department is not None):
        raise Invalid(_("A seat belongs to a department, any other post to a grid"))
    faults = title_faults(command.title)
    if faults:
        raise Invalid(_("Nothing was changed"), objections=faults)
    row = new_post(session, command, grid.grid_id if grid else None, department.id if department else None)
    session.flush()
    return row.id


def new_post(session: WorkSession, command: CreatePost, grid_id: int | None, department_id: UUID | None = None) -> Post:
    """The row of a new post; the caller has asked for the right and for faults."""
    row = Post(
        id=new_id(),
        kind=command.kind,
        title=command.title.strip(),
        grid_id=grid_id,
        department_id=department_id,
        made_at=clock.now(),
        closed_at=None,
    )
    session.add(row)
    return row


def new_holder(session: WorkSession, command: FillPost) -> None:
    """The row of who takes a post; the caller has asked for the right and whether they may."""
    valid = Range(clock.now(), None)
    holder = PostHolder(post_id=command.post_id, user_id=command.user_id, deputy=command.deputy, valid=valid)
    session.add(holder)


def fill_post(session: WorkSession, command: FillPost) -> None:
    """Put somebody on a post; a holder who was on it leaves it now, deputies stay."""
    post = _post(session, command.post_id)
    now = clock.now()
    person = people(session, [command.user_id]).get(command.user_id)
    if person is None:
        raise NotFound(_("There is no such person"))
    if not person.enabled:
        raise Refused(_("%(name)s is disabled"), name=person.name)
    already = session.scalar(
        select(func.count()).where(
            PostHolder.post_id == post.id, PostHolder.user_id == command.user_id, func.upper_inf(PostHolder.valid)
        )
    )
    if already:
        raise Refused(_("This person holds the post already"))
    if not command.deputy:
        _end(session, post.id, now, deputies=False)
    new_holder(session, command)
    session.flush()


def vacate_post(session: WorkSession, post_id: UUID) -> None:
    """Everybody leaves the post now."""
    _end(session, _post(session, post_id).id, clock.now(), deputies=True)


def close_post(session: WorkSession, post_id: UUID) -> None:
    """Close a post; whoever holds it leaves it."""
    post = _post(session, post_id)
    _end(session, post.id, clock.now(), deputies=True)
    post.closed_at = clock.now()


def _end(session: WorkSession, post_id: UUID, now: dt.datetime, *, deputies: bool) -> None:
    holders = session.scalars(
        select(PostHolder).where(PostHolder.post_id == post_id, func.upper_inf(PostHolder.valid))
    ).all()
    for holder in holders:
        if deputies or not holder.deputy:
            holder.valid = Range(holder.valid.lower, now)
    session.flush()


def _post(session: WorkSession, post_id: UUID) -> Post:
    post = session.get(Post, post_id, with_for_update=True)
    if post is None or post.closed_at is not None:
        raise NotFound(_("There is no such post"))
    place = grid_by_id(session, post.grid_id) if post.grid_id is not None else None
    require(session.actor, MANAGE, place.path if place else None)
    return post


def _department(session: WorkSession, code: str) -> Department:
    row = session.scalar(select(Department).where(Department.code == code, Department.closed_at.is_(None)))
    if row is None:
        raise NotFound(_("There is no department with code %(code)s"), code=code)
    return row


def _is_below(session: WorkSession, department: Department, top: Department) -> bool:
    here: Department | None = department
    while here is not None:
        if here.id == top.id:
            return True
        here = session.get(Department, here.parent_id) if here.parent_id else None
    return False


def title_faults(title: str) -> list[Objection]:
    """What is wrong with the name of a post."""
    if title and is_blank(title):
        return [_fault("/title", _("A post needs a name that can be read"))]
    return _too_long("/title", title)


def _too_long(pointer: str, value: str) -> list[Objection]:
    """A fault when a name is no single line of at most ``LONGEST`` characters."""
    if len(value) <= LONGEST and value.isprintable():
        return []
    return [_fault(pointer, _("A name is one line of at most 100 characters"))]


def _fault(pointer: str, message: str) -> Objection:
    return Objection(Text(message), pointer=pointer)
