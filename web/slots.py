"""Where plugins show: their pages placed and gated, their panels and layers.

Every worker loads the plugins that are switched on when it starts. The epoch is read with each request: a plugin that
was switched off falls silent at once, one that was switched on makes the workers renew themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from apiflask import APIBlueprint, APIFlask
from flask import Flask, current_app, g, render_template, request
from markupsafe import Markup
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound as NoPage

from core.access.policy import may
from core.actor import Actor
from core.db.session import engines, reading
from core.grids.views import GridView
from core.plugin import loading, queries, workers
from core.plugin.catalogues import FOLDER
from core.plugin.discovery import check_top_level_names
from core.plugin.failure import Broken, Failure, failure_of
from core.plugin.manager import Host
from core.plugin.views import PluginView
from core.settings import Settings, get_settings
from web import auth, plugin_words
from web.hooks import SPECS, Feature, GridPanel, MapLayer
from web.i18n import translate_text
from web.plugin_words import word

KEY: Final = "wangge-plugins"
CLOSED: Final = re.compile(r"(?:/api/v1)?/p/([^/]+)(?:/|$)")
UNWATCHED: Final = ("/static/", "/tiles/", "/basemap/", "/healthz", "/readyz")


@dataclass(frozen=True)
class PanelView:
    """A panel as pages show it."""

    plugin: str
    title: str
    source: str
    html: Markup


@dataclass(frozen=True)
class LayerView:
    """A layer as the map's configuration names it.

    :param allowed: whether this person may see it; others see its name with a lock.
    """

    name: str
    title: str
    plugin: str
    url: str
    colour: str
    shape: str
    attribution: str
    allowed: bool


@dataclass(frozen=True)
class Problem:
    """A plugin that should run and does not."""

    name: str
    reason: str


@dataclass
class Slots:
    """The plugins of one web worker."""

    settings: Settings
    host: Host
    epoch: int
    active: set[str] = field(default_factory=set)
    blueprints: dict[str, str] = field(default_factory=dict)
    failures_seen: dict[str, Failure] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def watch(self) -> None:
        """Before each request: notice that plugins changed, and answer 404 for pages of plugins that are off."""
        if not request.path.startswith(UNWATCHED):
            read = g.get("plugin_epoch")
            self.notice(_present_epoch() if read is None else read)
        owner = self.owner(request.blueprints)
        if owner and owner not in self.active:
            raise NoPage

    def notice(self, epoch: int) -> None:
        """Take over what is switched on now, and ask for new workers where this one cannot follow."""
        if epoch == self.epoch:
            return
        with self.lock:
            if epoch == self.epoch:
                return
            with reading(loading.LOADER) as session:
                wanted = loading.switched_on(session)
            here = {name for name, loaded in self.host.loaded.items() if wanted.get(name) == loaded.version}
            for name in self.active - here:
                loading.forget_values(name)
            for name in here - self.active:
                loading.register_values(self.host.loaded[name])
            self.active = here
            for name in set(self.host.failures) - set(wanted):
                del self.host.failures[name]
            self.epoch = epoch
            if set(wanted) - here:
                workers.reload(self.settings, epoch)

    def values(self, hook: str) -> list[tuple[str, Any]]:
        """Plugin and value of everything registered under a hook by plugins that are on now."""
        return [(name, value) for name, value in self.host.values(hook) if name in self.active]

    def owner(self, blueprints: Sequence[str]) -> str:
        """The plugin whose blueprint this is; empty for the host's."""
        return next((self.blueprints[name] for name in blueprints if name in self.blueprints), "")


def slots() -> Slots:
    """The plugins of this worker."""
    found = current_app.extensions[KEY]
    assert isinstance(found, Slots)
    return found


def load_plugins(app: APIFlask) -> None:
    """Load what is switched on, mount it, and watch for changes; a broken plugin stays out and says why.

    :raises Unusable: when another distribution ships a top-level package of the host.
    """
    check_top_level_names()
    settings = get_settings()
    epoch = _first_epoch()
    host = loading.load(settings, SPECS)
    found = Slots(settings, host, epoch)
    app.extensions[KEY] = found
    for name, blueprint in host.values("register_blueprints"):
        if name in host.loaded:
            _mount(app, found, name, blueprint)
    found.active = set(host.loaded)
    folders = {name: loading.package_folder(loaded) / FOLDER for name, loaded in host.loaded.items()}
    plugin_words.init_app(app, {name: folder for name, folder in folders.items() if folder.is_dir()}, found.blueprints)
    auth.once_recognised(app, found.watch)
    workers.announce(settings, epoch)


def _mount(app: APIFlask, found: Slots, name: str, blueprint: APIBlueprint) -> None:
    prefix = f"/api/v1/p/{name}" if blueprint.enable_openapi else f"/p/{name}"
    mounted = f"p_{name}_api" if blueprint.enable_openapi else f"p_{name}"
    found.blueprints[mounted] = name
    try:
        app.register_blueprint(blueprint, name=mounted, url_prefix=prefix)
    except Exception as error:  # views are the plugin's code
        loading.forget_values(name)
        failure = failure_of("register_blueprints", error, found.host.loaded[name].folder)
        found.host.withdraw(name, failure)
        loading.note(name, failure)


def _present_epoch() -> int:
    with engines().write.connect() as connection:
        return int(connection.scalar(text("select plugin_epoch from core.instance")) or 0)


def _first_epoch() -> int:
    """The epoch at start; -1 while the database is away, so that the first request reads it again."""
    try:
        return _present_epoch()
    except SQLAlchemyError:
        return -1


def loaded_epoch(app: Flask) -> int:
    """The epoch whose plugins this worker has."""
    found: Slots = app.extensions[KEY]
    return found.epoch


def department(name: str) -> str:
    """The office that a plugin serves, in the reader's language; empty for the host, and where none is named."""
    loaded = slots().host.loaded.get(name)
    return word(name, loaded.plugin.department) if loaded and loaded.plugin.department else ""


def kept_titles(hook: str, language: str) -> Mapping[str, str]:
    """Titles of what recorded plugins register under a hook, by name; read once in a request."""
    kept: dict[str, Mapping[str, str]] = g.setdefault("kept_titles", {})
    if hook not in kept:
        with reading(loading.LOADER) as session:
            kept[hook] = queries.kept_titles(session, hook, language)
    return kept[hook]


def kept_title(name: str, language: str) -> str:
    """A plugin's title, whether or not it runs."""
    with reading(loading.LOADER) as session:
        return queries.kept_title(session, name, language)


def problems() -> list[Problem]:
    """Plugins that should run and do not, for the strip that administrators see."""
    return [
        Problem(name or "*", translate_text(failure.reason)) for name, failure in sorted(slots().host.failures.items())
    ]


def panels_for(grids: Sequence[GridView], actor: Actor) -> list[PanelView]:
    """The plugins' panels for some grids; one that raises is a notice in its place."""
    found = slots()
    values: list[tuple[str, GridPanel]] = found.values("register_panels")
    views = []
    for name, panel in sorted(values, key=lambda pair: (pair[1].order, pair[1].name)):
        allowed = [grid for grid in grids if may(actor, panel.action, grid.path)]
        if allowed:
            views.extend(_panel_views(found, name, panel, allowed, actor))
    return views


def _panel_views(found: Slots, name: str, panel: GridPanel, grids: Sequence[GridView], actor: Actor) -> list[PanelView]:
    source = word(name, found.host.loaded[name].plugin.title)

    def render() -> list[Markup]:
        with reading(actor) as session:
            bodies = panel.render(session, grids)
        return [
            Markup(render_template("plugins/panel.html", body=bodies[grid.id])) for grid in grids if grid.id in bodies
        ]

    try:
        parts = found.host.call(name, panel.name, render)
    except Broken as broken:
        found.failures_seen[name] = broken.failure
        parts = [
            Markup(render_template("plugins/broken.html", plugin=source, reason=translate_text(broken.failure.error)))
        ]
    return [PanelView(name, word(name, panel.title), source, part) for part in parts]


def layers_for(actor: Actor) -> list[LayerView]:
    """The plugins' layers; each says whether this person may see it."""
    found = slots()
    return [
        LayerView(
            layer.name,
            word(name, layer.title),
            word(name, found.host.loaded[name].plugin.title),
            f"/api/v1/layers/{layer.name}",
            layer.colour,
            layer.shape,
            layer.attribution,
            bool(may(actor, layer.action)),
        )
        for name, layer in found.values("register_layers")
    ]


def layer_features(name: str, actor: Actor) -> tuple[MapLayer, list[Feature]] | None:
    """The features of a layer; ``None`` when no plugin that is switched on brings it, or it is not for this person.

    :raises Broken: when the plugin raises.
    """
    found = slots()
    for plugin, layer in found.values("register_layers"):
        if layer.name == name and may(actor, layer.action):
            try:
                return layer, found.host.call(plugin, name, _features, layer, actor)
            except Broken as broken:
                found.failures_seen[plugin] = broken.failure
                raise
    return None


def _features(layer: MapLayer, actor: Actor) -> list[Feature]:
    with reading(actor) as session:
        return list(layer.features(session))


def page_owner() -> str:
    """The plugin whose page is being answered; empty for the host's."""
    return slots().owner(request.blueprints)


def closed_plugin(path: str) -> PluginView | None:
    """The plugin whose pages lie below an address that nothing answers now; ``None`` for any other address."""
    found = CLOSED.match(path)
    if found is None:
        return None
    with reading(loading.LOADER) as session:
        views = queries.plugins(session, get_settings())
    return next((view for view in views if view.name == found[1]), None)


def note_page_failure(name: str, error: Exception) -> None:
    """Keep the last error of a plugin's page for the catalogue."""
    found = slots()
    loaded = found.host.loaded.get(name)
    found.failures_seen[name] = failure_of("page", error, loaded.folder if loaded else None)
