"""Posts pass with a grid that ends or is split to the grids that come in its place, with those who hold them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from core import clock
from core.db.base import new_id
from core.db.session import WorkSession
from core.org.models import Post, PostHolder


def pass_on_posts(session: WorkSession, heirs: Mapping[int, Sequence[int]]) -> tuple[int, int]:
    """Make every post of these grids anew in each heir, with its holder and deputies; close it where a grid ends.

    Nobody gets the same post twice in one grid, and no vacant post stands beside another like it.

    :param heirs: id of a grid → ids of those that come in its place, its own among them where it goes on.
    :returns: how many posts were closed, and how many were made.
    """
    open_here = select(Post).where(Post.grid_id.in_(heirs), Post.closed_at.is_(None))
    posts = session.scalars(open_here.order_by(Post.id).with_for_update()).all()
    now = clock.now()
    closed = made = 0
    for post in posts:
        assert post.grid_id is not None
        here = select(PostHolder).where(PostHolder.post_id == post.id, func.upper_inf(PostHolder.valid))
        holders = session.scalars(here.order_by(PostHolder.id)).all()
        if post.grid_id not in heirs[post.grid_id]:
            closed += 1
            _close(post, holders, now)
        session.flush()
        others = [heir for heir in heirs[post.grid_id] if heir != post.grid_id]
        made += sum(_copied(session, post, holders, heir, now) for heir in others)
    return closed, made


def _close(post: Post, holders: Sequence[PostHolder], now: dt.datetime) -> None:
    post.closed_at = now
    for holder in holders:
        holder.valid = Range(holder.valid.lower, now)


def _copied(session: WorkSession, post: Post, holders: Sequence[PostHolder], grid_id: int, now: dt.datetime) -> bool:
    """Make the post in another grid, unless all who hold it have one like it there."""
    alike = select(Post.id).where(
        Post.grid_id == grid_id, Post.kind == post.kind, Post.title == post.title, Post.closed_at.is_(None)
    )
    held = select(PostHolder.user_id).where(PostHolder.post_id.in_(alike), func.upper_inf(PostHolder.valid))
    there = set(session.scalars(held))
    coming = [holder for holder in holders if holder.user_id not in there]
    if not coming and (holders or session.scalar(alike.limit(1)) is not None):
        return False
    copy = Post(
        id=new_id(), kind=post.kind, title=post.title, grid_id=grid_id, department_id=None, made_at=now, closed_at=None
    )
    session.add(copy)
    session.flush()
    for holder in coming:
        valid = Range(now, None)
        session.add(PostHolder(post_id=copy.id, user_id=holder.user_id, deputy=holder.deputy, valid=valid))
    session.flush()
    return True
