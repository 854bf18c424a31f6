"""People from an XLSX list, all of them or none."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from core.access import logins
from core.access.commands import CreateUser, GrantRole, NewUser
from core.access.granting import grant_role
from core.access.policy import require
from core.access.queries import grid_ids, user_ids
from core.access.roles import ROLES, WORDS
from core.access.service import create_user
from core.db.session import WorkSession
from core.errors import DomainError, Objection
from core.sheets import Column, Line, fault, read_sheet, refuse, template
from core.text import noop as _

COLUMNS: Final = (
    Column("login", ("登录名", "login"), needed=True),
    Column("name", ("姓名", "name"), needed=True),
    Column("phone", ("电话", "手机", "phone")),
    Column("role", ("角色", "role")),
    Column("grid", ("网格编码", "grid")),
)
HEADS: Final = {f"/{column.key}": column.titles[0] for column in COLUMNS}
EXAMPLE: Final = ("zhangsan", "张三", "13900000000", "网格员", "")


def users_template() -> bytes:
    """An empty list with the heads and an example."""
    return template(COLUMNS, EXAMPLE)


def import_users(session: WorkSession, data: bytes) -> list[NewUser]:
    """Add everybody of a list and grant their roles; one-time passwords are in the answer, kept nowhere.

    :raises Invalid: with every fault by row and column; then nothing is written.
    """
    require(session.actor, "user.manage")
    lines = read_sheet(data, COLUMNS)
    refuse(_faults(session, lines))
    made, faults = [], []
    for line in lines:
        try:
            user = create_user(
                session, CreateUser(line.values["login"], line.values["name"], phone=line.values["phone"])
            )
            if line.values["role"]:
                grant_role(session, GrantRole(user.id, _role(line), line.values["grid"] or None))
            made.append(user)
        except DomainError as error:
            faults += _refused(line.number, error)
    refuse(faults)
    return made


def _refused(row: int, error: DomainError) -> list[Objection]:
    """Why a row was refused, each reason in the column it speaks of."""
    reasons = error.objections or (Objection(error.text),)
    return [
        fault(
            row,
            HEADS.get(reason.pointer, "角色"),
            reason.text.message,
            reason.mend.message if reason.mend else _("Correct the row"),
            **reason.text.params,
        )
        for reason in reasons
    ]


def _faults(session: WorkSession, lines: list[Line]) -> list[Objection]:
    """What can be seen before anything is written: doubles, taken logins, unknown roles and grids."""
    names = [logins.fold_login(line.values["login"]) for line in lines]
    taken = user_ids(session, names)
    known = grid_ids(session, {line.values["grid"] for line in lines if line.values["grid"]})
    seen: dict[str, int] = {}
    found = []
    for line, name in zip(lines, names, strict=True):
        if name in seen:
            found.append(
                fault(
                    line.number,
                    "登录名",
                    _("stands in row %(first)s already"),
                    _("Give another login name"),
                    first=seen[name],
                )
            )
        elif name in taken:
            found.append(fault(line.number, "登录名", _("is taken"), _("Give another login name")))
        seen.setdefault(name, line.number)
        found += _misplaced(line, known)
    return found


def _misplaced(line: Line, known: Container[str]) -> list[Objection]:
    """A role that is none, a grid that is none."""
    found = []
    if line.values["role"] and _role(line) not in ROLES:
        roles = "、".join(WORDS)
        found.append(fault(line.number, "角色", _("is no role"), _("Use one of: %(roles)s"), roles=roles))
    if line.values["grid"] and line.values["grid"] not in known:
        found.append(fault(line.number, "网格编码", _("is no living grid"), _("Give the code of a living grid")))
    return found


def _role(line: Line) -> str:
    """The slug of the role that the row names, in Chinese or by the slug itself."""
    word = line.values["role"]
    return WORDS.get(word, word)
