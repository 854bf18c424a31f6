"""Who walks which grid, from an XLSX list: posts are made and filled, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.access import logins
from core.access.policy import require
from core.access.queries import grid_ids, people, user_ids
from core.db.session import WorkSession
from core.errors import Objection
from core.org.queries import posts_of_grids
from core.org.service import CreatePost, FillPost, create_post, fill_post
from core.org.views import POST_KINDS, PostView
from core.sheets import Column, Difference, Line, fault, read_sheet, refuse, template
from core.text import noop as _

KINDS: Final = {"网格长": "grid_head", "网格员": "worker", "副网格长": "deputy"}
COLUMNS: Final = (
    Column("login", ("登录名", "login"), needed=True),
    Column("grid", ("网格编码", "grid"), needed=True),
    Column("kind", ("岗位", "post"), needed=True),
    Column("title", ("岗位名称", "title")),
    Column("deputy", ("代理人", "deputy")),
)
EXAMPLE: Final = ("zhangsan", "131003001004012", "网格员", "专职网格员", "")


def workers_template() -> bytes:
    """An empty list with the heads and an example."""
    return template(COLUMNS, EXAMPLE)


@dataclass(frozen=True)
class WorkersTaken:
    """What a list of workers brought.

    :param posts: rows whose holder came to the post now; ``deputies`` the same for who stands in.
    :param unchanged: rows that stood as listed.
    :param differences: posts that stand under another name; they were left as they are.
    """

    people: int
    posts: int
    deputies: int
    unchanged: int
    differences: tuple[Difference, ...]

    def counts(self) -> dict[str, int]:
        """The figures by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}


def import_workers(session: WorkSession, data: bytes) -> WorkersTaken:
    """Put everybody of a list on their posts: on a vacant one of the kind in the grid, else on a new one.

    A post that the same person holds already stays as it is, so that the same list may come again. Who is named
    as deputy stands in on the post beside its holder.

    :raises Invalid: with every fault by row and column; then nothing is written.
    """
    require(session.actor, "org.manage")
    lines = read_sheet(data, COLUMNS)
    accounts = user_ids(session, [name for line in lines for name in _logins(line)])
    grids = grid_ids(session, {line.values["grid"] for line in lines})
    standing = posts_of_grids(session, list(grids.values()))
    enabled = {id for id, person in people(session, accounts.values()).items() if person.enabled}
    refuse(_faults(lines, {login: id in enabled for login, id in accounts.items()}, set(grids)))
    filled = lent = unchanged = 0
    differences: list[Difference] = []
    for line in lines:
        there = standing.setdefault(grids[line.values["grid"]], [])
        holder, *deputies = [accounts[name] for name in _logins(line)]
        post_id, is_new = _seat(session, line, there, holder, differences)
        new_deputies = [d for d in deputies if not any(post.id == post_id and post.holder_id == d for post in there)]
        for deputy in new_deputies:
            fill_post(session, FillPost(post_id, deputy, deputy=True))
        filled += is_new
        lent += len(new_deputies)
        unchanged += not (is_new or new_deputies)
    return WorkersTaken(len(accounts), filled, lent, unchanged, tuple(differences))


def _seat(
    session: WorkSession, line: Line, there: list[PostView], holder: UUID, differences: list[Difference]
) -> tuple[UUID, bool]:
    """The post of a row with its holder on it, and whether they came to it now.

    :param there: the posts of the row's grid; a vacant one that is taken is taken out.
    :param differences: is told when the post stands under another name.
    """
    here = [post for post in there if post.kind == _kind(line)]
    held = next((post for post in here if post.holder_id == holder), None)
    if held is not None:
        title = line.values["title"]
        if title and title != held.title:
            differences.append(Difference(line.number, line.values["login"], "title", held.title, title))
        return held.id, False
    vacant = next((post for post in here if post.holder_id is None), None)
    if vacant is not None:
        there.remove(vacant)
        post_id = vacant.id
    else:
        post_id = create_post(session, CreatePost(_kind(line), line.values["title"], grid_code=line.values["grid"]))
    fill_post(session, FillPost(post_id, holder))
    return post_id, True


def _logins(line: Line) -> list[str]:
    """The holder's folded login, then the deputy's if the row names one."""
    named = [line.values["login"], line.values["deputy"]]
    return [logins.fold_login(name) for name in named if name]


def _kind(line: Line) -> str:
    word = line.values["kind"]
    return KINDS.get(word, word)


def _faults(lines: list[Line], enabled: dict[str, bool], grids: set[str]) -> list[Objection]:
    """What can be seen before anything is written: strangers, leavers, unknown grids and kinds, doubles."""
    found = []
    seen: dict[tuple[str, str, str], int] = {}
    for line in lines:
        login, grid, kind = logins.fold_login(line.values["login"]), line.values["grid"], _kind(line)
        for column, name in zip(("登录名", "代理人"), _logins(line), strict=False):
            found += _stranger(line.number, column, name, enabled)
        if line.values["deputy"] and logins.fold_login(line.values["deputy"]) == login:
            found.append(fault(line.number, "代理人", _("is the holder already"), _("Name somebody else")))
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


def _stranger(row: int, column: str, login: str, enabled: dict[str, bool]) -> list[Objection]:
    if login not in enabled:
        return [fault(row, column, _("is nobody's login name"), _("Add the person first"))]
    if not enabled[login]:
        return [fault(row, column, _("belongs to somebody who is disabled"), _("Let the person in again"))]
    return []
