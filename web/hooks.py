"""The hooks that speak of pages, maps and commands. A plugin implements those that it needs, marked ``@hookimpl``.

As with the hooks of the domain (``core.plugin.hooks``) all are called once in each process at start, outside any
transaction, in dependency order; when one raises or returns something else, the plugin is *failed* and all that it
contributed is withdrawn. What the registered functions do later is guarded where they stand: a page that raises is
a 500 that names the plugin, a panel or layer that raises is a notice in its place. The bodies are specifications,
read by pluggy and never called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import click
from apiflask import APIBlueprint

from core.db.session import WorkSession
from core.errors import Misdeclared
from core.grids.views import GridView
from core.plugin.hooks import hookspec, mounted
from core.text import noop as _

SPECS: Final = ("core.plugin.hooks", "web.hooks")
"""Modules with all hook specifications."""

OWN_ADDRESS: Final = re.compile(r"/(?!/)[^\\\x00-\x20]*")
"""What a plugin may link to: a path of this server, from its root. Browsers read ``\\`` as ``/`` and skip blanks."""

Tone = Literal["", "ok", "warn", "bad", "neutral", "info"]
Shape = Literal["circle", "square", "triangle", "diamond", "star"]


def _check_link(address: str) -> None:
    if address and not OWN_ADDRESS.fullmatch(address):
        raise Misdeclared(_("the link %(address)s is no path of this server, such as /matters"), address=address)


@dataclass(frozen=True)
class MenuItem:
    """An entry of the icon rail.

    :param title: message id of its name, at most four Chinese characters.
    :param path: below the plugin's pages: ``""`` is ``/p/<plugin>/``.
    :param icon: name in the icon set.
    :param action: who may not do this does not see the entry.
    :param order: among the plugins' entries; ties by title.
    """

    title: str
    path: str = ""
    icon: str = "puzzle"
    action: str = ""
    order: int = 100


@dataclass(frozen=True)
class Figure:
    """One figure of a panel: a label in the reader's language, a number, an optional link and tone.

    :param href: a path of this server, from its root.
    """

    title: str
    value: int | float | str
    unit: str = ""
    href: str = ""
    tone: Tone = ""

    def __post_init__(self) -> None:
        _check_link(self.href)


@dataclass(frozen=True)
class PanelBody:
    """What a panel shows for one grid; every part may be empty. Texts are message ids of the plugin.

    :param figures: figures in a row.
    :param bars: figures as bars that start at zero.
    :param columns: headings of a table; ``rows`` its cells: numbers, figures with a link, strings shown as they are,
        ``Text`` to translate.
    :param note: a sentence below.
    """

    figures: Sequence[Figure] = ()
    bars: Sequence[Figure] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    note: str = ""


@dataclass(frozen=True)
class GridPanel:
    """A panel on the grid page and in the map's right pane.

    :param name: slug with the plugin's prefix.
    :param title: message id of its heading.
    :param render: asked for a batch of grids in a read-only transaction as the person who looks; gives a body by
        grid id; grids that it leaves out show no panel. Raising: a notice stands in the panel's place.
    :param action: who may not do this in the grid does not see the panel.
    :param order: among the plugins' panels.
    """

    name: str
    title: str
    render: Callable[[WorkSession, Sequence[GridView]], Mapping[int, PanelBody]]
    action: str = "grid.see"
    order: int = 100


@dataclass(frozen=True)
class Feature:
    """A thing on the map.

    :param geometry: GeoJSON geometry in degrees.
    :param title: shown as its label; ``text`` in its bubble, ``href`` behind it, a path of this server.
    """

    geometry: Mapping[str, Any]
    title: str
    text: str = ""
    href: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_link(self.href)


@dataclass(frozen=True)
class MapLayer:
    """A layer that people may lay over the map.

    :param name: slug with the plugin's prefix.
    :param title: message id of its name in the legend.
    :param features: asked each time the layer is shown, in a read-only transaction as the person who looks.
        Raising: the map says so beside the layer's name.
    :param colour: ``#rrggbb``; ``shape`` of its points.
    :param action: who may not do this sees the layer's name with a lock, and none of its features.
    :param attribution: where the data come from.
    """

    name: str
    title: str
    features: Callable[[WorkSession], Iterable[Feature]]
    colour: str = "#1b5fae"
    shape: Shape = "circle"
    action: str = "grid.see"
    attribution: str = ""


@hookspec
@mounted
def register_blueprints() -> Iterable[APIBlueprint]:
    """Pages and API of the plugin.

    When: once at start, in the web server (and once at install). Transaction: none. Raising: the plugin is failed.
    A blueprint made by ``wangge.web.pages`` is mounted at ``/p/<plugin>``, one made by ``wangge.web.api`` at
    ``/api/v1/p/<plugin>``. Both answer 404 from the moment the plugin is switched off. A view that raises gives a 500
    that names the plugin; domain errors are answered as the host's own. Templates lie in ``templates/<plugin>/``.

    Example::

        bp = pages(__name__)

        @bp.get("/")
        def index():
            return render_template("trees/index.html")

        @hookimpl
        def register_blueprints():
            return [bp]
    """


@hookspec
def register_menu() -> Iterable[MenuItem]:
    """Entries of the icon rail.

    When: once at start. Transaction: none. Raising: the plugin is failed.

    Example::

        @hookimpl
        def register_menu():
            return [MenuItem(_("Trees"), icon="tree", action="trees.plant")]
    """


@hookspec
def register_panels() -> Iterable[GridPanel]:
    """Panels on the grid page and in the map's right pane.

    When: once at start; ``render`` at each page. Transaction: none here, a read-only one for each panel.
    Raising: here the plugin is failed; in ``render`` a notice stands in the panel's place.

    Example::

        def trees(session, grids):
            return {grid.id: PanelBody(figures=[Figure(_("Trees"), count(session, grid))]) for grid in grids}

        @hookimpl
        def register_panels():
            return [GridPanel("trees.stock", _("Trees"), trees)]
    """


@hookspec
def register_layers() -> Iterable[MapLayer]:
    """Layers of the map.

    When: once at start; ``features`` each time somebody shows the layer. Transaction: none here, a read-only one for
    each request. Raising: here the plugin is failed; in ``features`` the request answers 500 naming the plugin.

    Example::

        @hookimpl
        def register_layers():
            return [MapLayer("trees.old", _("Old trees"), old_trees, colour="#1a7f4b", shape="triangle")]
    """


@hookspec
@mounted
def register_commands() -> Iterable[click.Command]:
    """Commands ``wangge <plugin> …``.

    When: once, when a command of the plugin is asked for (and once at install). Transaction: none; the database is
    connected. Raising: here the plugin is failed; in a command it ends with that error.

    Example::

        @hookimpl
        def register_commands():
            return [click.Command("count", callback=count)]
    """
