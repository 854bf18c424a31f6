"""Files that `wangge plan` takes in: layers drawn in another program become operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import click

from core.db.session import WorkSession, work
from core.errors import Refused
from core.grids.called import called
from core.grids.plans.exporting import export_plan
from core.grids.plans.files import FileOptions, operation_of, read_leaves
from core.grids.plans.results import Mended
from core.grids.queries import grid_by_id
from core.grids.views import LEVELS
from web.cli.context import operator, with_database
from web.cli.grid_options import crs_option
from web.cli.newfile import NewFile
from web.cli.output import answer, json_option, say
from web.i18n import translate_text

Command = TypeVar("Command", bound=Callable[..., Any])

plan_argument = click.argument("plan_id", type=click.UUID, metavar="ID")

SHOWN: Final = 20
GRID_OF: Final = {"load": "parent", "subdivide": "grid"}
"""Operations that may name a file, and the member that names the grid whose leaves the file holds."""


def file_options(command: Command) -> Command:
    """The options that say how a layer is read."""
    options = (
        click.option("--parent", help="Of --file: code of the grid whose leaves it holds; unset: the plan's."),
        click.option("--layer", help="Of --file: layer of a file that has several."),
        click.option("--code-field", help="Of --file: field of the codes; unset: recognised by usual names."),
        click.option("--name-field", help="Of --file: field of the names; unset: recognised by usual names."),
        click.option("--encoding", help="Of --file: encoding of the texts, as gbk."),
        click.option("--level", type=click.Choice(LEVELS), help="Of --file: level of new grids; unset: as the others."),
        crs_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def code_of(session: WorkSession, grid_id: int) -> str:
    """The code that the grid of a plan bears; nothing where it is retired."""
    found = grid_by_id(session, grid_id)
    return found.code if found else ""


def with_files(
    session: WorkSession, operations: Sequence[Mapping[str, Any]], parent: str, options: FileOptions
) -> list[Mapping[str, Any]]:
    """The operations, with what the files hold that some name; what was left out or is doubtful is said.

    :param parent: code of the grid for an operation that names none.
    """
    return [_with_file(session, one, parent, options) if "file" in one else one for one in operations]


def _with_file(
    session: WorkSession, operation: Mapping[str, Any], parent: str, options: FileOptions
) -> Mapping[str, Any]:
    path = Path(str(operation["file"]))
    grid = GRID_OF.get(str(operation.get("op")))
    if grid is None:
        raise Refused("Only load and subdivide take a file, not %(op)s", op=operation.get("op"))
    made = operation_of(session, str(operation.get(grid) or parent), read_leaves(path, options), options)
    if made.left_out:
        say(f"rows of grids with others below them are left out, they follow: {', '.join(made.left_out[:SHOWN])}")
    for warning in made.warnings:
        say(translate_text(warning))
    return made.value


def say_mended(mended: Sequence[Mended]) -> None:
    """Tell what the mending of slivers did."""
    for one in mended[:SHOWN]:
        say(f"mended {called(one.code, one.name)}: +{one.gained_m2:,.2f} m² −{one.lost_m2:,.2f} m²")
    if len(mended) > SHOWN:
        say(f"… {len(mended) - SHOWN} more grids mended (plan check --json)")


@click.command("export")
@plan_argument
@click.argument("file", type=NewFile())
@json_option
@with_database
def export_command(plan_id: UUID, file: Path, as_json: bool) -> None:
    """Write the grids that a plan changes into a GeoPackage: as they are (before) and as they would be (after)."""
    if file.suffix.lower() != ".gpkg":
        raise click.UsageError("FILE must end in .gpkg")
    with work(operator()) as session:
        before, after = export_plan(session, plan_id, file)
    row = {"file": str(file), "before": before, "after": after}
    answer(row, as_json, lambda row: f"{row['before']} grids before and {row['after']} after in {row['file']}")
