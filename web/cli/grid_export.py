"""`wangge grid export`: grids become a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.db.session import work
from core.grids.exporting import ATTRIBUTES, USUAL, ExportOptions, export_grids
from core.grids.views import LEVELS
from gis.crs import CGCS2000
from web.cli.context import operator, with_database
from web.cli.grid_options import as_of_option
from web.cli.newfile import NewFile
from web.cli.output import answer, json_option


@click.command("export")
@click.argument("code")
@click.argument("file", type=NewFile())
@click.option("--all-levels", is_flag=True, help="Every level, not the leaves alone.")
@click.option(
    "--level", "levels", type=click.Choice(LEVELS), multiple=True, help="Grids of this level alone; may be repeated."
)
@click.option(
    "--attributes",
    default=",".join(USUAL),
    show_default=True,
    help=f"Columns in their order, of {', '.join(ATTRIBUTES)}.",
)
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
def export_command(
    code: str, file: Path, all_levels: bool, levels: tuple[str, ...], attributes: str, as_json: bool, **values: Any
) -> None:
    """Write grids, vertex for vertex, into a file by its ending: .gpkg, .geojson, .zip (a shapefile), .kml or .dxf.

    Of a GeoPackage and a shapefile in gcj02 or bd09 the file itself cannot say so: state it when you bring it in. A
    .dxf never says its system; it has closed lines and names, a layer for each level, and no attributes.
    """
    if all_levels and levels:
        raise click.UsageError("give --all-levels or --level, not both")
    columns = tuple(dict.fromkeys(name.strip() for name in attributes.split(",")))
    options = ExportOptions(levels=LEVELS if all_levels else levels, attributes=columns, **values)
    with work(operator()) as session:
        count = export_grids(session, code, file, options)
    answer({"file": str(file), "grids": count}, as_json, lambda row: f"{row['grids']} grids in {row['file']}")
