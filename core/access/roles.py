"""The roles that can be granted. What a role may do stands with the actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.access import actions as registry
from core.text import noop as _


@dataclass(frozen=True)
class Role:
    """A bundle of actions that is granted as one.

    :param word: what lists in Chinese call it.
    :param whole_city: granted for the whole instance only, never for a subtree.
    """

    slug: str
    title: str
    word: str
    whole_city: bool = False

    @property
    def actions(self) -> frozenset[str]:
        """Names of its actions, those of enabled plugins included."""
        return registry.actions_of(self.slug)


ROLES: Final[Mapping[str, Role]] = {
    role.slug: role
    for role in (
        Role("system_admin", _("System administrator"), "系统管理员", whole_city=True),
        Role("security_admin", _("Security administrator"), "安全管理员", whole_city=True),
        Role("audit_admin", _("Audit administrator"), "审计管理员", whole_city=True),
        Role("gis_admin", _("Map administrator"), "地图管理员"),
        Role("grid_head", _("Grid head"), "网格长"),
        Role("worker", _("Grid worker"), "网格员"),
        Role("desk", _("Desk operator"), "受理员"),
        Role("officer", _("Department officer"), "部门经办人"),
        Role("leader", _("Leader"), "领导"),
    )
}

WORDS: Final[Mapping[str, str]] = {role.word: role.slug for role in ROLES.values()}
"""Slugs by the words of Chinese lists."""

EXCLUSIVE: Final = frozenset(registry.ADMINISTRATORS)
"""Roles of which one person holds at most one: who runs the system, who gives rights, who watches both."""

BOOTSTRAP: Final = frozenset({"user.manage", "grant.manage"})
"""What a system administrator may do besides, as long as no security administrator is in office.

So the first person of a new instance can appoint the security administrator (and a village with one clerk can
work); from that moment on the two powers are apart.
"""


def actions_held(role: str, *, security_in_office: bool) -> frozenset[str]:
    """Actions that a granted role gives now."""
    own = registry.actions_of(role)
    return own if security_in_office or role != "system_admin" else own | BOOTSTRAP
