"""Who walks which grid, from an XLSX list: posts are made and filled, all of them or none."""

from __future__ import annotations

from typing import Final

from core.access import logins
from core.access.policy import require
from core.access.queries import grid_ids, user_ids
from core.db.session import WorkSession
from core.errors import Objection
from core.org.queries import posts_of_grids
from core.org.service import CreatePost, FillPost, create_post, fill_post
from core.org.views import POST_KINDS
from core.sheets import Column, Line, fault, read_sheet, refuse, template
from core.text import noop as _

KINDS: Final = {"网格长": "grid_head", "网格员": "worker", "副网格长": "deputy"}
COLUMNS: Final = (
    Column("login", ("登录名", "login"), needed=True),
    Column("grid", ("网格编码", "grid"), needed=True),
    Column("kind", ("岗位", "post"), needed=True),
    Column("title", ("岗位名称", "title")),
    Column("deputy", ("代理", "deputy")),
)
EXAMPLE: Final = ("zhangsan", "131003001004012", "网格员", "专职网格员", "")
YES: Final = frozenset({"是", "y", "yes", "1", "true"})


def workers_template() -> bytes:
    """An empty list with the heads and an example."""
    return template(COLUMNS, EXAMPLE)


def import_workers(session: WorkSession, data: bytes) -> dict[str, int]:
    """Put everybody of a list on their posts; a post that the same person holds already stays as it is.

    :raises Invalid: with every fault by row and column; then nothing is written.
    """
    require(session.actor, "org.manage")
    lines = read_sheet(data, COLUMNS)
    people = user_ids(session, [logins.fold_login(line.values["login"]) for line in lines])
    grids = grid_ids(session, {line.values["grid"] for line in lines})
    refuse(_faults(lines, set(people), set(grids)))
    standing = posts_of_grids(session, list(grids.values()))
    posts = 0
    for line in lines:
        user_id, grid = people[logins.fold_login(line.values["login"])], line.values["grid"]
        kind, deputy = _kind(line), line.values["deputy"].casefold() in YES
        if any(post.holder_id == user_id and post.kind == kind for post in standing.get(grids[grid], ())):
            continue
        post_id = create_post(session, CreatePost(kind, line.values["title"], grid_code=grid))
        fill_post(session, FillPost(post_id, user_id, deputy))
        posts += 1
    return {"people": len({line.values["login"] for line in lines}), "posts": posts}


def _kind(line: Line) -> str:
    word = line.values["kind"]
    return KINDS.get(word, word)


def _faults(lines: list[Line], people: set[str], grids: set[str]) -> list[Objection]:
    found = []
    for line in lines:
        if logins.fold_login(line.values["login"]) not in people:
            found.append(fault(line.number, "登录名", _("is nobody's login name"), _("Add the person first")))
        if line.values["grid"] not in grids:
            found.append(fault(line.number, "网格编码", _("is no living grid"), _("Give the code of a living grid")))
        if _kind(line) not in POST_KINDS or _kind(line) == "seat":
            found.append(
                fault(
                    line.number, "岗位", _("is no post in a grid"), _("Use one of: %(kinds)s"), kinds="、".join(KINDS)
                )
            )
    return found
