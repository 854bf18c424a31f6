"""Who walks which grid, from an XLSX list: posts are made and filled, all of them or none."""

from __future__ import annotations

from typing import Final

from core.access import logins
from core.access.policy import require
from core.access.queries import grid_ids, people, user_ids
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
    """Put everybody of a list on their posts: on a vacant one of the kind in the grid, else on a new one.

    A post that the same person holds already stays as it is, so that the same list may come again.

    :raises Invalid: with every fault by row and column; then nothing is written.
    """
    require(session.actor, "org.manage")
    lines = read_sheet(data, COLUMNS)
    accounts = user_ids(session, [logins.fold_login(line.values["login"]) for line in lines])
    grids = grid_ids(session, {line.values["grid"] for line in lines})
    standing = posts_of_grids(session, list(grids.values()))
    enabled = {id for id, person in people(session, accounts.values()).items() if person.enabled}
    refuse(_faults(lines, {login: id in enabled for login, id in accounts.items()}, set(grids)))
    filled = 0
    for line in lines:
        user_id, grid = accounts[logins.fold_login(line.values["login"])], line.values["grid"]
        here = [post for post in standing.get(grids[grid], ()) if post.kind == _kind(line)]
        if any(post.holder_id == user_id for post in here):
            continue
        vacant = next((post for post in here if post.holder_id is None), None)
        if vacant is not None:
            standing[grids[grid]].remove(vacant)
        post_id = vacant.id if vacant else create_post(session, _new_post(line))
        fill_post(session, FillPost(post_id, user_id, line.values["deputy"].casefold() in YES))
        filled += 1
    return {"people": len(accounts), "posts": filled}


def _new_post(line: Line) -> CreatePost:
    return CreatePost(_kind(line), line.values["title"], grid_code=line.values["grid"])


def _kind(line: Line) -> str:
    word = line.values["kind"]
    return KINDS.get(word, word)


def _faults(lines: list[Line], enabled: dict[str, bool], grids: set[str]) -> list[Objection]:
    """What can be seen before anything is written: strangers, leavers, unknown grids and kinds, doubles."""
    found = []
    seen: dict[tuple[str, str, str], int] = {}
    for line in lines:
        login, grid, kind = logins.fold_login(line.values["login"]), line.values["grid"], _kind(line)
        if login not in enabled:
            found.append(fault(line.number, "登录名", _("is nobody's login name"), _("Add the person first")))
        elif not enabled[login]:
            found.append(
                fault(line.number, "登录名", _("belongs to somebody who is disabled"), _("Let the person in again"))
            )
        if grid not in grids:
            found.append(fault(line.number, "网格编码", _("is no living grid"), _("Give the code of a living grid")))
        if kind not in POST_KINDS or kind == "seat":
            kinds = "、".join(KINDS)
            found.append(fault(line.number, "岗位", _("is no post in a grid"), _("Use one of: %(kinds)s"), kinds=kinds))
        first = seen.setdefault((login, grid, kind), line.number)
        if first != line.number:
            why = _("stands in row %(first)s already")
            found.append(fault(line.number, "登录名", why, _("Drop one of the rows"), first=first))
    return found
