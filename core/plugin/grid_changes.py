"""Plugins have a say when the grids change: ``check_grid_change`` and ``carry_grid_change``, each one guarded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select

from core.db.session import WorkSession
from core.errors import Misdeclared, Objection, Refused
from core.grids import voices
from core.grids.voices import GridChangeView, Voice
from core.plugin.failure import Broken
from core.plugin.manager import Host
from core.plugin.models import PluginRecord
from core.text import Text
from core.text import noop as _

NAME: Final = "plugins"


def listen(host: Host) -> None:
    """Let the plugins of a host be asked about every change of the grids in this process."""
    voices.register(NAME, Voice(lambda s, change: _check(host, s, change), lambda s, change: _carry(host, s, change)))


def _check(host: Host, session: WorkSession, change: GridChangeView) -> list[Objection]:
    """The reasons of all plugins against a change; one that raises objects, and what it wrote is taken back."""
    found: list[Objection] = []
    running = _running(session)
    for name, hook in host.implementations("check_grid_change", session=session, change=change):
        if name not in running:
            continue
        title = Text(host.loaded[name].plugin.title)
        try:
            with session.begin_nested():
                given = host.call(name, "check_grid_change", _asked, hook)
        except Broken as broken:
            said = Text(_("%(plugin)s could not be asked: %(why)s"), {"plugin": title, "why": broken.failure.error})
            found.append(Objection(said, code="plugin-failed", plugin=name))
        else:
            found += [
                replace(one, text=Text(_("%(plugin)s: %(why)s"), {"plugin": title, "why": one.text}), plugin=name)
                for one in given
            ]
    return found


def _running(session: WorkSession) -> set[str]:
    """Those that are switched on: another process may have switched one off meanwhile."""
    return set(session.scalars(select(PluginRecord.name).where(PluginRecord.state == "enabled")))


def _asked(hook: Callable[[], Any]) -> Sequence[Objection]:
    values = list(hook() or ())
    strange = next((value for value in values if not isinstance(value, Objection)), None)
    if strange is not None:
        raise Misdeclared(_("it gave %(gave)s, expected %(wanted)s"), gave=type(strange).__name__, wanted="Objection")
    return values


def _flushed(session: WorkSession, hook: Callable[[], Any]) -> None:
    """A row that the database does not take is the plugin's fault, not that of whoever flushes next."""
    hook()
    session.flush()


def _carry(host: Host, session: WorkSession, change: GridChangeView) -> None:
    """Let each plugin do its part; the first that cannot undoes the whole change."""
    running = _running(session)
    for name, hook in host.implementations("carry_grid_change", session=session, change=change):
        if name not in running:
            continue
        try:
            host.call(name, "carry_grid_change", _flushed, session, hook)
        except Broken as broken:
            raise Refused(
                _("%(plugin)s cannot follow the change, and nothing of it was kept: %(why)s"),
                plugin=Text(host.loaded[name].plugin.title),
                why=broken.failure.error,
            ) from broken
