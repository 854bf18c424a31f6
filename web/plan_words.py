"""A plan's operations and states in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import get_locale, gettext

from core.grids.plans.calling import NAMING
from core.grids.plans.views import PlanFacts
from core.grids.views import PlanState
from core.text import noop as _
from web import slots

STATES: Final[Mapping[PlanState, tuple[str, str]]] = {
    "draft": (_("Draft"), "neutral"),
    "submitted": (_("Waiting for approval"), "info"),
    "returned": (_("Given back"), "warn"),
    "approved": (_("Approved"), "ok"),
    "applied": (_("In force"), "ok"),
    "withdrawn": (_("Given up for good"), "neutral"),
}
"""State → its word and the tone of its tag."""

TABLES: Final[Mapping[str, str]] = {
    "core.matter": _("Matters"),
    "core.grant": _("Roles granted"),
    "core.post": _("Posts"),
    "core.responsibility": _("Responsibilities"),
}
"""Tables of the host whose rows a plan moves or ends, in words."""

OPEN: Final[Mapping[str, str]] = {"core.matter": _("Open matters")}
"""Tables of which only the open rows are counted in a grid, in words."""

PLAIN: Final[Mapping[str, str]] = {
    "reshape": _("Move the border of %(grid)s"),
    "move_vertex": _("Move a vertex from %(from)s to %(to)s"),
    "insert_vertex": _("Put a vertex at %(at)s"),
    "delete_vertex": _("Take out the vertex at %(at)s"),
    "rename": _("Rename %(grid)s to %(name)s"),
    "recode": _("Give %(grid)s the code %(code)s"),
    "move": _("Move %(grid)s under %(parent)s"),
    "retire": _("End %(grid)s; its area goes to %(into)s"),
    "carve": _("Take %(name)s out of %(from)s as a grid of its own"),
    "load": _("Put the grids of a file under %(parent)s"),
}
"""Operations that one sentence tells."""


def decision_words(plan: PlanFacts) -> tuple[str, str]:
    """What to call whoever did something with a plan last, and the moment of it."""
    if plan.state == "withdrawn":
        return str(gettext(_("Given up by"))), str(gettext(_("Given up on")))
    if plan.taken_back:
        return str(gettext(_("Taken back by"))), str(gettext(_("Taken back on")))
    if plan.state == "returned" and not plan.refusal:
        return str(gettext(_("Given back by"))), str(gettext(_("Given back on")))
    return str(gettext(_("Decided by"))), str(gettext(_("Decided on")))


def table_word(table: str) -> str:
    """What rows of a table are called; those of a plugin by the plugin's title."""
    if table in TABLES:
        return str(gettext(TABLES[table]))
    plugin = table.partition(".")[0].removeprefix("plugin_")
    return slots.kept_title(plugin, str(get_locale() or "zh"))


def open_word(table: str) -> str:
    """What those rows of a table are called about which there is still something to do."""
    return str(gettext(OPEN[table])) if table in OPEN else table_word(table)


def operation_words(operation: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One operation as a sentence.

    :param names: of the grids, by code, as they were called just before it.
    """
    told = {field: _told(value, names if field in NAMING else {}) for field, value in operation.items()}
    match operation["op"]:
        case "subdivide" if "net_m" in operation:
            width = f"{operation['net_m']:.10g}"
            return str(gettext(_("Subdivide %(grid)s by a net of %(net_m)s m"), grid=told["grid"], net_m=width))
        case "subdivide" if "lines" in operation:
            lines = len(operation["lines"])
            return str(gettext(_("Subdivide %(grid)s by lines: %(n)s"), grid=told["grid"], n=lines))
        case "subdivide":
            return str(gettext(_("Subdivide %(grid)s by a file"), grid=told["grid"]))
        case "split" if operation.get("names"):
            pairs = zip(operation["names"], operation.get("codes") or (), strict=False)
            parts = gettext(_(", ")).join(name or names.get(code) or code for name, code in pairs)
            return str(gettext(_("Split %(grid)s into %(parts)s"), grid=told["grid"], parts=parts))
        case "split":
            return str(gettext(_("Split %(grid)s in two"), grid=told["grid"]))
        case "merge":
            code = operation.get("code") or operation["grids"][0]
            heir = code if code in operation["grids"] else operation["grids"][0]
            into = operation.get("name") or (f"{names[heir]} {code}" if heir in names else code)
            return str(gettext(_("Merge %(grids)s into %(into)s"), grids=told["grids"], into=into))
        case "load" if operation.get("reverts"):
            return str(gettext(_("Take a change back: the grids under %(parent)s as they were before it"), **told))
        case op if op in PLAIN:
            return str(gettext(PLAIN[op], **told))
        case op:
            return str(op)


def _told(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        if value and all(isinstance(part, str) for part in value):
            return str(gettext(_(", "))).join(_named(code, names) for code in value)
        return ", ".join(_number(part) for part in value) if len(value) <= 2 else ""
    return _named(value, names) if isinstance(value, str) else str(value)


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} {code}" if names.get(code, code) != code else code


def _number(part: Any) -> str:
    """A degree to the centimetre: what JSON adds behind it is noise."""
    return f"{part:.7f}".rstrip("0").rstrip(".") if isinstance(part, float) else str(part)
