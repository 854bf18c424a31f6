"""Examines an installed plugin before a city relies on it; nothing it does is kept.

Each examination stands alone, so that an author sees every fault at once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from core.actor import Actor
from core.db.session import owner_work, reading
from core.errors import Invalid, NotFound
from core.grids.queries import children
from core.matters.forms import validate_form
from core.plugin.catalogues import texts
from core.plugin.describe import alone, messages_of
from core.plugin.discovery import HOST_PACKAGES, read_folder
from core.plugin.failure import Broken, failure_of
from core.plugin.loading import import_plugin, package_folder, versions_folder
from core.plugin.manager import Host, Loaded
from core.plugin.manifest import package_of
from core.plugin.queries import plugin
from core.plugin.site import Site
from core.plugin.tables import rehearse
from core.text import Text
from core.text import noop as _

DOOR: Final = "wangge"
LANGUAGES: Final = ("zh",)


@dataclass(frozen=True)
class Examined:
    """One examination; without faults the plugin passed it."""

    name: str
    faults: tuple[Text, ...]


def check_plugin(actor: Actor, site: Site, name: str) -> list[Examined]:
    """Examine a plugin's code, manifest, hooks, tables and words.

    :raises NotFound: when there is no such plugin, or its folder is gone.
    """
    with reading(actor) as session:
        view = plugin(session, site.settings, name)
    found = read_folder(site.folder / name / view.version)
    if found is None:
        raise NotFound(_("The folder of the plugin %(name)s is gone; install it again"), name=name)
    objection = found.objection()
    done = [
        Examined("host", (objection,) if objection else ()),
        Examined("imports", tuple(_imports(found.folder / package_of(name), name))),
    ]
    try:
        loaded = import_plugin(found)
    except Broken as broken:
        return [*done, Examined(broken.failure.stage, (broken.failure.error,))]
    host = alone(loaded, site.specs)
    done += [
        Examined("manifest", ()),
        Examined("hooks", tuple(failure.reason for failure in host.failures.values())),
        Examined("containment", tuple(_containment(site, loaded, host.returns))),
        Examined("samples", tuple(_samples(host))),
        Examined("answers", tuple(_answers(host, actor))),
        Examined("migrations", tuple(_migrations(actor, site, loaded))),
        Examined("words", tuple(_words(loaded, host))),
    ]
    return done


def _imports(package: Path, name: str) -> Iterator[Text]:
    foreign = {*HOST_PACKAGES} - {DOOR}
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for top in {each.split(".")[0] for each in names}:
                if top in foreign or (top.startswith(f"{DOOR}_") and top != package_of(name)):
                    place = {"file": str(path.relative_to(package.parent)), "line": node.lineno, "name": top}
                    yield Text(_("%(file)s, line %(line)s imports %(name)s; a plugin imports wangge alone"), place)


def _containment(site: Site, loaded: Loaded, hooks: Iterable[str]) -> Iterator[Text]:
    """Whether a hook that raises takes the whole plugin out, and nothing else with it."""
    name = loaded.plugin.name
    for hook in sorted(hooks):
        if not hasattr(loaded.module, hook):
            continue
        stumbling = _stumbling(loaded, hook)
        tried = alone(stumbling, site.specs)
        if name in tried.loaded or tried.failures[name].stage != hook or len(tried.failures) > 1:
            yield Text(_("%(hook)s fails without taking the plugin out"), {"hook": hook})


def _stumbling(loaded: Loaded, hook: str) -> Loaded:
    """The plugin, with one hook that raises."""
    module = ModuleType(loaded.module.__name__)
    vars(module).update(vars(loaded.module))

    def stumble() -> None:
        raise RuntimeError("made to fail")

    vars(stumble).update(vars(getattr(loaded.module, hook)))
    setattr(module, hook, stumble)
    return Loaded(loaded.plugin, loaded.version, loaded.folder, module)


def _samples(host: Host) -> Iterator[Text]:
    """The examples of each kind, as its form takes them."""
    for _owner, kind in host.values("register_matter_kinds"):
        for sample in kind.samples:
            try:
                validate_form(kind, sample.form)
            except Invalid as refusal:
                for each in refusal.objections:
                    said = {"title": sample.title, "kind": kind.name, "at": each.pointer, "why": each.text}
                    yield Text(_("the sample “%(title)s” of %(kind)s does not fit its form: %(at)s: %(why)s"), said)


def _answers(host: Host, actor: Actor) -> Iterator[Text]:
    """Panels, layers and health checks, asked once as the pages ask them."""
    asks: dict[str, Callable[[Any, Any], object]] = {
        "register_panels": lambda panel, session: panel.render(session, children(session, None)),
        "register_layers": lambda layer, session: list(layer.features(session)),
        "register_health": lambda check, session: check.run(session),
    }
    for hook, ask in asks.items():
        for name, value in host.values(hook):
            try:
                with reading(actor) as session:
                    host.call(name, value.name, ask, value, session)
            except Broken as broken:
                yield broken.failure.reason


class _Undone(Exception):
    """Ends the rehearsal's transaction, which must leave nothing."""


def _migrations(actor: Actor, site: Site, loaded: Loaded) -> Iterator[Text]:
    versions, metadata = versions_folder(loaded), loaded.plugin.metadata
    if versions is None or metadata is None:
        return
    faults: list[Text] = []
    try:
        with owner_work(actor, site.owner_url) as session:
            faults += rehearse(session.connection(), loaded.plugin.name, versions, metadata)
            raise _Undone
    except _Undone:
        yield from faults
    except Exception as error:  # revisions are the plugin's code
        yield failure_of("migrations", error, loaded.folder).error


def _words(loaded: Loaded, host: Host) -> Iterator[Text]:
    messages = messages_of(loaded.plugin, (value for hook in host.returns for _name, value in host.values(hook)))
    known = texts(package_folder(loaded), messages)
    for language in LANGUAGES:
        for message in sorted(messages - set(known.get(language, {}))):
            if message.isascii():
                words = {"text": message, "language": language}
                yield Text(_("“%(text)s” stands in no translations/%(language)s.po"), words)
