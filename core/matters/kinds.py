"""Kinds of matter as registered values: the host's own, and those that plugins bring."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from sqlalchemy import Table

from core.calendars.course import due_at
from core.calendars.limits import Term, parse_limit
from core.calendars.working import Calendar
from core.errors import Misdeclared
from core.text import noop as _

NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
STAGE: Final = re.compile(r"[a-z][a-z0-9_]*")
WHOLE: Final = "handle"
"""Name of the clock of a kind's own limit."""
REPORT_IN, TASK, CHECK = "claim", "task", "verify"
"""Names of the clocks by which a department takes up its task and does it, and by which its result is checked."""
RESERVED: Final = frozenset({WHOLE, REPORT_IN, TASK, CHECK})
STARTS_AND_ENDS: Final = frozenset({"", "report", "accept", "settle", "whistle", "claim", "feed_back", "close"})
"""Steps with which the clock of a stage may start or end."""
ICON: Final = "clipboard-list"
ID_COLUMN: Final = "matter_id"
OPTIONAL_STEPS: Final = frozenset(
    {"reject", "withdraw", "relocate", "note", "whistle", "decline", "assign", "waive", "send_back"}
)
"""The steps that a kind may do without; by the others a matter goes from its report to its end."""


@dataclass(frozen=True)
class Sample:
    """An example report of a kind, in Chinese: the demonstration city is filled with them.

    :param form: values that the kind's form accepts.
    """

    title: str
    text: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FormLimit:
    """A time limit that follows the choice in one field of the form.

    :param field: a field of the kind's form with choices, or yes and no (``"true"``, ``"false"``).
    :param limits: choice → time limit; other choices say nothing.
    """

    field: str
    limits: Mapping[str, str]


@dataclass(frozen=True)
class FormDay:
    """A day that the form itself names: the matter is due when that day ends. An empty field says nothing.

    :param field: a date field of the kind's form.
    """

    field: str


@dataclass(frozen=True)
class Stage:
    """A time limit of its own for a part of the work, beside the kind's whole limit.

    :param name: slug, as in ``stop``; ``title`` is the message id of what must be done by then.
    :param limit: time limit such as ``4wh`` or ``7wd``.
    :param starts: slug of the step with which its clock starts; ``ends`` of the one that ends it by itself. Otherwise
        it is ticked off with a note, and with whatever closes the matter.
    """

    name: str
    title: str
    limit: str
    starts: str = "report"
    ends: str = ""


@dataclass(frozen=True)
class MatterKind:
    """One kind of matter.

    :param name: stable slug, a plugin's is prefixed with the plugin's name: ``emergency.hazard``.
    :param title: message id of its name; the plugin's catalogue translates it.
    :param icon: name in the icon set.
    :param category: code in the city's catalogue of matters; groups kinds in the report form.
    :param form: pydantic model of the kind's own fields, together with ``table``.
    :param table: details table: primary key ``matter_id``, one column for each field of ``form``.
    :param limit: time limit such as ``3wd``, ``2h``, ``30min``, ``30nd``, ``4wh``; ``None`` has none.
    :param limit_by: limits that depend on what the form says: the earliest of them holds, ``limit`` where none does.
    :param stages: time limits of their own for parts of the work.
    :param settle_in_grid: the grid may settle it itself.
    :param auto_close: the one who handled it may close it; otherwise another must.
    :param steps_off: steps this kind does not have, of ``OPTIONAL_STEPS``.
    :param evidence: photos that a step asks for, by step. Those that came earlier count, for ``close`` those since
        ``settle``: a photo from before the work is none from after it.
    :param sensitive: what is told of such a matter stays in the house: e-mails, SMS and webhooks say only that there is
        something.
    :param priority: 1 urgent, 2 normal, 3 low.
    :param description: one sentence for the report form.
    :param samples: example reports for the demonstration.
    """

    name: str
    title: str
    icon: str = ICON
    category: str = ""
    form: type[BaseModel] | None = None
    table: Table | None = None
    limit: str | None = None
    limit_by: tuple[FormLimit | FormDay, ...] = ()
    stages: tuple[Stage, ...] = ()
    settle_in_grid: bool = True
    auto_close: bool = False
    steps_off: frozenset[str] = frozenset()
    evidence: Mapping[str, int] = field(default_factory=dict)
    sensitive: bool = False
    priority: int = 2
    description: str = ""
    samples: tuple[Sample, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a matter kind: use small letters, as in emergency.hazard")
        if self.priority not in {1, 2, 3}:
            raise ValueError(f"{self.name}: priority is 1, 2 or 3")
        if needed := sorted(self.steps_off - OPTIONAL_STEPS):
            may = ", ".join(sorted(OPTIONAL_STEPS))
            raise ValueError(f"{self.name}: {', '.join(needed)} cannot be switched off; steps_off may hold {may}")
        if not self.settle_in_grid and "whistle" in self.steps_off:
            raise ValueError(f"{self.name}: neither the grid nor a department could settle it")
        if "assign" in self.steps_off and "decline" not in self.steps_off:
            raise ValueError(f"{self.name}: what a department declines could be assigned to no other")
        if self.limit is not None:
            parse_limit(self.limit)
        _check_details(self)
        for rule in self.limit_by:
            _check_rule(self, rule)
        _check_stages(self)

    def term(self, form: BaseModel | None, start: dt.datetime, calendar: Calendar) -> Term | None:
        """What a matter of this kind has for a time limit: the one that ends first of those that the form gives.

        :param start: when its clock starts.
        """
        values = form.model_dump(mode="json") if form else {}
        terms = [term for rule in self.limit_by if (term := _rule_term(rule, values.get(rule.field)))]
        if terms:
            return min(terms, key=lambda term: due_at(start, term, calendar))
        return parse_limit(self.limit) if self.limit else None


def _rule_term(rule: FormLimit | FormDay, value: Any) -> Term | None:
    if isinstance(rule, FormDay):
        return dt.date.fromisoformat(value) if value else None
    limit = rule.limits.get(_as_choice(value))
    return parse_limit(limit) if limit else None


def _as_choice(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_rule(kind: MatterKind, rule: FormLimit | FormDay) -> None:
    info = kind.form.model_fields.get(rule.field) if kind.form else None
    if info is None:
        raise ValueError(f"{kind.name}: the form has no field {rule.field}, which a time limit depends on")
    types = [info.annotation, *get_args(info.annotation)]
    if isinstance(rule, FormDay):
        if dt.date not in types:
            raise ValueError(f"{kind.name}: the field {rule.field} is no date")
        return
    known = {_as_choice(choice) for each in types if get_origin(each) is Literal for choice in get_args(each)}
    if bool in types:
        known |= {"true", "false"}
    unknown = sorted(set(rule.limits) - known)
    if unknown:
        raise ValueError(f"{kind.name}: the field {rule.field} has no choice {', '.join(unknown)}")
    for limit in rule.limits.values():
        parse_limit(limit)


def _check_stages(kind: MatterKind) -> None:
    names = [stage.name for stage in kind.stages]
    for stage in kind.stages:
        if not STAGE.fullmatch(stage.name) or stage.name in RESERVED or names.count(stage.name) > 1:
            raise ValueError(f"{kind.name}: {stage.name!r} is no name of a stage, or names another one too")
        if unknown := sorted({stage.starts, stage.ends} - STARTS_AND_ENDS):
            may = ", ".join(sorted(STARTS_AND_ENDS - {""}))
            raise ValueError(f"{kind.name}: no stage starts or ends with {unknown[0]}; one may with {may}")
        parse_limit(stage.limit)


def _check_details(kind: MatterKind) -> None:
    if (kind.form is None) != (kind.table is None):
        raise ValueError(f"{kind.name}: a form needs its details table, and a table its form")
    if kind.form is None or kind.table is None:
        return
    if [column.name for column in kind.table.primary_key] != [ID_COLUMN]:
        raise ValueError(f"{kind.name}: the primary key of {kind.table} must be {ID_COLUMN}")
    lacking = sorted(set(kind.form.model_fields) - {column.name for column in kind.table.columns})
    if lacking:
        raise ValueError(f"{kind.name}: {kind.table} lacks the columns {', '.join(lacking)}")


GENERAL: Final = MatterKind(
    "general",
    _("General matter"),
    auto_close=True,
    limit="5wd",
    description=_("Whatever has no kind of its own."),
    samples=(
        Sample("楼道堆放杂物", "三单元二楼楼道堆放旧家具，影响通行。"),
        Sample("路灯不亮", "小区东门外第二盏路灯已三天不亮。"),
        Sample("井盖松动", "人行道井盖松动，行人踩上去有响声。"),
        Sample("垃圾清运不及时", "垃圾投放点周末无人清运，有异味。"),
        Sample("健身器材损坏", "小广场漫步机踏板脱落，请尽快维修。"),
        Sample("绿化带被占用", "有车辆长期停放在绿化带内。"),
        Sample("噪声扰民", "夜间十点后仍有施工声音。"),
        Sample("居民反映水压低", "五楼以上住户反映早高峰水压不足。"),
    ),
)

_kinds: dict[str, tuple[MatterKind, str]] = {GENERAL.name: (GENERAL, "")}


def register_kind(kind: MatterKind, plugin: str) -> None:
    """Make a plugin's kind known to this process.

    :raises Misdeclared: when the name lacks the plugin's prefix, or is taken (both owners are named).
    """
    if not kind.name.startswith(f"{plugin}."):
        raise Misdeclared(
            _("the matter kind %(name)s of plugin %(plugin)s must be named %(plugin)s.…"), name=kind.name, plugin=plugin
        )
    if kind.name in _kinds:
        owner = _kinds[kind.name][1] or "wangge"
        raise Misdeclared(
            _("the matter kind %(name)s of plugin %(plugin)s is taken by %(owner)s"),
            name=kind.name,
            plugin=plugin,
            owner=owner,
        )
    _kinds[kind.name] = (kind, plugin)


def unregister(plugin: str) -> None:
    """Forget all kinds of a plugin; its matters stay."""
    for name in [name for name, (_kind, owner) in _kinds.items() if owner == plugin]:
        del _kinds[name]


def kinds() -> tuple[MatterKind, ...]:
    """All known kinds: the plugins' by name, the host's general one last."""
    return tuple(kind for kind, _owner in sorted(_kinds.values(), key=lambda pair: (pair[1] == "", pair[0].name)))


def kind(name: str) -> MatterKind | None:
    """One kind; ``None`` when no enabled plugin brings it."""
    found = _kinds.get(name)
    return found[0] if found else None


def owner(name: str) -> str:
    """The plugin that brings a kind; empty for the host's and for unknown kinds."""
    found = _kinds.get(name)
    return found[1] if found else ""
