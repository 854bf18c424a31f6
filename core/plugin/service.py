"""The life of a plugin: installed from a wheel, switched on, switched off.

These functions open transactions of their own, because tables are made by another database role than the one that
runs the program; the record of the plugin, its tables and the epoch change together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from core import clock
from core.access.policy import require
from core.actor import Actor
from core.db.models import Instance
from core.db.session import WorkSession, owner_work, reading, work
from core.errors import NotFound, Refused
from core.plugin import placing, workers
from core.plugin.catalogues import compile_catalogues
from core.plugin.describe import describe
from core.plugin.failure import Broken, Failure
from core.plugin.loading import note_failure
from core.plugin.manifest import package_of
from core.plugin.models import PluginRecord
from core.plugin.queries import plugin
from core.plugin.site import Site
from core.plugin.tables import migrate
from core.plugin.turn import own_turn
from core.plugin.views import PluginView
from core.plugin.wheel import WheelFacts, inspect_plugin
from core.text import noop as _

MANAGE = "plugin.manage"


@dataclass(frozen=True)
class InstallPlugin:
    """Install a plugin from a wheel.

    :param wheel: the file.
    :param wheels: folder with wheels of what it depends on.
    """

    wheel: Path
    wheels: Path | None = None


def install_plugin(actor: Actor, site: Site, command: InstallPlugin) -> PluginView:
    """Bring a plugin, or another version of it, into this instance; whether it is switched on stays as it was.

    What cannot be imported is refused and leaves nothing behind; of an update the older version stays.

    :raises Invalid: when the file is no plugin for this host.
    :raises Refused: when pip or its migrations refuse, or the plugin is broken.
    """
    require(actor, MANAGE)
    facts = inspect_plugin(command.wheel)
    with own_turn():
        return _install(actor, site, command, facts)


def _install(actor: Actor, site: Site, command: InstallPlugin, facts: WheelFacts) -> PluginView:
    placing.sweep(site.folder)
    target = site.folder / facts.name / facts.version
    with placing.unpacked(facts, command.wheels, site.folder) as incoming:
        compile_catalogues(incoming / package_of(facts.name))
        try:
            manifest = describe(incoming, site.specs)
        except Broken as broken:
            raise _broken(facts.name, broken.failure) from broken
        old = placing.replace(incoming, target)
    try:
        epoch = _keep(actor, site, facts, target, manifest)
    except BaseException:
        placing.restore(target, old)
        raise
    placing.discard(old)
    workers.reload(site.settings, epoch)
    return _view(actor, site, facts.name)


def _keep(actor: Actor, site: Site, facts: WheelFacts, folder: Path, manifest: Mapping[str, Any]) -> int:
    with owner_work(actor, site.owner_url) as session:
        _migrate(session, facts.name, folder, manifest)
        known = session.get(PluginRecord, facts.name)
        if known is None:
            known = PluginRecord(name=facts.name, state="installed")
            session.add(known)
        known.distribution = facts.distribution
        known.version = facts.version
        known.wheel_sha256 = facts.sha256
        known.manifest = dict(manifest)
        known.failure = None
        known.changed_at = clock.now()
        return _next_epoch(session)


def enable_plugin(actor: Actor, site: Site, name: str) -> PluginView:
    """Switch a plugin on; its tables are brought up to date and the web workers renewed.

    Switching on twice is the same as once.

    :raises NotFound: when there is no such plugin.
    :raises Refused: when it does not fit this host, needs another plugin, or is broken.
    """
    require(actor, MANAGE)
    with own_turn():
        return _enable(actor, site, name)


def _enable(actor: Actor, site: Site, name: str) -> PluginView:
    view = _view(actor, site, name)
    if view.state == "enabled":
        workers.reload(site.settings, view.epoch)
        return view
    if view.state in {"incompatible", "missing"}:
        raise Refused(_("The plugin %(name)s cannot be switched on: %(reason)s"), name=name, reason=view.reason)
    folder = site.folder / name / view.version
    try:
        manifest = describe(folder, site.specs)
    except Broken as broken:
        with work(actor) as session:
            note_failure(session, name, broken.failure)
        raise _broken(name, broken.failure) from broken
    with owner_work(actor, site.owner_url) as session:
        _check_required(session, name, manifest)
        _migrate(session, name, folder, manifest)
        record = session.get(PluginRecord, name)
        if record is None:
            record = _adopted(view)
            session.add(record)
        record.state = "enabled"
        record.manifest = dict(manifest)
        record.failure = None
        record.changed_at = clock.now()
        epoch = _next_epoch(session)
    workers.reload(site.settings, epoch)
    return _view(actor, site, name)


def disable_plugin(actor: Actor, site: Site, name: str) -> PluginView:
    """Switch a plugin off at once: its pages answer 404, all that it adds vanishes, its data stays.

    :raises NotFound: when there is no such plugin.
    :raises Refused: when a plugin that is switched on needs it.
    """
    require(actor, MANAGE)
    _view(actor, site, name)
    with own_turn(), work(actor) as session:
        record = session.get(PluginRecord, name)
        if record is None:
            raise NotFound(_("The plugin %(name)s is not installed"), name=name)
        if record.state == "enabled":
            _check_unneeded(session, name)
            record.state = "disabled"
            record.failure = None
            record.changed_at = clock.now()
            _next_epoch(session)
    return _view(actor, site, name)


def _adopted(view: PluginView) -> PluginRecord:
    """A record for a plugin that lies in the folder but was never installed here."""
    return PluginRecord(
        name=view.name, distribution=view.distribution, version=view.version, wheel_sha256="", state="installed"
    )


def _migrate(session: WorkSession, name: str, folder: Path, manifest: Mapping[str, Any]) -> None:
    versions = str(manifest.get("versions", ""))
    if not versions:
        return
    session.flush()
    try:
        migrate(session.connection(), name, folder / versions)
    except Exception as error:  # revisions are the plugin's code
        raise Refused(
            _("The tables of the plugin %(name)s could not be made, nothing was changed: %(error)s"),
            name=name,
            error=str(error).splitlines()[0] if str(error) else type(error).__name__,
        ) from error


def _check_required(session: WorkSession, name: str, manifest: Mapping[str, Any]) -> None:
    running = set(session.scalars(select(PluginRecord.name).where(PluginRecord.state == "enabled")))
    lacking = sorted(set(manifest.get("requires", ())) - running)
    if lacking:
        raise Refused(
            _("The plugin %(name)s needs %(others)s; switch that on first"), name=name, others=", ".join(lacking)
        )


def _check_unneeded(session: WorkSession, name: str) -> None:
    running = session.scalars(select(PluginRecord).where(PluginRecord.state == "enabled"))
    users = sorted(record.name for record in running if name in record.manifest.get("requires", ()))
    if users:
        raise Refused(
            _("The plugin %(name)s is needed by %(others)s; switch that off first"), name=name, others=", ".join(users)
        )


def _next_epoch(session: WorkSession) -> int:
    statement = update(Instance).values(plugin_epoch=Instance.plugin_epoch + 1).returning(Instance.plugin_epoch)
    return int(session.execute(statement).scalar_one())


def _broken(name: str, failure: Failure) -> Refused:
    return Refused(_("The plugin %(name)s is broken and does not run: %(reason)s"), name=name, reason=failure.reason)


def _view(actor: Actor, site: Site, name: str) -> PluginView:
    with reading(actor) as session:
        return plugin(session, site.settings, name)
