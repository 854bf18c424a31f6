"""Who walks which grid, from an XLSX list: posts are made and filled, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.access import logins
from core.access.granting import places
from core.access.policy import require
from core.access.queries import people, user_ids
from core.db.session import WorkSession, take_turn
from core.errors import Objection
from core.org.queries import posts_of_grids
from core.org.service import MANAGE, CreatePost, FillPost, fill_post, new_holder, new_post, title_faults
from core.org.views import POST_KINDS, PostView
from core.sheets import Column, Difference, Line, fault, read_sheet, template, told_fault
from core.text import noop as _

KINDS: Final = {"网格长": "grid_head", "网格员": "worker", "副网格长": "deputy"}
COLUMNS: Final = (
    Column("login", ("登录名", "login"), needed=True),
    Column("grid", ("网格编码", "网格", "所属网格", "grid"), needed=True),
    Column("kind", ("岗位", "post"), needed=True),
    Column("title", ("岗位名称", "title")),
    Column("deputy", ("代理人", "deputy")),
)
EXAMPLE: Final = ("zhangsan", "990101001001001", "网格员", "专职网格员", "")


def workers_template() -> bytes:
    """An empty list with the heads, beside it an example."""
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
    require(session.actor, MANAGE)
    take_turn(session, "core.post")  # two at once would both find no post of the same person, and make it twice
    sheet = read_sheet(data, COLUMNS)
    lines = sheet.lines
    accounts = user_ids(session, [name for line in lines for name in _logins(line)])
    grids = places(session, {line.values["grid"] for line in lines})
    enabled = {id for id, person in people(session, accounts.values()).items() if person.enabled}
    sheet.refuse(_faults(lines, {login: id in enabled for login, id in accounts.items()}, set(grids)))
    for place in grids.values():
        require(session.actor, MANAGE, place.path)
    ids = {code: place.grid_id for code, place in grids.items() if place.grid_id is not None}
    hall = _Hall(session, posts_of_grids(session, list(ids.values())), ids)
    for line in lines:
        holder, *deputies = [accounts[name] for name in _logins(line)]
        hall.seat(line, holder, deputies)
    hall.finish()
    return WorkersTaken(len(accounts), hall.filled, hall.lent, hall.unchanged, tuple(hall.differences))


class _Hall:
    """The posts of the grids of a list while its rows are seated, and what has been done."""

    def __init__(self, session: WorkSession, standing: dict[int, list[PostView]], grids: Mapping[str, int]) -> None:
        self.session = session
        self.standing = standing
        self.grids = grids
        self.filled = self.lent = self.unchanged = 0
        self.differences: list[Difference] = []
        self.takes: list[FillPost] = []

    def seat(self, line: Line, holder: UUID, deputies: list[UUID]) -> None:
        """Put the holder of a row on their post, and the deputies beside them."""
        there = self.standing.setdefault(self.grids[line.values["grid"]], [])
        held = next((post for post in there if post.kind == _kind(line) and post.holder_id == holder), None)
        if held is None:
            post_id = self._fill(line, there, holder)
            self.filled += 1
        else:
            post_id = held.id
            self._compare(line, held)
        new = [one for one in deputies if not any(post.id == post_id and post.holder_id == one for post in there)]
        for deputy in new:
            self.takes.append(FillPost(post_id, deputy, deputy=True))
        self.lent += len(new)
        self.unchanged += held is not None and not new

    def _fill(self, line: Line, there: list[PostView], holder: UUID) -> UUID:
        """Put somebody on the first vacant post of the row's kind, or on a new one."""
        vacant = next((post for post in there if post.kind == _kind(line) and post.holder_id is None), None)
        if vacant is not None:
            there.remove(vacant)
            fill_post(self.session, FillPost(vacant.id, holder))
            return vacant.id
        command = CreatePost(_kind(line), line.values["title"])
        post = new_post(self.session, command, self.grids[line.values["grid"]])
        self.takes.append(FillPost(post.id, holder))
        return post.id

    def finish(self) -> None:
        """Write who takes what, once all posts stand."""
        self.session.flush()
        for take in self.takes:
            new_holder(self.session, take)
        self.session.flush()

    def _compare(self, line: Line, held: PostView) -> None:
        title = line.values["title"]
        if title and title != held.title:
            self.differences.append(Difference(line.number, line.values["login"], "title", held.title, title))


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
        deputy = logins.fold_login(line.values["deputy"])
        for column, name in (("登录名", login), ("代理人", deputy)):
            found += _stranger(line.number, column, name, enabled) if name else []
        if deputy and deputy == login:
            mend = _("Name somebody else")
            found.append(fault(line.number, "代理人", _("is the holder already"), mend, value=deputy))
        if grid not in grids:
            mend = _("Give the code of a living grid")
            found.append(fault(line.number, "网格编码", _("is no living grid"), mend, value=grid))
        if kind not in POST_KINDS or kind == "seat":
            mend, kinds = _("Use one of: %(kinds)s"), "、".join(KINDS)
            found.append(fault(line.number, "岗位", _("is no post in a grid"), mend, value=kind, kinds=kinds))
        for objection in title_faults(line.values["title"]):
            found.append(told_fault(line.number, "岗位名称", objection, value=line.values["title"]))
        first = seen.setdefault((login, grid, kind), line.number)
        if first != line.number:
            why = _("stands in row %(first)s already")
            found.append(fault(line.number, "登录名", why, _("Drop one of the rows"), value=login, first=first))
    return found


def _stranger(row: int, column: str, login: str, enabled: dict[str, bool]) -> list[Objection]:
    if login not in enabled:
        return [fault(row, column, _("is nobody's login name"), _("Add the person first"), value=login)]
    if not enabled[login]:
        mend = _("Let the person in again")
        return [fault(row, column, _("belongs to somebody who is disabled"), mend, value=login)]
    return []
