"""`wangge demo …`: the demonstration city."""

from __future__ import annotations

import tempfile
import time
import tomllib
from pathlib import Path
from typing import Final

import click

from core.db.cluster import owner_url
from core.db.session import reading, work
from core.demo.clearing import clear_demo
from core.demo.queries import to_be_cleared
from core.demo.service import demo_places, load_demo
from core.plugin import loading, service
from core.plugin.build import build_plugin
from core.settings import CHECKOUT, get_settings
from web.cli.context import operator, with_bare_database
from web.cli.output import answer, json_option, refuse, say
from web.hooks import SPECS
from web.plugin_site import plugin_site

SHELF: Final = CHECKOUT / "plugins"
SHOWN: Final = "wangge.demo"
"""Group of entry points by which a plugin's project says that the demonstration shows it."""


@click.group("demo")
def group() -> None:
    """The demonstration city: made up, free of licences."""


@group.command()
@json_option
@with_bare_database
def load(as_json: bool) -> None:
    """Load the demonstration city, with its departments' plugins, into an empty instance."""
    started = time.monotonic()
    counts = load_demo(operator(), say, after_grids=_bring_plugins)
    row = {**counts, "seconds": round(time.monotonic() - started, 1)}
    answer(row, as_json, lambda values: ", ".join(f"{name} {number}" for name, number in values.items()))


@group.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_bare_database
def clear(yes: bool, as_json: bool) -> None:
    """Empty an instance that holds demonstration data alone."""
    if not yes:
        _confirm()
    counts = clear_demo(operator(), owner_url(get_settings()))
    answer(counts, as_json, lambda values: f"removed {values['grids']} grids, {values['matters']} matters")


def _confirm() -> None:
    """Say what goes, and go on only when its name is typed."""
    with reading(operator()) as session:
        found = to_be_cleared(session)
    if found is not None:
        say(
            f"This removes {found['grids']} grids, {found['people']} made-up people and {found['matters']} matters,"
            f" of which {found['reported_by_others']} were reported by others; what the journal keeps stays."
        )
        if click.prompt("Type the word demo to go on", err=True) != "demo":
            refuse("nothing was removed")


def _shown() -> dict[str, Path]:
    """Projects of the plugins to be shown, by name."""
    found: dict[str, Path] = {}
    for file in SHELF.glob("*/pyproject.toml"):
        project = tomllib.loads(file.read_text("utf-8")).get("project", {})
        found |= dict.fromkeys(project.get("entry-points", {}).get(SHOWN, {}), file.parent)
    return dict(sorted(found.items()))


def _bring_plugins() -> None:
    """Build, install and switch on the plugins that this checkout shows; an installed wheel has none."""
    settings, site = get_settings(), plugin_site()
    shown = _shown()
    if not shown:
        say(f"no plugins to be shown lie in {SHELF}: the demonstration comes without departments")
    for name, project in shown.items():
        with tempfile.TemporaryDirectory() as folder:
            wheel = build_plugin(project, Path(folder)).path
            service.install_plugin(operator(), site, service.InstallPlugin(wheel))
        service.enable_plugin(operator(), site, name)
        say(f"plugin {name}")
    host = loading.load(settings, SPECS, operator())
    with work(operator()) as session:
        host.collect("load_demo", session=session, places=demo_places())
