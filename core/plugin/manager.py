"""Calls plugins, one by one, in dependency order; a plugin that raises stands alone with its failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar, get_args, get_type_hints

import pluggy
import structlog

from core.errors import Misdeclared
from core.plugin.failure import Broken, Failure, failure_of
from core.plugin.hooks import PROJECT
from core.plugin.manifest import Plugin, profiles
from core.text import Text
from core.text import noop as _

Value = TypeVar("Value")

_current: ContextVar[str] = ContextVar("plugin", default="")
log = structlog.get_logger("wangge.plugin")
SLOW_MS: Final = 200.0


def current_plugin() -> str:
    """The plugin whose code runs now; empty for the host's."""
    return _current.get()


@contextmanager
def in_plugin(name: str) -> Iterator[None]:
    """Run a block as a plugin's code: log lines carry its name."""
    token = _current.set(name)
    try:
        with structlog.contextvars.bound_contextvars(plugin=name):
            yield
    finally:
        _current.reset(token)


@dataclass
class Loaded:
    """A plugin in this process."""

    plugin: Plugin
    version: str
    folder: Path
    module: ModuleType
    contributions: dict[str, list[Any]] = field(default_factory=dict)


@dataclass
class Timing:
    """How long a plugin's hook took in this process."""

    calls: int = 0
    total_ms: float = 0.0
    slowest_ms: float = 0.0


class Host:
    """The plugins of one process, held by whoever runs the process (the web application, a command).

    :param specs: modules that hold hook specifications.
    """

    def __init__(self, specs: Iterable[ModuleType]) -> None:
        self._pm = pluggy.PluginManager(PROJECT)
        self.returns: dict[str, type[Any]] = {}
        self._mounted: set[str] = set()
        for module in specs:
            self._pm.add_hookspecs(module)
            self.returns.update(_declared(module))
            self._mounted.update(hook for hook in _declared(module) if hasattr(getattr(module, hook), "mounted"))
        self.loaded: dict[str, Loaded] = {}
        self.failures: dict[str, Failure] = {}
        self.timings: dict[tuple[str, str], Timing] = {}

    def add(self, loaded: Loaded) -> None:
        """Take a plugin in, after those it needs.

        :raises Broken: when it needs a plugin that is not here, or implements a hook that does not exist.
        """
        name = loaded.plugin.name
        lacking = sorted(set(loaded.plugin.requires) - set(self.loaded))
        if lacking:
            raise Broken(
                Failure("requires", Text(_("needs %(names)s, which does not run"), {"names": ", ".join(lacking)}))
            )
        try:
            self._pm.register(loaded.module, name=name)
        except pluggy.PluginValidationError as error:
            raise Broken(failure_of("hooks", error, loaded.folder)) from error
        unknown = [caller.name for caller in self._pm.get_hookcallers(loaded.module) or [] if not caller.has_spec()]
        if unknown:
            self._pm.unregister(name=name)
            raise Broken(Failure("hooks", self._no_hook(unknown)))
        self.loaded[name] = loaded

    def _no_hook(self, unknown: list[str]) -> Text:
        known = sorted(hook for hook, caller in vars(self._pm.hook).items() if caller.has_spec())
        named = {"names": ", ".join(sorted(unknown)), "hooks": ", ".join(known)}
        return Text(_("there is no hook %(names)s; the hooks are %(hooks)s"), named)

    def withdraw(self, name: str, failure: Failure) -> None:
        """Take a plugin out because it failed; all that it contributed goes with it."""
        log.error("plugin failed", plugin=name, stage=failure.stage, error=str(failure.error))
        self.failures[name] = failure
        if self.loaded.pop(name, None) is not None:
            self._pm.unregister(name=name)

    def collect(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """Call one hook of every plugin in dependency order.

        :returns: plugin and result, one pair for each implementation. A ``register_*`` result is a list of values
            of the declared type whose names carry the plugin's prefix; a plugin that breaks here is withdrawn.
        """
        results: list[tuple[str, Any]] = []
        for name, function in self.implementations(hook, **arguments):
            try:
                results.append((name, self._run(name, hook, function)))
            except Broken as broken:
                self.withdraw(name, broken.failure)
        return results

    def implementations(self, hook: str, **arguments: Any) -> list[tuple[str, Callable[[], Any]]]:
        """One hook of every plugin in dependency order, ready to be run by ``call``."""
        found: list[tuple[str, Callable[[], Any]]] = []
        caller = getattr(self._pm.hook, hook)
        for name, loaded in self.loaded.items():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is loaded.module:
                    chosen = {key: arguments[key] for key in implementation.argnames}
                    found.append((name, partial(implementation.function, **chosen)))
        return found

    def gather(self) -> None:
        """Ask every plugin for all that it registers; keep it in ``Loaded.contributions``."""
        for hook in self.returns:
            for name, values in self.collect(hook):
                if name in self.loaded:
                    self.loaded[name].contributions[hook] = values

    def values(self, hook: str) -> list[tuple[str, Any]]:
        """Plugin and value, for everything that was registered under a hook."""
        return [(name, value) for name, loaded in self.loaded.items() for value in loaded.contributions.get(hook, ())]

    def call(self, name: str, stage: str, function: Callable[..., Value], *arguments: Any) -> Value:
        """Run a plugin's function guarded and timed.

        :raises Broken: when it raises; the plugin stays, the caller shows the failure in its place.
        """
        loaded = self.loaded.get(name)
        started = time.perf_counter()
        try:
            with in_plugin(name):
                return function(*arguments)
        except (Exception, SystemExit) as error:
            failure = failure_of(stage, error, loaded.folder if loaded else None)
            log.error("plugin error", plugin=name, stage=stage, error=str(failure.error), trace=failure.trace)
            raise Broken(failure) from error
        finally:
            self._note(name, stage, (time.perf_counter() - started) * 1000)

    def _run(self, name: str, hook: str, function: Callable[[], Any]) -> Any:
        expected = self.returns.get(hook)
        if expected is None:
            return self.call(name, hook, function)
        prefix = "" if hook in self._mounted else f"{name}."
        manifest = self.loaded[name].plugin
        return self.call(name, hook, lambda: _checked(manifest, prefix, function(), expected))

    def _note(self, name: str, stage: str, spent_ms: float) -> None:
        timing = self.timings.setdefault((name, stage), Timing())
        timing.calls += 1
        timing.total_ms += spent_ms
        timing.slowest_ms = max(timing.slowest_ms, spent_ms)
        if spent_ms > SLOW_MS:
            log.warning("plugin slow", plugin=name, stage=stage, milliseconds=round(spent_ms))


def _declared(module: ModuleType) -> dict[str, type[Any]]:
    """Hook → type of the values it registers, read from the specifications."""
    found = {}
    for name, function in vars(module).items():
        if name.startswith("register_") and hasattr(function, f"{PROJECT}_spec"):
            (found[name],) = get_args(get_type_hints(function)["return"])
    return found


def _checked(manifest: Plugin, prefix: str, result: Any, expected: type[Any]) -> list[Any]:
    values = list(result or ())
    seen: set[str] = set()
    for value in values:
        if not isinstance(value, expected):
            gave, wanted = type(value).__name__, expected.__name__
            raise Misdeclared(_("it gave %(gave)s, expected %(wanted)s"), gave=gave, wanted=wanted)
        name = getattr(value, "name", None)
        if not isinstance(name, str):
            continue
        if not name.startswith(prefix):
            raise Misdeclared(_("the name %(name)s must begin with '%(prefix)s'"), name=name, prefix=prefix)
        if name in seen:
            raise Misdeclared(_("it gave the name %(name)s twice"), name=name)
        seen.add(name)
        table = getattr(value, "table", None)
        if table is not None and table.metadata is not manifest.metadata:
            raise Misdeclared(
                _("%(name)s keeps its fields in %(table)s, which is not among the tables of Plugin(metadata=…)"),
                name=name,
                table=str(table),
            )
        form = getattr(value, "form", None)
        for profiling in filter(profiles, getattr(form, "model_fields", ())):
            raise Misdeclared(
                _("%(name)s: the field %(field)s would keep what this system does not keep of people"),
                name=name,
                field=profiling,
            )
    return values


def ordered(plugins: Mapping[str, Plugin]) -> list[str]:
    """Names in topological order over ``requires`` and ``after``, ties by name; members of a circle come last."""
    waiting = {
        name: {other for other in (*plugin.requires, *plugin.after) if other in plugins}
        for name, plugin in plugins.items()
    }
    order: list[str] = []
    while waiting:
        free = sorted(name for name, needs in waiting.items() if not needs - set(order))
        chosen = free[0] if free else sorted(waiting)[0]
        order.append(chosen)
        del waiting[chosen]
    return order
