"""What can be done, as registered values; each action names the roles that have it by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from core.errors import Misdeclared
from core.text import noop as _

ADMINISTRATORS: Final = ("system_admin", "security_admin", "audit_admin")
STAFF: Final = ("grid_head", "worker", "desk", "officer", "leader")
EVERYONE: Final = (*ADMINISTRATORS, "gis_admin", *STAFF)


@dataclass(frozen=True)
class Action:
    """Something a person may or may not do.

    :param name: stable slug, ``room.verb``; a plugin's begins with the plugin's name.
    :param title: msgid, a verb phrase that fits into "You may not …".
    :param roles: slugs of the roles that have it.
    """

    name: str
    title: str
    roles: frozenset[str] = frozenset()


def _action(name: str, title: str, roles: Iterable[str]) -> Action:
    return Action(name, title, frozenset(roles))


HOST_ACTIONS: Final[tuple[Action, ...]] = (
    _action("grid.see", _("see a grid's figures"), EVERYONE),
    _action("grid.import", _("import grids"), ("gis_admin",)),
    _action("grid.repair", _("repair the boundaries"), ("gis_admin",)),
    _action("plan.draw", _("draw a plan of boundaries"), ("gis_admin", "grid_head")),
    _action("plan.approve", _("decide on a plan of boundaries"), ("gis_admin", "leader")),
    _action("grid.export", _("export grids"), ("gis_admin", "grid_head", "desk", "leader")),
    _action("matter.see", _("see matters"), STAFF),
    _action("matter.report", _("report a matter"), ("grid_head", "worker", "desk", "officer")),
    _action("matter.accept", _("accept a matter"), ("grid_head", "desk")),
    _action("matter.settle", _("settle a matter in the grid"), ("grid_head", "worker", "desk", "officer")),
    _action("matter.whistle", _("call departments to a matter"), ("grid_head", "desk", "leader")),
    _action("matter.claim", _("take up tasks of the own department"), ("officer",)),
    _action("matter.assign", _("assign tasks to departments"), ("grid_head", "desk", "leader")),
    _action("matter.arbitrate", _("decide whose a matter is"), ("desk", "leader")),
    _action("matter.verify", _("check the result of a matter"), ("grid_head", "worker", "desk")),
    _action("matter.close", _("close a matter"), ("grid_head", "desk")),
    _action("matter.reject", _("reject a matter"), ("grid_head", "desk")),
    _action("matter.relocate", _("move a matter's place"), ("grid_head", "worker", "desk")),
    _action("matter.note", _("add a note to a matter"), STAFF),
    _action("matter.export", _("export matters"), ("grid_head", "desk", "leader")),
    _action("file.see", _("see photos and files"), STAFF),
    _action("plugin.manage", _("manage plugins"), ("system_admin",)),
    _action("user.manage", _("manage users"), ("security_admin",)),
    _action("grant.manage", _("give and take roles"), ("security_admin",)),
    _action("org.see", _("see departments and posts"), EVERYONE),
    _action("org.manage", _("manage departments and posts"), ("system_admin", "security_admin")),
    _action("responsibility.manage", _("say which department answers for what"), ("system_admin", "leader")),
    _action("setting.manage", _("change the settings"), ("system_admin",)),
    _action("calendar.manage", _("change the working calendar"), ("system_admin",)),
    _action("audit.read", _("read the journal"), ("audit_admin",)),
    _action("token.issue", _("issue a token for somebody else"), ()),
    _action("demo.manage", _("load or clear the demonstration city"), ("system_admin",)),
)

_owners: dict[str, tuple[Action, str]] = {action.name: (action, "") for action in HOST_ACTIONS}


def register(action: Action, plugin: str = "") -> None:
    """Make an action known; refuses a name that stands already, naming both owners."""
    if plugin and not action.name.startswith(f"{plugin}."):
        raise Misdeclared(
            _("the action %(name)s of plugin %(plugin)s must begin with '%(plugin)s.'"), name=action.name, plugin=plugin
        )
    known = _owners.get(action.name)
    if known is not None and known != (action, plugin):
        raise Misdeclared(
            _("the action %(name)s is declared by %(one)s and by %(other)s"),
            name=action.name,
            one=known[1] or "wangge",
            other=plugin or "wangge",
        )
    _owners[action.name] = (action, plugin)


def unregister(plugin: str) -> None:
    """Take away all actions of a plugin."""
    for name in [name for name, (_action, owner) in _owners.items() if owner == plugin and plugin]:
        del _owners[name]


def actions() -> Mapping[str, Action]:
    """All actions of this process by name."""
    return {name: action for name, (action, _plugin) in _owners.items()}


def find(name: str) -> Action | None:
    """One action, or ``None`` when nobody declares it (a disabled plugin's)."""
    known = _owners.get(name)
    return known[0] if known else None


def actions_of(role: str) -> frozenset[str]:
    """Names of the actions that a role has."""
    return frozenset(name for name, (action, _plugin) in _owners.items() if role in action.roles)
