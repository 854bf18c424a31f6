"""`wangge grid export`: grids become a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.db.session import work
from core.errors import Refused
from core.grids.exporting import ExportOptions, export_grids
from gis.crs import CGCS2000
from web.cli.context import operator, with_database
from web.cli.grid_options import FILE, as_of_option
from web.cli.output import answer, json_option


@click.command("export")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--all-levels", is_flag=True, help="Every level, not the leaves alone.")
@click.option(
    "--crs",
    default=CGCS2000,
    show_default=True,
    help="EPSG code of a two-dimensional system (EPSG:4548), gcj02 or bd09.",
)
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
def export_command(code: str, file: Path, as_json: bool, **values: Any) -> None:
    """Write grids into a GeoPackage (.gpkg), GeoJSON (.geojson) or Shapefile (.zip), vertex for vertex.

    Of a GeoPackage and a shapefile in gcj02 or bd09 the file itself cannot say so: state it when you bring it in.
    """
    if file.exists():
        raise Refused("%(file)s exists already; choose another name", file=str(file))
    with work(operator()) as session:
        count = export_grids(session, code, file, ExportOptions(**values))
    answer({"file": str(file), "grids": count}, as_json, lambda row: f"{row['grids']} grids in {row['file']}")
