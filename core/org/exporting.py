"""Departments and posts as lists that leave the house, noted in the journal."""

from __future__ import annotations

from typing import Final

from core.access.policy import require
from core.audit.recorder import record
from core.db.session import WorkSession
from core.org.queries import all_posts, departments
from core.org.views import DepartmentView, PostView

MOST: Final = 1_000_000


def export_departments(session: WorkSession, ending: str) -> list[DepartmentView]:
    """Every open department, by code.

    :param ending: the kind of file that is made of them, for the journal.
    """
    require(session.actor, "org.see")
    found = departments(session)
    record(session, "org.export", "core.department", "*", after={"rows": len(found), "format": ending})
    return found


def export_posts(session: WorkSession, ending: str, *, search: str = "", kind: str = "") -> list[PostView]:
    """The open posts that the filters fit, as the list of posts orders them."""
    require(session.actor, "org.see")
    found = all_posts(session, search=search, kind=kind, limit=MOST)
    after = {"rows": len(found), "format": ending, "text": search, "kind": kind}
    record(session, "org.export", "core.post", "*", after=after)
    return found
