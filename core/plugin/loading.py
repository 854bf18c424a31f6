"""Brings the plugins that are switched on into this process, in order, each one guarded."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.access import actions
from core.actor import Actor, job
from core.db.session import WorkSession, reading, work
from core.grids import rehoming
from core.matters import kinds
from core.plugin.discovery import Found, discover, put_on_path, read_folder
from core.plugin.failure import Broken, Failure, failure_of
from core.plugin.grid_changes import listen
from core.plugin.manager import Host, Loaded, ordered
from core.plugin.manifest import ATTRIBUTE, Plugin, faults
from core.plugin.models import PluginRecord
from core.plugin.tables import is_current
from core.settings import Settings
from core.text import Text
from core.text import noop as _

LOADER: Final = job("plugins")
SWITCHED_ON: Final = "enabled"


def import_plugin(found: Found) -> Loaded:
    """Import a plugin and check its manifest.

    :raises Broken: when it cannot be imported, exits, or its manifest is wrong.
    """
    put_on_path(found.folder)
    try:
        module = importlib.import_module(found.module)
        manifest = getattr(module, ATTRIBUTE, None)
    except (Exception, SystemExit) as error:
        raise Broken(failure_of("import", error, found.folder)) from error
    wrong = faults(manifest, found.name)
    if wrong:
        raise Broken(Failure("manifest", wrong[0]))
    assert isinstance(manifest, Plugin)
    return Loaded(manifest, found.version, found.folder, module)


def package_folder(loaded: Loaded) -> Path:
    """Folder of a plugin's package."""
    assert loaded.module.__file__
    top = loaded.module.__name__.split(".")[0]
    folder = Path(loaded.module.__file__).parent
    return folder if folder.name == top else next(parent for parent in folder.parents if parent.name == top)


def versions_folder(loaded: Loaded) -> Path | None:
    """Folder of a plugin's revisions; ``None`` when it has no tables."""
    return package_folder(loaded) / loaded.plugin.migrations if loaded.plugin.migrations else None


def load(settings: Settings, specs: Iterable[str], actor: Actor = LOADER) -> Host:
    """A host with every plugin that is switched on and can run; the others stand in ``failures``.

    Kinds and actions are registered; rows with a place follow the grids, those of plugins that are off too. In safe
    mode, or when the table of plugins cannot be read, nothing is loaded.

    :param specs: dotted names of the modules with hook specifications.
    """
    host = Host(importlib.import_module(name) for name in specs)
    try:
        with reading(actor) as session:
            records = session.scalars(select(PluginRecord)).all()
    except SQLAlchemyError as error:
        host.failures[""] = failure_of("states", error)
        return host
    for record in records:
        for table in record.manifest.get("located", ()):
            rehoming.register(rehoming.LocatedTable(table))
    if settings.safe_mode:
        return host
    wanted = {record.name: record.version for record in records if record.state == SWITCHED_ON}
    _admit(host, _import_all(host, settings.folder("plugins"), wanted), actor)
    host.gather()
    for name in list(host.loaded):
        _register(host, name)
    listen(host)
    for name in wanted:
        note(name, host.failures.get(name), actor)
    return host


def _import_all(host: Host, folder: Path, wanted: dict[str, str]) -> dict[str, Loaded]:
    imported = {}
    for name, version in sorted(wanted.items()):
        found = read_folder(folder / name / version) if (folder / name / version).is_dir() else None
        if found is None or found.name != name:
            host.failures[name] = Failure("missing", lacking(version))
            continue
        objection = found.objection()
        if objection is not None:
            host.failures[name] = Failure("incompatible", objection)
            continue
        try:
            imported[name] = import_plugin(found)
        except Broken as broken:
            host.withdraw(name, broken.failure)
    return imported


def _admit(host: Host, imported: dict[str, Loaded], actor: Actor) -> None:
    for name in ordered({name: loaded.plugin for name, loaded in imported.items()}):
        try:
            _check_tables(imported[name], actor)
            host.add(imported[name])
        except Broken as broken:
            host.withdraw(name, broken.failure)


def _check_tables(loaded: Loaded, actor: Actor) -> None:
    versions = versions_folder(loaded)
    if versions is None:
        return
    try:
        with reading(actor) as session:
            current = is_current(session.connection(), loaded.plugin.name, versions)
    except Exception as error:  # revisions are the plugin's code
        raise Broken(failure_of("migrations", error, loaded.folder)) from error
    if not current:
        raise Broken(Failure("migrations", Text(_("its tables are not up to date; enable it again"))))


def _register(host: Host, name: str) -> None:
    """Make a plugin's kinds and actions known; all of them or none."""
    try:
        register_values(host.loaded[name])
    except ValueError as error:
        forget_values(name)
        host.withdraw(name, failure_of("register", error))


def register_values(loaded: Loaded) -> None:
    """Make the kinds and actions of one plugin known to the domain."""
    for action in loaded.contributions.get("register_actions", ()):
        actions.register(action, loaded.plugin.name)
    for kind in loaded.contributions.get("register_matter_kinds", ()):
        kinds.register_kind(kind, loaded.plugin.name)


def forget_values(name: str) -> None:
    """Take the kinds and actions of one plugin away; its matters stay."""
    actions.unregister(name)
    kinds.unregister(name)


def note(name: str, failure: Failure | None, actor: Actor = LOADER) -> None:
    """Keep in the table why a plugin does not run, or that it does; written only when that changed."""
    with work(actor) as session:
        note_failure(session, name, failure)


def note_failure(session: WorkSession, name: str, failure: Failure | None) -> None:
    """Keep a failure beside the plugin's record, without touching it when nothing changed."""
    record = session.get(PluginRecord, name)
    if record is None:
        return
    known = Failure.from_json(record.failure).reason if record.failure else None
    if known != (failure.reason if failure else None):
        session.execute(
            update(PluginRecord)
            .where(PluginRecord.name == name)
            .values(failure=failure.to_json() if failure else None, changed_at=clock.now())
        )


def lacking(version: str) -> Text:
    """Why a plugin does not run whose folder is gone."""
    return Text(_("version %(version)s is not in the folder of plugins"), {"version": version})


def switched_on(session: WorkSession) -> dict[str, str]:
    """Name and version of every plugin that should run."""
    records = session.scalars(select(PluginRecord).where(PluginRecord.state == SWITCHED_ON))
    return {record.name: record.version for record in records}


def epoch(session: WorkSession) -> int:
    """The number that rises whenever plugins change."""
    return int(session.scalar(text("select plugin_epoch from core.instance")) or 0)


def all_found(settings: Settings) -> dict[str, list[Found]]:
    """Every plugin in this instance's folder."""
    return discover(settings.folder("plugins"))
