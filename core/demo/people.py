"""Forty made-up people of the demonstration city, in all roles; nobody knows their passwords until one is reset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.access.commands import CreateUser, GrantRole
from core.access.granting import grant_role
from core.access.service import create_user
from core.db.session import WorkSession
from core.grids.acts import Birth

PREFIX: Final = "demo-"
SECURITY_LOGIN: Final = "demo-security-admin-01"
"""Who may reset the others' passwords and grant roles."""
SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN: Final = (
    "建华", "秀英", "志强", "桂兰", "国庆", "丽娟", "海涛", "春梅", "文博", "雪莲",
    "永刚", "玉珍", "晓东", "红霞", "思远", "淑芬", "立军", "美玲", "俊杰", "凤琴",
)  # fmt: skip
WORKERS: Final = 14
ROLES: Final = (("security_admin", 1), ("audit_admin", 1), ("gis_admin", 2), ("leader", 2), ("desk", 3), ("officer", 5))
"""Roles for the whole city, and how many people hold each; heads and workers come per street and community."""


@dataclass(frozen=True)
class DemoPerson:
    """A person, the role they were given, and the grids it holds in (none: the whole city)."""

    id: UUID
    name: str
    phone: str
    role: str
    grids: tuple[str, ...]


def load_people(session: WorkSession, grids: Sequence[Birth]) -> list[DemoPerson]:
    """Make the people and grant their roles."""
    people = []
    for number, (role, codes) in enumerate(_offices(grids)):
        name = SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 % len(GIVEN)]
        login = f"{PREFIX}{role.replace('_', '-')}-{number + 1:02d}"
        phone = f"1390000{number + 1:04d}"
        user = create_user(session, CreateUser(login, name, phone=phone))
        for code in codes or (None,):
            grant_role(session, GrantRole(user.id, role, code))
        people.append(DemoPerson(user.id, name, phone, role, codes))
    return people


def _offices(grids: Sequence[Birth]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for role, count in ROLES:
        for _ in range(count):
            yield role, ()
    for street in (grid for grid in grids if grid.level == "street"):
        yield "grid_head", (street.code,)
    communities = [grid for grid in grids if grid.level == "community"]
    for number in range(WORKERS):
        first, end = (edge * len(communities) // WORKERS for edge in (number, number + 1))
        yield "worker", tuple(community.code for community in communities[first:end])
