"""`wangge plugin …`, and the plugins' own commands `wangge <plugin> …`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from core.db.session import reading
from core.errors import Refused
from core.plugin import loading, queries, service, workers
from core.plugin.build import build_plugin
from core.plugin.check import check_plugin
from core.plugin.manager import Host
from core.plugin.manifest import NAME
from core.settings import Settings, get_settings
from core.text import Text
from core.text import noop as _
from web.cli.context import database, operator, with_bare_database
from web.cli.output import REFUSED, answer, answer_lines, json_option, refuse
from web.hooks import SPECS
from web.i18n import translate_text
from web.logs import configure
from web.plugin_site import plugin_site

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group("plugin")
def group() -> None:
    """Departments' plugins: build, install, switch on and off."""


def _line(row: Mapping[str, Any]) -> str:
    adds = ", ".join((*row["kinds"], *row["layers"], *row["panels"]))
    return f"{row['name']:16}{row['version']:10}{row['state']:14}{row['reason'] or adds}"


@group.command("list")
@json_option
@with_bare_database
def list_command(as_json: bool) -> None:
    """Every plugin with its state, the reason when it does not run, and what it adds."""
    with reading(operator()) as session:
        rows = [view.to_json(translate_text) for view in queries.plugins(session, get_settings())]
    answer_lines(rows, as_json, _line)
    if not rows and not as_json:
        click.echo(translate_text(Text(_("No plugin is installed yet; `wangge plugin install FILE.whl` brings one"))))


@group.command()
@click.argument("name")
@json_option
@with_bare_database
def show(name: str, as_json: bool) -> None:
    """All that is known of one plugin."""
    with reading(operator()) as session:
        view = queries.plugin(session, get_settings(), name)
    row = {**view.to_json(translate_text), "manifest": view.manifest, "failure": view.failure}
    answer(row, as_json, lambda row: "\n".join(f"{key:14}{value}" for key, value in row.items()))


@group.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--from", "wheels", type=FOLDER, help="Folder with wheels that it depends on.")
@json_option
@with_bare_database
def install(file: Path, wheels: Path | None, as_json: bool) -> None:
    """Install a plugin from a wheel; no network is used."""
    view = service.install_plugin(operator(), plugin_site(), service.InstallPlugin(file.absolute(), wheels))
    answer(view.to_json(translate_text), as_json, _line)
    if not workers.wait(get_settings(), view.epoch):
        _refuse_unsettled(view.name)


@group.command()
@click.argument("name")
@json_option
@with_bare_database
def enable(name: str, as_json: bool) -> None:
    """Switch a plugin on and wait until the running server has it; twice is the same as once."""
    view = service.enable_plugin(operator(), plugin_site(), name)
    settled = workers.wait(get_settings(), view.epoch)
    row = _checked(name)
    answer(row, as_json, _line)
    if row["state"] != "enabled":
        refuse(f"{name}: {row['reason']}")
    if not settled:
        _refuse_unsettled(name)


@group.command()
@click.argument("name")
@json_option
@with_bare_database
def disable(name: str, as_json: bool) -> None:
    """Switch a plugin off at once; its data stay."""
    answer(service.disable_plugin(operator(), plugin_site(), name).to_json(translate_text), as_json, _line)


@group.command()
@click.argument("name")
@json_option
@with_bare_database
def check(name: str, as_json: bool) -> None:
    """Examine an installed plugin: imports, manifest, hooks, samples, tables up, down and up again, words."""
    configure(logging.CRITICAL)  # what is made to fail is told by its row
    done = check_plugin(operator(), plugin_site(), name)
    rows = [
        {"check": each.name, "ok": not each.faults, "faults": [translate_text(fault) for fault in each.faults]}
        for each in done
    ]
    answer_lines(rows, as_json, _examined)
    if not all(row["ok"] for row in rows):
        sys.exit(REFUSED)


def _examined(row: Mapping[str, Any]) -> str:
    return "\n".join([f"{'ok' if row['ok'] else 'bad':5}{row['check']}", *(f"     {fault}" for fault in row["faults"])])


@group.command()
@click.argument("folder", type=FOLDER)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("dist"), show_default=True)
@json_option
def build(folder: Path, out: Path, as_json: bool) -> None:
    """Build a plugin's wheel from its project FOLDER."""
    facts = build_plugin(folder, out)
    row = {"file": str(facts.path), "name": facts.name, "version": facts.version, "sha256": facts.sha256}
    answer(row, as_json, lambda row: str(row["file"]))


def _refuse_unsettled(name: str) -> NoReturn:
    raise Refused(
        _(
            "%(name)s is recorded, but the running server has not taken it in within %(seconds)s seconds: its workers"
            " still answer as before. Its log says why; `wangge plugin enable %(name)s` asks it again"
        ),
        name=name,
        seconds=round(workers.WAIT_SECONDS),
    )


def _checked(name: str) -> dict[str, Any]:
    """Load the plugin here too, so that a failure shows also when no server runs."""
    load_plugins(get_settings())
    with reading(operator()) as session:
        return queries.plugin(session, get_settings(), name).to_json(translate_text)


def load_plugins(settings: Settings) -> Host:
    """The plugins that are switched on, with their kinds and actions, in this command."""
    return loading.load(settings, SPECS, operator())


def plugin_commands(ctx: click.Context, name: str) -> click.Command | None:
    """The commands of an installed plugin, with the database open until ``ctx`` closes; ``None`` if there is none."""
    if not NAME.fullmatch(name) or not (get_settings().home / "plugins" / name).is_dir():
        return None
    ctx.with_resource(database())
    host = load_plugins(get_settings())
    if name not in host.loaded:
        why = host.failures[name].reason if name in host.failures else Text(_("it is not switched on"))
        raise Refused(_("The plugin %(name)s has no commands now: %(reason)s"), name=name, reason=why)
    commands = host.loaded[name].contributions.get("register_commands", [])
    return click.Group(name, {command.name: command for command in commands}, help=host.loaded[name].plugin.title)
