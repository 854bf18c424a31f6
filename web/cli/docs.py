"""Writes the pages of `docs/` that list what the code has: commands, settings, operations, the life of a matter.

`python -m web.cli.docs` writes them; `--check` fails when they differ from the code.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from core.grids.plans.operations import KINDS
from core.matters.inputs import INPUTS, StepInput
from core.matters.life_rows import life_rows
from core.settings import CHECKOUT, Settings
from web.cli.main import main as root

DOCS = CHECKOUT / "docs"
KEPT: Final = ("proposed", "named", "reverts", "drawn_on")
"""Fields of operations that the server writes: told last."""


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


def operations_page() -> str:
    """The reference of the operations of a plan."""
    parts = [
        "# Operations",
        "",
        "Generated from the code by `python -m web.cli.docs`. A plan is a list of operations, each a JSON object: the",
        "same for `wangge plan add ID --op JSON` and `wangge plan run --ops FILE` (one a line), for",
        "`POST /api/v1/plans/<id>/operations`, and as the editor draws them. Places are `[lon, lat]` in degrees of",
        "CGCS2000. Grids are named by the codes that they bear when the operation's turn comes.",
        "",
        'On the command line `subdivide` and `load` also take a layer: `{"op": "load", "parent": "131003", "file":',
        '"leaves.gpkg"}`; through the API a layer comes by `POST /api/v1/plans/<id>/layer`.',
        "",
    ]
    for kind in KINDS:
        schema = kind.model_json_schema()
        examples: Any = kind.model_config["json_schema_extra"]
        about = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
        parts += [f"## {schema['properties'].pop('op')['const']}", "", about, ""]
        parts += ["```json", json.dumps(examples["examples"][0], ensure_ascii=False), "```", ""]
        parts += ["| field | | meaning |", "|---|---|---|"]
        for name, field in sorted(schema["properties"].items(), key=lambda pair: pair[0] in KEPT):
            needed = "required" if name in schema["required"] else "optional"
            parts.append(f"| `{name}` | {needed} | {field.get('description', 'Its code.')} |")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def life_page() -> str:
    """The life of a matter, drawn and as a table."""
    rows = life_rows()
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.before != row.after:
            arrows.setdefault((row.before, row.after), []).append(row.step)
    parts = [
        "# The life of a matter",
        "",
        "Generated from the code by `python -m web.cli.docs`. `wangge matter life --json` prints the same table; each",
        "step is `POST /api/v1/matters/<id>/steps/<step>`, with the fields below beside `version`, `note` and `files`.",
        "A kind of matter may switch steps off, never add states.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    {before} --> {after}: {', '.join(steps)}" for (before, after), steps in arrows.items()),
        "```",
        "",
        "| from | step | to | who |",
        "|---|---|---|---|",
        *(f"| {row.before} | `{row.step}` | {row.after} | {', '.join(row.who)} |" for row in rows),
        "",
        "Who: a right in the matter's grid, as `matter.accept`; the `reporter`; the `handler`, who took it or a task",
        "of it up; anybody with the right `matter.claim` of the `lead` department, of a `department` with the task",
        "that the step is about, or of one with any `task` of it that is open.",
        "",
        "## What steps take",
        "",
        "| step | field | | meaning |",
        "|---|---|---|---|",
    ]
    for step, model in INPUTS.items():
        for name, field in model.model_fields.items():
            if name not in StepInput.model_fields:
                needed = "required" if field.is_required() else "optional"
                parts.append(f"| `{step}` | `{name}` | {needed} | {field.description} |")
    return "\n".join(parts) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "cli.md": commands_page,
    "settings.md": settings_page,
    "operations.md": operations_page,
    "life.md": life_page,
}


def main() -> None:
    """Write the pages, or compare them."""
    differing = []
    for name, page_of in PAGES.items():
        text = page_of()
        page: Path = DOCS / name
        if "--check" not in sys.argv:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            differing.append(str(page.relative_to(CHECKOUT)))
    if differing:
        sys.exit(f"out of date: {', '.join(differing)}; run: python -m web.cli.docs")


if __name__ == "__main__":
    main()
