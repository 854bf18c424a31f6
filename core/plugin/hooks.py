"""The hooks that speak of the domain. A plugin implements those that it needs, marked ``@hookimpl``.

The bodies here are specifications: pluggy reads their signatures and never calls them.

All ``register_*`` hooks are called once in each process at start (and once at install, in a process of their own, to
list what the plugin adds), outside any transaction, in dependency order. They return frozen values and change
nothing. When one raises, or returns something else, the plugin is *failed*: all that it contributed is
withdrawn, administrators see the reason, every other plugin goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pluggy

from core.access.actions import Action
from core.db.session import WorkSession
from core.errors import Objection
from core.grids.voices import GridChangeView
from core.matters.kinds import MatterKind
from core.text import Text

PROJECT = "wangge"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
Specification = TypeVar("Specification", bound=Callable[..., object])
Value = TypeVar("Value")


def registers(*values: Value) -> Callable[[], Iterable[Value]]:
    """The hook whose name it is assigned to, giving these values.

    ``register_menu = registers(MenuItem(_("Trees")))`` is a function ``register_menu`` marked ``@hookimpl`` that
    returns the one entry.
    """

    @hookimpl
    def hook() -> Iterable[Value]:
        return values

    return hook


def mounted(specification: Specification) -> Specification:
    """Marks a ``register_*`` hook whose values the host puts below the plugin's name: theirs need no prefix."""
    vars(specification)["mounted"] = True
    return specification


@dataclass(frozen=True)
class Health:
    """What a health check found.

    :param ok: whether all is well.
    :param text: one sentence for the administrator: what is wrong and how to mend it, or a figure. A string is a
        message id; ``Text`` carries values.
    """

    ok: bool
    text: Text | str = ""


@dataclass(frozen=True)
class HealthCheck:
    """A question that the catalogue page and ``wangge doctor`` ask a plugin.

    :param name: slug with the plugin's prefix: ``emergency.shelters``.
    :param title: message id of what is checked.
    :param run: answers within a second, in a read-only transaction of its own, as ``job:health``. When it
        raises, the check counts as failed with the exception as its text.
    """

    name: str
    title: str
    run: Callable[[WorkSession], Health]


@dataclass(frozen=True)
class DemoPlace:
    """A made-up spot in the demonstration city.

    :param name: name of the community it lies in.
    :param lon: longitude in CGCS2000 degrees (``lat`` likewise).
    """

    name: str
    lon: float
    lat: float


@hookspec
def register_matter_kinds() -> Iterable[MatterKind]:
    """The kinds of matter that the plugin brings.

    When: once at start. Transaction: none. Raising: the plugin is failed.
    Names begin with the plugin's name. A kind with a form has a details table in the plugin's schema whose
    primary key is ``matter_id``; the host writes its rows in the transaction of the report.

    Example::

        @hookimpl
        def register_matter_kinds():
            return [MatterKind("trees.fallen", _("Fallen tree"), icon="tree", limit="4wh", auto_close=True)]
    """


@hookspec
def register_actions() -> Iterable[Action]:
    """What people may do on the plugin's own pages, and which roles may by default.

    When: once at start. Transaction: none. Raising: the plugin is failed.
    Names begin with the plugin's name; the title fits into "You may not …".

    Example::

        @hookimpl
        def register_actions():
            return [Action("trees.plant", _("plant trees"), frozenset({"officer"}))]
    """


@hookspec
def register_health() -> Iterable[HealthCheck]:
    """Checks for the catalogue page and ``wangge doctor``.

    When: once at start; the checks themselves whenever somebody looks. Transaction: none here, a read-only one of
    its own for each check. Raising: here the plugin is failed; in a check, that check has failed.

    Example::

        @hookimpl
        def register_health():
            return [HealthCheck("trees.stock", _("Saplings in stock"), count_saplings)]
    """


@hookspec
def load_demo(session: WorkSession, places: Sequence[DemoPlace]) -> None:
    """Plant made-up rows of the plugin's own, when the demonstration city is loaded.

    When: once, after the grids, by ``wangge demo load``. Transaction: one for all plugins, as the command line.
    Raising: the plugin is withdrawn from that command, the rest is loaded. Twice must be the same as once.
    How often: once in the life of an instance; ``wangge demo clear`` empties the plugin's tables.

    Example::

        @hookimpl
        def load_demo(session, places):
            session.add_all(Tree(name=f"Old tree of {place.name}", ...) for place in places[:5])
    """


@hookspec
def check_grid_change(session: WorkSession, change: GridChangeView) -> Iterable[Objection]:
    """Reasons against a change of the grids, shown to whoever drew it and whoever decides on it.

    When: at each preview, when a plan is submitted, and when it is applied or a layer is imported. Transaction: that
    of the change, as it is written and rows with a place have their new grids; at a preview and at submitting it is
    taken back. Raising: an objection that names the plugin. How often: for each change several times, so it writes
    nothing. Within a second.

    Example::

        @hookimpl
        def check_grid_change(session, change):
            for grid_id in change.retired:
                if has_open_felling(session, grid_id):
                    yield Objection(Text(_("A felling is under way there")), Text(_("Close it first")))
    """


@hookspec
def carry_grid_change(session: WorkSession, change: GridChangeView) -> None:
    """Do the plugin's part in a change of the grids: what the host cannot move, such as what hangs on a grid itself.

    When: after every check, before the change is committed; at a preview too. Transaction: that of the change; at a
    preview and at submitting it is taken back. Raising: the whole change is refused, naming the plugin.
    How often: once for each change that is applied; nothing outside the database, for it may be taken back.

    Example::

        @hookimpl
        def carry_grid_change(session, change):
            for grid_id, heirs in change.heirs.items():
                copy_gardeners(session, grid_id, heirs)
    """
