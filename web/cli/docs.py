"""Writes the pages of `docs/` that list what the code has: commands and settings.

`python -m web.cli.docs` writes them; `--check` fails when they differ from the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from core.settings import CHECKOUT, Settings
from web.cli.main import main as root

DOCS = CHECKOUT / "docs"


def commands_page() -> str:
    """The reference of the command line."""
    parts = ["# Command line", "", "Generated from the code by `python -m web.cli.docs`.", ""]
    for path, command in walk("wangge", root):
        parts += [f"## {path}", "", (command.help or "").strip(), ""]
        rows = list(options(command))
        if rows:
            parts += ["| option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(parts).rstrip() + "\n"


def walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Every command below one, with its full name."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in sorted(command.list_commands(context)):
        below = command.get_command(context, name)
        assert below is not None
        yield from walk(f"{path} {name}", below)


def options(command: click.Command) -> Iterator[str]:
    """Arguments and options as rows of a table."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
            yield f"| {names} | {parameter.help or ''} |"
        else:
            yield f"| `{parameter.human_readable_name}` | {'required' if parameter.required else 'optional'} |"


def settings_page() -> str:
    """The reference of the settings."""
    parts = [
        "# Settings",
        "",
        "Generated from the code by `python -m web.cli.docs`. Set them in `wangge.toml` in the data folder,",
        "or as `WANGGE_<NAME>` in the environment, which goes first.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "computed" if field.default_factory else "unset" if field.default is None else f"`{field.default}`"
        parts.append(f"| `{name}` | {default} | {field.description} |")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write the pages, or compare them."""
    differing = []
    for name, text in (("cli.md", commands_page()), ("settings.md", settings_page())):
        page: Path = DOCS / name
        if "--check" not in sys.argv:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            differing.append(str(page.relative_to(CHECKOUT)))
    if differing:
        sys.exit(f"out of date: {', '.join(differing)}; run: python -m web.cli.docs")


if __name__ == "__main__":
    main()
