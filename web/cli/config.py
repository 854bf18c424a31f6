"""`wangge config …`: settings as the operator sees them."""

from __future__ import annotations

import json

import click

from core.settings import FILE_NAME, Settings, get_settings, public_values
from web.cli.output import answer, json_option


@click.group("config")
def group() -> None:
    """Settings: sample, check, show."""


def sample_text() -> str:
    """A commented ``wangge.toml`` with every setting, its meaning and its default."""
    lines = [f"# {FILE_NAME} in the data folder; WANGGE_<NAME> in the environment goes before it"]
    for name, field in Settings.model_fields.items():
        if name == "home":
            continue
        default = field.default if field.default_factory is None else None
        shown = "" if default is None else json.dumps(default)
        lines += ["", f"# {field.description}", f"# {name} = {shown}".rstrip()]
    return "\n".join(lines)


@group.command()
def sample() -> None:
    """Print a settings file with every setting, its meaning and its default."""
    click.echo(sample_text())


@group.command()
def check() -> None:
    """Read the settings; exit code 1 with the faults when they are wrong."""
    get_settings()
    click.echo("ok")


@group.command()
@json_option
def show(as_json: bool) -> None:
    """Print the settings in force, secrets as stars."""
    answer(public_values(get_settings()), as_json, lambda row: "\n".join(f"{k} = {v}" for k, v in row.items()))
