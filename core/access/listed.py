"""The rows of a list of people: read, and every fault of them named before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from core.access import logins
from core.access.commands import CreateUser
from core.access.granting import CITY, Place, check_giving, places
from core.access.queries import user_ids
from core.access.roles import ROLES, WORDS
from core.access.service import person_faults
from core.db.session import WorkSession
from core.errors import DomainError, Invalid, Objection
from core.sheets import Column, Line, fault, read_sheet, told_fault
from core.text import noop as _

MOST: Final = 5_000
COLUMNS: Final = (
    Column("login", ("登录名", "login"), needed=True),
    Column("name", ("姓名", "name"), needed=True),
    Column("phone", ("电话", "手机", "手机号", "联系电话", "phone")),
    Column("role", ("角色", "role")),
    Column("grid", ("网格编码", "网格", "所属网格", "grid")),
)
WHOLE_CITY: Final = "全市"
"""What the grid's cell says for the whole city; who walks a grid gets that only when it is said."""
WALKERS: Final = frozenset({"grid_head", "worker"})
HEADS: Final[Mapping[str, str]] = {column.key: column.titles[0] for column in COLUMNS}
Giving = Callable[[str, Place], DomainError | None]


@dataclass(frozen=True)
class Listed:
    """A row that has no fault.

    :param role: slug; empty: none.
    """

    row: int
    person: CreateUser
    role: str
    place: Place
    grid: str


def read_people(session: WorkSession, data: bytes) -> list[Listed]:
    """The people of a list, each login once.

    :raises Invalid: with every fault by row and column.
    """
    sheet = read_sheet(data, COLUMNS)
    lines = sheet.lines
    if len(lines) > MOST:
        raise Invalid(_("The list has more than %(most)s rows; send it in parts"), most=MOST)
    grids = places(session, {line.values["grid"] for line in lines if line.values["grid"]})
    grids = {**grids, WHOLE_CITY: CITY}
    read = [_listed(line, grids) for line in lines]
    taken = user_ids(session, [one.person.login for one in read])
    sheet.refuse(_doubles(read) + _faults(session, read, grids, taken))
    return read


def _listed(line: Line, grids: Mapping[str, Place]) -> Listed:
    values = line.values
    person = CreateUser(logins.fold_login(values["login"]), values["name"], phone=values["phone"])
    role = WORDS.get(values["role"], values["role"])
    return Listed(line.number, person, role, grids.get(values["grid"], CITY), values["grid"])


def _doubles(read: list[Listed]) -> list[Objection]:
    """Login names that stand in several rows."""
    first: dict[str, int] = {}
    return [
        fault(
            one.row, HEADS["login"], _("stands in row %(first)s already"), _("Give another login name"),
            value=one.person.login, first=first[one.person.login],
        )
        for one in read
        if first.setdefault(one.person.login, one.row) != one.row
    ]  # fmt: skip


def _faults(
    session: WorkSession, read: list[Listed], grids: Mapping[str, Place], taken: Mapping[str, object]
) -> list[Objection]:
    @cache
    def refusal(role: str, place: Place) -> DomainError | None:
        """Why this role may not be given there; the same for all rows that ask for it."""
        try:
            check_giving(session, ROLES[role], place)
        except DomainError as error:
            return error
        return None

    found = []
    for one in read:
        for objection in person_faults(one.person):
            key = objection.pointer.strip("/")
            if key != "login" or one.person.login not in taken:
                found.append(told_fault(one.row, HEADS[key], objection, value=getattr(one.person, key)))
        found += _misplaced(one, grids, refusal)
    return found


def _misplaced(one: Listed, grids: Mapping[str, Place], refusal: Giving) -> list[Objection]:
    """A role that is none or may not be given, a grid that is none."""
    found = []
    if one.role and one.role not in ROLES:
        mend, roles = _("Use one of: %(roles)s"), "、".join(WORDS)
        found.append(fault(one.row, HEADS["role"], _("is no role"), mend, value=one.role, roles=roles))
    if one.grid and one.grid not in grids:
        mend = _("Give the code of a living grid")
        found.append(fault(one.row, HEADS["grid"], _("is no living grid"), mend, value=one.grid))
    if one.role in WALKERS and not one.grid:
        mend = _("Give the code of the grid, or write 全市 for the whole city")
        found.append(fault(one.row, HEADS["grid"], _("is empty, and this role belongs to a grid"), mend))
    refused = refusal(one.role, one.place) if one.role and not found else None
    return found + (refused_row(one.row, refused) if refused else [])


def refused_row(row: int, error: DomainError) -> list[Objection]:
    """Why a row was refused, each reason in the column it speaks of."""
    reasons = error.objections or (Objection(error.text),)
    return [told_fault(row, HEADS.get(reason.pointer.strip("/"), HEADS["role"]), reason) for reason in reasons]
