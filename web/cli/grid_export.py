"""`wangge grid export`: grids become a file for other programs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from core.db.session import work
from core.errors import Refused
from core.grids.exporting import export_grids
from gis.formats import Encoding
from web.cli.context import operator, with_database
from web.cli.grid_options import FILE, as_of_option
from web.cli.output import answer, json_option


@click.command("export")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--all-levels", is_flag=True, help="Every level, not the leaves alone.")
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gbk"]),
    default="utf-8",
    show_default=True,
    help="Encoding of a shapefile's table.",
)
@as_of_option
@json_option
@with_database
def export_command(
    code: str, file: Path, all_levels: bool, encoding: Encoding, as_of: dt.date | None, as_json: bool
) -> None:
    """Write grids into a GeoPackage (.gpkg), GeoJSON or Shapefile (.zip), vertex for vertex on the lattice."""
    if file.exists():
        raise Refused("%(file)s exists already; choose another name", file=str(file))
    with work(operator()) as session:
        count = export_grids(session, code, file, all_levels=all_levels, encoding=encoding, as_of=as_of)
    answer({"file": str(file), "grids": count}, as_json, lambda row: f"{row['grids']} grids in {row['file']}")
